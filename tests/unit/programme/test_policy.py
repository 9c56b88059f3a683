from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from huixue.kernel.policies import LedgerPolicy
from huixue.kernel.terms import CampaignTerms, Terms
from huixue.programme.model import Programme
from huixue.programme.policy import ledger_policy, terms_for
from huixue.programme.rules import programme_from
from tests.unit.programme.programmes import demo, full_data

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
BEGIN = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
END = datetime(2026, 11, 11, 16, 0, tzinfo=UTC)
PLUS_BEGIN = datetime(2026, 11, 9, 16, 0, tzinfo=UTC)


def full(**changed: Any) -> Programme:
    return programme_from(full_data() | changed)


def terms(room: str, platform: str, *, paid_at: datetime | None, now: datetime = NOW) -> Terms:
    found = terms_for(full(), 3, room, platform, None, paid_at=paid_at, now=now)
    assert found is not None
    return found


def ids(found: Terms) -> list[str]:
    return [each.campaign_id for each in found.campaigns]


def test_the_ledgers_policy_is_what_the_programme_says() -> None:
    programme = full(zone="Asia/Tokyo")
    policy = ledger_policy(programme, 3)

    assert (policy.programme_id, policy.version, policy.zone.key) == ("demo", 3, "Asia/Tokyo")
    for name in programme.points.__struct_fields__:
        assert getattr(policy, name) == getattr(programme.points, name)
        assert getattr(policy, name) != getattr(LedgerPolicy(), name), f"{name} is not tried"


def test_a_programme_that_says_nothing_has_the_ledgers_defaults() -> None:
    assert ledger_policy(demo(), 1) == LedgerPolicy(programme_id="demo", version=1)


def test_terms_pin_the_release_the_types_and_the_zone() -> None:
    found = terms("main", "taobao", paid_at=NOW)
    other = terms("guest", "douyin", paid_at=NOW)

    assert (found.release_after_days, found.credited_types) == (7, ("gift", "virtual"))
    assert (other.release_after_days, other.credited_types) == (0, ())
    assert found.zone_name == "Asia/Shanghai"


def test_a_campaign_is_pinned_as_it_is_in_force() -> None:
    assert terms("guest", "douyin", paid_at=BEGIN).campaigns == (
        CampaignTerms(
            campaign_id="double", kind="multiply", value=200, starts_at=BEGIN, ends_at=END
        ),
    )


_TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("paid_at", "found"),
    [
        (PLUS_BEGIN - _TICK, []), (PLUS_BEGIN, ["plus"]), (BEGIN - _TICK, ["plus"]),
        (BEGIN, ["double", "plus"]), (END - _TICK, ["double"]), (END, []),
    ],
)  # fmt: skip
def test_a_known_payment_has_the_campaigns_of_its_instant_in_their_order(
    paid_at: datetime, found: list[str]
) -> None:
    assert ids(terms("main", "taobao", paid_at=paid_at)) == found


def test_a_room_or_platform_the_campaign_does_not_name_has_none_of_it() -> None:
    assert ids(terms("guest", "douyin", paid_at=BEGIN)) == ["double"]


def test_an_unknown_payment_keeps_what_the_window_or_the_future_may_bring() -> None:
    ahead = BEGIN - timedelta(days=100)
    # 90 business days before today a campaign that ended at that day's first instant is over.
    over = END + timedelta(days=90)

    assert ids(terms("main", "taobao", paid_at=None, now=ahead)) == ["double", "plus"]
    assert ids(terms("main", "taobao", paid_at=None)) == ["double", "plus"]
    assert ids(terms("main", "taobao", paid_at=None, now=over - _TICK)) == ["double"]
    assert ids(terms("main", "taobao", paid_at=None, now=over)) == []


def test_a_window_from_the_confirmation_keeps_campaigns_longer() -> None:
    """30 days from the confirmation, which comes up to 60 days after the payment."""
    over = END + timedelta(days=90)

    assert ids(terms("guest", "douyin", paid_at=None, now=over - _TICK)) == ["double"]
    assert ids(terms("guest", "douyin", paid_at=None, now=over)) == []
