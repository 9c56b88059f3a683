"""Terms in the item of an order: read back as pinned, and small."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.terms import CampaignTerms, Terms
from huixue.orders.terms_records import short_text, terms_from, terms_map
from tests.unit.orders.test_records import CAMPAIGN, through_dynamodb
from tests.unit.orders.world import NOW, TERMS


def test_terms_that_say_nothing_special_take_no_room_and_older_ones_still_read() -> None:
    stored = terms_map(TERMS)
    older = {name: getattr(TERMS, name) for name in list(Terms.__dataclass_fields__)[:9]}

    assert not {"level", "release_after_days", "campaigns", "credited_types", "zone_name"} & set(
        stored
    )
    assert terms_from(stored) == terms_from(older) == TERMS


CAMPAIGNS = st.builds(
    CampaignTerms, campaign_id=st.just("c"), kind=st.sampled_from(["multiply", "add", "fixed"]),
    value=st.integers(1, 1000), starts_at=st.sampled_from([NOW, NOW + timedelta(microseconds=1)]),
    ends_at=st.just(NOW + timedelta(days=1)),
)  # fmt: skip


@given(
    st.lists(CAMPAIGNS, max_size=3), st.none() | st.text(max_size=3), st.integers(0, 30),
    st.sets(st.sampled_from(["sample", "gift"])),
)  # fmt: skip
def test_terms_read_back_as_they_were_pinned(
    campaigns: list[CampaignTerms], level: str | None, days: int, types: set[str]
) -> None:
    terms = replace(
        TERMS, campaigns=tuple(campaigns), level=level, release_after_days=days,
        credited_types=tuple(sorted(types)), zone_name="Asia/Tokyo" if level else "Asia/Shanghai",
    )  # fmt: skip

    assert terms_from(through_dynamodb(terms_map(terms))) == terms


def test_times_that_are_never_sorted_leave_out_an_empty_fraction() -> None:
    assert short_text(NOW) == "2026-11-20T04:00:00Z"
    assert short_text(CAMPAIGN.ends_at) == "2026-11-21T04:00:00.000001Z"
    assert short_text(None) is None
