"""Tiers and stops of redemptions when two accounts become one: the better tier, the stricter stop."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huixue.kernel.policies import Clawback, LedgerPolicy, Tiers
from huixue.points.model import Frozen, TierStanding
from tests.unit.points.fakes import ANNA, BERTA, MAIN, NOW, local
from tests.unit.points.histories import SILVER_GOLD
from tests.unit.points.test_merging import adjust, line, merge, pair


@pytest.mark.parametrize(
    ("hers", "survivors", "tier"),
    [
        (60, 50, "silver"), (150, 150, "gold"), (350, 10, "gold"), (10, 350, "gold"),
        (10, 20, None),
    ],
)  # fmt: skip
def test_the_tier_is_what_the_points_of_both_say(
    hers: int, survivors: int, tier: str | None
) -> None:
    anna, berta = pair(LedgerPolicy(programme_id=MAIN, tiers=Tiers(tiers=SILVER_GOLD)))
    line(anna, "a", hers)
    line(berta, "b", survivors)

    old, new = merge(anna)

    assert anna.entries[-1].scene == "merge_out", "whoever leaves rises and falls no more"
    assert (old.qualifying, old.due_at) == ({}, None)
    standing = new.standing
    assert (standing.tier if standing else None) == tier
    assert new.qualifying == {"2026": hers + survivors}


@pytest.mark.parametrize("keeper", [ANNA, BERTA])
def test_a_tier_kept_from_last_year_is_kept_whoever_had_it(keeper: str) -> None:
    """Whatever each of them entered last: both accounts are as of now when they merge."""
    anna, berta = pair(LedgerPolicy(programme_id=MAIN, tiers=Tiers(tiers=SILVER_GOLD)))
    line(anna, "a", 350 if keeper == ANNA else 1)
    line(berta, "b", 350 if keeper == BERTA else 1)
    anna.clock.now = local("2027-02-01 00:00:00")
    line(anna, "c", 120)

    _, new = merge(anna)

    assert new.standing == TierStanding(period="2027", tier="gold", floor="gold")
    line(berta, "d", 0)
    line(anna, "c", 0)
    assert berta.account.standing is not None
    assert berta.account.standing.tier == "gold"


def test_a_floor_is_kept_also_where_it_gives_no_higher_tier_now() -> None:
    anna, berta = pair(LedgerPolicy(programme_id=MAIN, tiers=Tiers(tiers=SILVER_GOLD)))
    line(anna, "a", 120)
    anna.clock.now = local("2027-02-01 00:00:00")
    line(berta, "b", 150)

    _, new = merge(anna)
    line(berta, "b", 0)

    assert new.standing == TierStanding(period="2027", tier="silver", floor="silver")
    assert berta.account.standing is not None
    assert berta.account.standing.tier == "silver"


def test_nobody_gets_out_of_a_stop_by_merging() -> None:
    ban = Frozen(reason="refunds", since=NOW, until=NOW + timedelta(days=30))
    audit = Frozen(reason="audit", since=NOW)
    for hers, survivors, expected in (
        (ban, None, ban), (None, ban, ban), (ban, audit, audit), (audit, ban, audit),
        (ban, Frozen(reason="refunds", since=NOW, until=NOW), ban),
    ):  # fmt: skip
        anna, berta = pair()
        line(anna, "a", 1)
        line(berta, "b", 1)
        anna.ledger.freeze(ANNA, hers)
        anna.ledger.freeze(BERTA, survivors)

        _, new = merge(anna)

        assert new.frozen == expected


def test_debt_that_comes_along_stops_redemptions_where_the_programme_says_so() -> None:
    anna, berta = pair(LedgerPolicy(programme_id=MAIN, clawback=Clawback(shortfall="freeze")))
    line(berta, "b", 5)
    adjust(anna, -30)
    anna.ledger.freeze(ANNA, None)

    _, new = merge(anna)

    assert new.frozen == Frozen(reason="debt", since=NOW)
