"""Rewards of days, milestones and tasks, and days made up for: as values, and as what they do to an account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.kernel.errors import RuleError
from huixue.kernel.policies import Cap, Expiry, LedgerPolicy, Tiers
from huixue.points import movements
from huixue.points.changes import Change
from huixue.points.model import Account, Scene
from huixue.points.posting import InsufficientPointsError, posted
from tests.unit.points.fakes import ANNA, NOW, POLICY, clawback, credit
from tests.unit.points.histories import SILVER_GOLD

TODAY = NOW.date()
DAY = "check_in#2026-11-20"
EMPTY = Account(member_id=ANNA)


def reward(
    points: int,
    scene: Scene = "check_in",
    *,
    policy: LedgerPolicy = POLICY,
    sheet: str | None = None,
) -> Change:
    return movements.reward(DAY, scene, points, TODAY, policy, {"days": 7}, check_in_sheet=sheet)


@pytest.mark.parametrize("scene", ["check_in", "check_in_streak", "check_in_total", "task"])
def test_a_reward_is_earned_in_a_lot_of_its_own_class_with_its_own_expiry(scene: Scene) -> None:
    policy = replace(POLICY, expiry_of={"check_in": Expiry(method="days", after=3)})

    account, (entry,) = posted(EMPTY, [reward(5, scene, policy=policy)], policy=policy, now=NOW)

    assert account.lots == {"2026-11-23|check_in": 5}
    assert (entry.scene, entry.points, entry.earned, account.lifetime) == (scene, 5, 5, 5)
    kind = "task" if scene == "task" else "check_in"
    assert entry.source == {"kind": kind, "days": 7}


def test_a_reward_does_not_count_for_tiers() -> None:
    policy = replace(POLICY, tiers=Tiers(tiers=SILVER_GOLD))

    account, entries = posted(EMPTY, [reward(1000, policy=policy)], policy=policy, now=NOW)

    assert (account.qualifying, account.standing, len(entries)) == ({}, None, 1)


def test_a_day_that_brings_no_points_makes_its_entry_all_the_same() -> None:
    indebted, _ = posted(EMPTY, [clawback(9, key="c")], policy=POLICY, now=NOW)

    for before in (EMPTY, indebted):
        account, (entry,) = posted(before, [reward(0)], policy=POLICY, now=NOW)
        assert (entry.points, entry.lots, entry.earned) == (0, {}, 0)
        assert (account.lots, account.debt) == (before.lots, before.debt)


@pytest.mark.parametrize("scene", ["check_in", "check_in_streak", "check_in_total", "task"])
def test_a_cap_may_name_a_scene_of_check_ins_and_cuts_it_alone(scene: Scene) -> None:
    cap = Cap(cap_id="c", per="member", window="day", points=3, scenes=(scene,))
    policy = replace(POLICY, caps=(cap,))
    other: Scene = "task" if scene == "check_in" else "check_in"

    _, (cut,) = posted(EMPTY, [reward(5, scene)], policy=policy, now=NOW)
    _, (free,) = posted(EMPTY, [reward(5, other)], policy=policy, now=NOW)

    assert (cut.points, cut.capped, cut.lots) == (3, 2, {"2027-11-30|check_in": 3})
    assert (free.points, free.capped) == (5, 0)


def test_a_cap_that_leaves_nothing_leaves_the_entry_and_its_sheet() -> None:
    cap = Cap(cap_id="c", per="member", window="day", points=0)
    policy = replace(POLICY, caps=(cap,))

    account, (entry,) = posted(EMPTY, [reward(5, sheet="now")], policy=policy, now=NOW)

    assert (entry.points, entry.capped, entry.lots, account.check_in_sheet) == (0, 5, {}, "now")


def test_a_make_up_takes_what_ends_first_and_names_its_price() -> None:
    rich, _ = posted(
        EMPTY, [credit(9, key="a"), credit(4, key="b", lot="2026-12-31|order")],
        policy=POLICY, now=NOW,
    )  # fmt: skip
    change = movements.make_up(DAY, 6, {"date": "2026-11-20"}, check_in_sheet="now")

    account, (entry,) = posted(rich, [change], policy=POLICY, now=NOW)

    assert entry.lots == {"2026-12-31|order": -4, "2027-11-30|order": -2}
    assert (entry.scene, entry.points, account.balance) == ("make_up", -6, 7)
    assert (account.lifetime, entry.earned) == (13, 0), "spending does not lower what was earned"
    assert entry.source == {"kind": "check_in", "price": 6, "date": "2026-11-20"}


def test_a_make_up_that_her_lots_do_not_cover_is_refused_whatever_clawbacks_may() -> None:
    rich, _ = posted(EMPTY, [credit(5, key="a")], policy=POLICY, now=NOW)

    with pytest.raises(InsufficientPointsError):
        posted(
            rich, [movements.make_up(DAY, 6, {}, check_in_sheet="x")], policy=POLICY, now=NOW
        )  # fmt: skip


def test_a_make_up_for_nothing_needs_no_points() -> None:
    change = movements.make_up(DAY, 0, {}, check_in_sheet="now")

    account, (entry,) = posted(EMPTY, [change], policy=POLICY, now=NOW)

    assert (entry.points, entry.lots, account.check_in_sheet) == (0, {}, "now")


def test_nobody_is_rewarded_or_priced_below_nothing() -> None:
    with pytest.raises(RuleError):
        reward(-1)
    with pytest.raises(RuleError):
        movements.make_up(DAY, -1, {}, check_in_sheet="x")


def test_the_sheet_goes_from_the_change_to_the_entry_to_the_account_and_stays() -> None:
    changes = [
        reward(1, sheet="first"),
        replace(reward(1, "check_in_streak"), source_key="b"),
        replace(reward(1, "check_in_total", sheet=""), source_key="c"),
        credit(1, key="d"),
    ]

    account, entries = posted(EMPTY, changes, policy=POLICY, now=NOW)
    later, _ = posted(account, [credit(1, key="e")], policy=POLICY, now=NOW)

    assert [entry.check_in_sheet for entry in entries] == ["first", None, None, None]
    assert (account.check_in_sheet, later.check_in_sheet) == ("first", "first")


def test_a_reward_of_a_day_before_what_was_counted_last_uses_the_newest_window() -> None:
    """After midnight an order was credited, then a day was marked that goes on until 04:00."""
    cap = Cap(cap_id="c", per="member", window="day", points=9)
    policy = replace(POLICY, caps=(cap,))
    counted = replace(EMPTY, caps={"c": (TODAY.isoformat(), 6)})
    late = movements.reward(DAY, "check_in", 5, TODAY - timedelta(days=1), policy, {})

    account, (entry,) = posted(counted, [late], policy=policy, now=NOW)

    assert (entry.points, entry.capped, account.caps) == (3, 2, {"c": (TODAY.isoformat(), 9)})
    assert entry.business_date == TODAY - timedelta(days=1)
