"""Two accounts of one person become one: nothing is lost, nothing doubled, and nothing escaped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.kernel.ids import MemberId
from huixue.kernel.policies import Cap, Clawback, LedgerPolicy
from huixue.points import moving
from huixue.points.audit import violations
from huixue.points.model import Account, LinePostings
from huixue.points.posting import as_of
from huixue.points.rebuilding import differences, rebuilt
from huixue.points.use_cases import settle
from tests.unit.points.fakes import (
    ANNA,
    BERTA,
    MAIN,
    NOW,
    POLICY,
    FakeLedger,
    local,
    quote,
    recomputed,
)
from tests.unit.points.histories import History, Step, policies, steps


def pair(policy: LedgerPolicy = POLICY) -> tuple[History, History]:
    """Two members on one ledger, at one clock."""
    anna = History(policy)
    return anna, History(policy, clock=anna.clock, ledger=anna.ledger, member=BERTA)


def merge(anna: History) -> tuple[Account, Account]:
    anna.ledger.merge(ANNA, BERTA, policy=anna.policy, now=anna.clock.now)
    for member in (ANNA, BERTA):
        assert_merged_sound(anna.ledger, member)
    return anna.ledger.account(ANNA), anna.ledger.account(BERTA)


def assert_merged_sound(ledger: FakeLedger, member: str) -> None:
    account, entries = ledger.account(ANNA if member == ANNA else BERTA), ledger.entries_of(member)
    assert differences(account, rebuilt(account, entries)) == {}
    before = ledger.entries_of(ANNA) if member == BERTA else []
    assert violations(account, entries, recomputed, merged=before) == []


def line(history: History, name: str, points: int, bonus: int = 0) -> None:
    status = "due" if points else "void"
    history.pool.say(quote(name, status, points, owner=history.member, bonus=bonus))  # type: ignore[arg-type]  # one of two
    settle(history.member, ["o1"], quotes=history.pool, desk=history.desk)


def adjust(history: History, points: int) -> None:
    moving.adjust(history.member, MAIN, f"a{len(history.entries)}", points, {}, desk=history.desk)


def test_everything_moves_and_the_old_account_points_on() -> None:
    anna, berta = pair()
    line(anna, "a", 100)
    moving.open_hold(ANNA, MAIN, "h", 30, NOW + timedelta(days=1), {}, desk=anna.desk)
    anna.pool.say(quote("p", "pending", 9))
    settle(ANNA, ["o1"], quotes=anna.pool, desk=anna.desk)
    line(berta, "b", 7)

    old, new = merge(anna)

    assert (old.balance, old.pending, old.held, old.lots, old.holds) == (0, 0, 0, {}, {})
    assert (old.merged_into, old.due_at, old.lifetime, old.qualifying) == (BERTA, None, 0, {})
    assert (new.balance, new.pending, new.held, new.lifetime) == (77, 9, 30, 107)
    assert list(new.holds) == ["h"]
    assert (new.merged_from, new.due_at) == ((ANNA,), NOW + timedelta(days=1))


def test_the_hold_that_came_along_times_out_and_can_be_captured() -> None:
    for capture in (True, False):
        anna, berta = pair()
        line(anna, "a", 100)
        moving.open_hold(ANNA, MAIN, "h", 30, NOW + timedelta(days=1), {}, desk=anna.desk)
        merge(anna)
        if capture:
            moving.capture(ANNA, MAIN, "h", 30, {}, desk=anna.desk)
        anna.clock.later(days=2)

        assert berta.now.balance == (70 if capture else 100)
        assert berta.now.held == 0
        moving.enter_due(BERTA, desk=berta.desk)
        assert_merged_sound(anna.ledger, BERTA)


@pytest.mark.parametrize(
    ("hers", "survivors", "left"), [(-30, 100, 70), (100, -30, 70), (-30, 10, -20), (-5, -6, -11)]
)
def test_the_debt_of_one_is_paid_from_the_lots_of_the_other(
    hers: int, survivors: int, left: int
) -> None:
    anna, berta = pair()
    adjust(anna, hers)
    adjust(berta, survivors)

    _, new = merge(anna)

    assert new.balance == left
    assert (new.available, new.debt) == (max(0, left), max(0, -left))


def test_of_two_holds_under_one_id_one_is_released_and_no_point_is_lost() -> None:
    anna, berta = pair()
    until = anna.clock.now + timedelta(days=1)
    for each, points in ((anna, 10), (berta, 20)):
        adjust(each, 50)
        moving.open_hold(each.member, MAIN, "trial", points, until, {}, desk=each.desk)

    _, survivor = merge(anna)

    assert {name: hold.points for name, hold in survivor.holds.items()} == {"trial": 20}
    assert (survivor.held, survivor.available) == (20, 80)


def test_lots_and_debt_side_by_side_leave_together() -> None:
    policy = LedgerPolicy(programme_id=MAIN, clawback=Clawback(other_lots=False))
    anna, _ = pair(policy)
    line(anna, "a", 30)
    moving.spend(ANNA, MAIN, "s", 30, {}, desk=anna.desk)
    anna.clock.later(days=20)
    line(anna, "b", 50)
    line(anna, "a", 0)
    before = anna.account

    old, new = merge(anna)

    assert (before.available, before.debt) == (50, 30)
    assert (old.lots, old.balance, old.debt) == ({}, 0, 0)
    assert new.balance == 20


def test_counters_of_caps_add_up_in_the_same_window_and_the_newer_one_wins() -> None:
    policy = LedgerPolicy(
        programme_id=MAIN, caps=(Cap(cap_id="c", per="member", window="day", points=100),)
    )
    anna, berta = pair(policy)
    line(anna, "a", 60)
    line(berta, "b", 30)

    _, new = merge(anna)
    line(berta, "c", 50)

    assert new.caps == {"c": ("2026-11-20", 90)}
    assert berta.account.balance == 100


def test_what_was_due_before_the_merger_happened_before_it() -> None:
    anna, berta = pair()
    line(anna, "a", 100)
    line(berta, "b", 10)
    anna.clock.now = local("2027-12-05 00:00:00")

    old, new = merge(anna)

    assert (old.balance, new.balance) == (0, 0)
    assert [e.scene for e in anna.entries][-2:] == ["expiry", "merge_out"]
    assert [e.scene for e in berta.entries][-2:] == ["expiry", "merge_in"]
    assert all(e.number == n for n, e in enumerate(berta.entries, start=1))


def test_a_refund_after_a_merger_is_taken_from_the_survivor_to_the_point() -> None:
    anna, berta = pair()
    line(anna, "a", 100, bonus=20)
    line(berta, "b", 7)
    merge(anna)

    line(anna, "a", 50, bonus=10)

    assert berta.account.balance == 57
    assert berta.account.lots == {"2027-11-30|bonus": 10, "2027-11-30|order": 47}
    assert berta.entries[-1].source_key == "line#a#0002"


def test_a_survivor_of_two_mergers_names_all_that_went_into_it() -> None:
    anna, berta = pair()
    carla = MemberId("mem_carla")
    line(anna, "a", 9)
    merge(anna)

    berta.ledger.merge(ANNA, carla)

    assert berta.ledger.account(carla).merged_from == (ANNA, BERTA)
    assert moving.spend(carla, MAIN, "s", 9, {}, desk=berta.desk).account.balance == 0


def test_an_account_without_entries_merges_either_way() -> None:
    anna, berta = pair()
    line(berta, "b", 7)
    assert merge(anna)[1].balance == 7

    anna, berta = pair()
    line(anna, "a", 9)
    _, new = merge(anna)
    assert (new.balance, new.programme_id) == (9, MAIN)


@settings(max_examples=60)
@given(
    policies(),
    st.lists(steps(), max_size=7),
    st.lists(steps(), max_size=7),
    st.lists(steps(["quote", "spend", "capture", "job"]), max_size=5),
)
def test_a_merger_of_any_two_histories_loses_and_doubles_nothing(
    policy: LedgerPolicy, hers: list[Step], survivors: list[Step], later: list[Step]
) -> None:
    anna, berta = pair(policy)
    for step in hers:
        anna.take(step)
    berta.steps = 100
    for step in survivors:
        berta.take(
            Step(
                step.kind if step.kind != "quote" else "grant",
                step.after,
                step.number + 50,
                step.points,
            )
        )
    before = [as_of(each.account, policy, anna.clock.now) for each in (anna, berta)]

    old, new = merge(anna)

    assert (old.balance, old.available, old.debt, old.held, old.pending) == (0, 0, 0, 0, 0)
    assert new.balance == sum(each.balance for each in before)
    assert new.held == sum(each.held for each in before)
    assert new.pending == sum(each.pending for each in before)
    assert new.lifetime == sum(each.lifetime for each in before)
    assert set(new.holds) == {key for each in before for key in each.holds}
    anna.steps = 200
    for step in later:
        anna.take(step)
        assert_merged_sound(anna.ledger, BERTA)
    held = anna.ledger.standing(ANNA, list(anna.pool.now)).postings
    for name, each in anna.pool.now.items():
        if each.status != "parked":
            postings = held.get(name, LinePostings())
            assert postings.settled == (each.points if each.status == "due" else 0)
