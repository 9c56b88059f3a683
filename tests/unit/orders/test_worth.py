"""Points of a line: campaigns in their order, exclusions, caps, and every amount recomputed from its explanation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.snapshots import TradeType
from huixue.kernel.terms import CampaignKind, CampaignTerms, Terms
from huixue.orders.amounts import facts_of
from huixue.orders.model import Line
from huixue.orders.worth import bonus_of, explanation_of, points_of
from tests.unit.orders.world import NOW, TERMS, an_order, line, ownership

PAID_AT = NOW - timedelta(days=10)


def campaign(kind: CampaignKind, value: int, name: str = "eleven") -> CampaignTerms:
    return CampaignTerms(
        campaign_id=name, kind=kind, value=value, starts_at=PAID_AT,
        ends_at=PAID_AT + timedelta(days=1),
    )  # fmt: skip


def explained(of: Line | None = None, **terms: Any) -> dict[str, Any]:
    order = replace(
        an_order(of or line("confirmed", 10000)), ownership=ownership(terms=replace(TERMS, **terms))
    )
    return explanation_of(order, facts_of(order)[0])


@pytest.mark.parametrize(
    ("campaigns", "points", "bonus"),
    [
        ((), 100, 0),
        ((campaign("multiply", 200),), 200, 100),
        ((campaign("add", 50),), 150, 50),
        ((campaign("fixed", 30),), 130, 30),
        ((campaign("multiply", 200), campaign("add", 50)), 250, 150),
        ((campaign("add", 50), campaign("multiply", 200)), 300, 200),
        ((campaign("fixed", 30), campaign("multiply", 200)), 230, 130),
    ],
)
def test_campaigns_count_in_the_order_they_are_written_in(
    campaigns: tuple[CampaignTerms, ...], points: int, bonus: int
) -> None:
    explanation = explained(campaigns=campaigns)

    assert (points_of(explanation), bonus_of(explanation)) == (points, bonus)
    assert [each["value"] for each in explanation.get("campaigns", [])] == [
        each.value for each in campaigns
    ]


def test_a_line_no_campaign_counts_for_is_explained_as_ever() -> None:
    assert list(explained(campaigns=(replace(campaign("add", 1), starts_at=NOW),))) == [
        "paid_fen", "freight_fen", "refunded_fen", "base_fen", "rule", "programme_version",
        "rate_milli", "multiplier_percent", "level", "rounding",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("paid_after", "counts"),
    [
        (timedelta(microseconds=-1), False),
        (timedelta(0), True),
        (timedelta(days=1, microseconds=-1), True),
        (timedelta(days=1), False),
    ],
)
def test_a_campaign_is_for_what_was_paid_in_its_time(paid_after: timedelta, counts: bool) -> None:
    explanation = explained(line(paid_at=PAID_AT + paid_after), campaigns=(campaign("add", 9),))

    assert ("campaigns" in explanation) == counts


def test_a_line_whose_payment_has_no_time_gets_no_campaign() -> None:
    assert "campaigns" not in explained(line(paid_at=None), campaigns=(campaign("add", 9),))


def test_a_refund_takes_the_bonus_with_its_base() -> None:
    campaigns = (campaign("multiply", 200), campaign("fixed", 30))

    partly = explained(line("confirmed", 10000, 5000), campaigns=campaigns)
    wholly = explained(line("confirmed", 10000, 10000), campaigns=campaigns)

    assert (points_of(partly), bonus_of(partly)) == (130, 80)
    assert (points_of(wholly), bonus_of(wholly)) == (0, 0)


@pytest.mark.parametrize("trade_type", ["sample", "zero_yuan", "draw", "virtual", "gift"])
def test_a_trade_of_another_type_is_worth_something_only_where_the_programme_says_so(
    trade_type: TradeType,
) -> None:
    of = line("confirmed", 10000, trade_type=trade_type)

    assert points_of(explained(of, campaigns=(campaign("fixed", 30),))) == 0
    assert points_of(explained(of, credited_types=(trade_type,))) == 100


def test_what_a_cap_kept_back_is_taken_off_the_bonus_first() -> None:
    explanation = explained(campaigns=(campaign("fixed", 30),))

    assert points_of({**explanation, "capped_points": 20}) == 110
    assert bonus_of({**explanation, "capped_points": 20}) == 10
    assert bonus_of({**explanation, "capped_points": 50}) == 0
    assert points_of({**explanation, "capped_points": 130}) == 0


KINDS: list[CampaignKind] = ["multiply", "add", "fixed"]
CAMPAIGNS = st.lists(
    st.builds(campaign, st.sampled_from(KINDS), st.integers(101, 1000)), max_size=4
).map(tuple)


def by_fractions(base_fen: int, terms: Terms) -> int:
    """The sum as a teacher would write it down."""
    if base_fen <= 0:
        return 0
    percent = Fraction(100)
    for each in terms.campaigns:
        if each.kind == "multiply":
            percent = percent * each.value / 100
        elif each.kind == "add":
            percent += each.value
    level = Fraction(terms.multiplier_percent, 100)
    worth = Fraction(base_fen, 100) * Fraction(terms.rate_milli, 1000) * level * percent / 100
    return floor(worth) + sum(each.value for each in terms.campaigns if each.kind == "fixed")


@given(
    st.integers(0, 1_000_000), st.integers(0, 1_000_000), st.integers(0, 5000),
    st.integers(100, 300), CAMPAIGNS,
)  # fmt: skip
def test_points_are_floored_once_at_the_end_and_never_lost_to_floats(
    paid: int, refunded: int, rate: int, percent: int, campaigns: tuple[CampaignTerms, ...]
) -> None:
    said = line("confirmed", paid, refunded)
    terms = replace(TERMS, rate_milli=rate, multiplier_percent=percent, campaigns=campaigns)

    explanation = explained(said, rate_milli=rate, multiplier_percent=percent, campaigns=campaigns)

    assert points_of(explanation) == by_fractions(paid - refunded, terms)
    without = by_fractions(paid - refunded, replace(terms, campaigns=()))
    assert bonus_of(explanation) == points_of(explanation) - without >= 0
