"""Tiers from qualifying points: spending never lowers them, periods turn as the programme says (LG-M13)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.policies import Clawback, Downgrade, LedgerPolicy, Tiers
from huixue.points import moving, tiers
from huixue.points.model import TierStanding
from huixue.points.use_cases import settle
from tests.unit.points.fakes import ANNA, MAIN, Status, local, quote
from tests.unit.points.histories import SILVER_GOLD, History, assert_sound

YEARLY = Tiers(tiers=SILVER_GOLD)


def with_tiers(plan: Tiers, at: str = "2026-11-20 12:00:00") -> History:
    history = History(LedgerPolicy(programme_id=MAIN, tiers=plan))
    history.clock.now = local(at)
    return history


def line(history: History, name: str, points: int, status: Status = "due", bonus: int = 0) -> None:
    history.pool.say(quote(name, status, points, bonus=bonus))
    settle(ANNA, ["o1"], quotes=history.pool, desk=history.desk)
    assert_sound(history)


def tier(history: History) -> str | None:
    standing = history.now.standing
    return None if standing is None else standing.tier


def test_spending_does_not_lower_the_tier_and_a_clawback_does() -> None:
    history = with_tiers(YEARLY)
    line(history, "a", 300)

    moving.spend(ANNA, MAIN, "s", 300, {}, desk=history.desk)
    assert tier(history) == "gold"

    line(history, "a", 120)
    assert tier(history) == "silver"
    line(history, "a", 0, "void")
    assert tier(history) is None


def test_the_tier_comes_with_exactly_its_points_and_an_entry_of_its_own() -> None:
    history = with_tiers(YEARLY)

    line(history, "a", 99)
    assert tier(history) is None
    line(history, "b", 1)

    assert history.entries[-1].scene == "tier"
    assert history.entries[-1].points == 0
    assert history.entries[-1].source == {
        "kind": "tier", "from": None, "to": "silver", "period": "2026", "floor": None,
    }  # fmt: skip


def test_the_entry_keeps_what_the_tier_was_called_then() -> None:
    named = replace(YEARLY, tiers=tuple(replace(each, title="银卡") for each in YEARLY.tiers))
    history = with_tiers(named)

    line(history, "a", 100)

    assert history.entries[-1].source["title"] == "银卡"


def test_campaigns_points_and_grants_do_not_count() -> None:
    history = with_tiers(YEARLY)

    line(history, "a", 300, bonus=201)
    moving.grant(ANNA, MAIN, "g", 500, {}, desk=history.desk)
    moving.adjust(ANNA, MAIN, "a", 500, {}, desk=history.desk)

    assert history.account.qualifying == {"2026": 99}
    assert tier(history) is None


@pytest.mark.parametrize(
    ("downgrade", "by_year"),
    [
        ("one_step", ["gold", "gold", "silver", None, None]),
        ("by_points", ["gold", "gold", None, None, None]),
    ],
)
def test_a_tier_holds_to_the_end_of_the_next_year_and_then_falls(
    downgrade: Downgrade, by_year: list[str | None]
) -> None:
    history = with_tiers(Tiers(tiers=SILVER_GOLD, downgrade=downgrade))
    line(history, "a", 300)

    seen = []
    for year in range(2026, 2031):
        history.clock.now = local(f"{year}-12-31 23:59:59.999")
        seen.append(tier(history))

    assert seen == by_year


def test_the_year_turns_at_midnight_in_shanghai() -> None:
    history = with_tiers(Tiers(tiers=SILVER_GOLD, downgrade="by_points"), "2025-06-01 00:00:00")
    line(history, "a", 300)

    history.clock.now = local("2026-12-31 23:59:59.999")
    assert tier(history) == "gold"
    history.clock.now = local("2027-01-01 00:00:00")
    assert tier(history) is None


def test_points_of_the_new_year_are_added_to_what_is_kept() -> None:
    history = with_tiers(YEARLY)
    line(history, "a", 100)
    history.clock.now = local("2027-03-01 00:00:00")

    line(history, "b", 300)

    assert history.account.standing == TierStanding(period="2027", tier="gold", floor="silver")
    assert history.account.qualifying == {"2026": 100, "2027": 300}
    line(history, "b", 0, "void")
    assert tier(history) == "silver"


def test_a_refund_of_last_years_order_lowers_last_years_points() -> None:
    history = with_tiers(YEARLY)
    line(history, "a", 300)
    history.clock.now = local("2027-03-01 00:00:00")
    line(history, "b", 50)

    line(history, "a", 0, "void")

    assert history.account.qualifying == {"2027": 50}
    assert tier(history) == "gold", "what a year gave is hers to the end of the next"


def test_by_all_points_ever_no_year_turns() -> None:
    history = with_tiers(Tiers(tiers=SILVER_GOLD, period="lifetime"))
    line(history, "a", 150)

    history.clock.now = local("2046-01-01 00:00:00")
    line(history, "b", 150)

    assert tier(history) == "gold"
    assert history.account.qualifying == {"lifetime": 300}


def test_what_was_written_off_counts_no_more_and_what_was_recovered_counts_again() -> None:
    history = with_tiers(YEARLY)
    history.policy = LedgerPolicy(
        programme_id=MAIN, tiers=YEARLY, clawback=Clawback(shortfall="write_off")
    )
    line(history, "a", 350, bonus=50)
    moving.spend(ANNA, MAIN, "s", 350, {}, desk=history.desk)

    line(history, "a", 0, "void")
    assert (history.account.lifetime, history.account.qualifying, tier(history)) == (0, {}, None)
    line(history, "a", 350, bonus=50)

    assert (history.account.lifetime, history.account.qualifying) == (350, {"2026": 300})
    assert tier(history) == "gold"
    assert history.account.balance == 0


def test_a_tier_the_programme_no_longer_has_ranks_below_all() -> None:
    assert tiers.rank(YEARLY, "platinum") == tiers.rank(YEARLY, None) == -1
    gone = TierStanding(period="2026", tier="platinum")

    after = tiers.after_turn(YEARLY, gone, {"2026": 100}, local("2027-01-01 00:00:00").date())

    assert after.tier == "silver"


@given(
    st.sampled_from([None, "silver", "gold"]), st.sampled_from([None, "silver", "gold"]),
    st.integers(0, 400),
)  # fmt: skip
def test_two_standings_merge_to_the_higher_floor(
    one: str | None, other: str | None, points: int
) -> None:
    day = local("2026-06-01 00:00:00").date()
    standings = [TierStanding(period="2026", tier=each, floor=each) for each in (one, other)]

    floor = tiers.merged(YEARLY, standings[0], standings[1], day)
    after = tiers.after_points(YEARLY, floor, {"2026": points}, day)

    ranks = [tiers.rank(YEARLY, each) for each in (one, other, tiers.tier_for(YEARLY, points))]
    assert tiers.rank(YEARLY, after.tier) == max(ranks)
    assert tiers.merged(YEARLY, standings[0], None, day).floor == one


def test_the_floor_of_another_period_is_no_floor() -> None:
    day = local("2027-06-01 00:00:00").date()
    old = TierStanding(period="2026", tier="gold", floor="gold")

    assert tiers.after_points(YEARLY, old, {}, day) == TierStanding(period="2027")
    assert tiers.merged(YEARLY, old, old, day) == TierStanding(period="2027")


def test_points_of_two_periods_are_kept() -> None:
    assert tiers.counted({"2025": 1, "2026": 2}, {"2027": 3}) == {"2026": 2, "2027": 3}
    assert tiers.counted({"2026": 2}, {"2026": -2}) == {}


def test_a_posting_from_before_the_turn_of_the_year_takes_no_tier_away() -> None:
    begun = TierStanding(period="2027", tier="silver", floor="silver")
    late = local("2026-12-31 23:59:59").date()

    assert tiers.after_points(YEARLY, begun, {"2026": 200}, late) == begun
