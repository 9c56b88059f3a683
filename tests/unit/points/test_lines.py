"""Order lines: what makes the ledger agree with their worth, whatever happened to their points meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from huixue.kernel.events import LineQuote
from huixue.kernel.policies import Cap, Clawback, Expiry, LedgerPolicy
from huixue.points import moving
from huixue.points.lines import changes_for, transfer_out
from huixue.points.model import Entry, LinePostings
from huixue.points.posting import posted
from huixue.points.use_cases import settle
from tests.unit.points.fakes import ANNA, MAIN, NOW, POLICY, Status, local, quote
from tests.unit.points.histories import History, assert_sound

LOSES = LedgerPolicy(programme_id=MAIN, clawback=Clawback(shortfall="write_off"))
ORDER, BONUS = "2027-11-30|order", "2027-11-30|bonus"


def told(history: History, *quotes: LineQuote) -> list[Entry]:
    history.pool.say(*quotes)
    entries = settle(ANNA, ["o1"], quotes=history.pool, desk=history.desk)
    assert_sound(history)
    return entries


def line(
    history: History, status: Status, points: int, bonus: int = 0
) -> list[tuple[str, int, int, int]]:
    """Scene, points, capped and written off of each entry the line's new worth makes."""
    return [
        (entry.scene, entry.points, entry.capped, entry.written_off)
        for entry in told(history, quote("a", status, points, bonus=bonus))
    ]


def held(history: History) -> LinePostings:
    return history.ledger.standing(ANNA, ["a"]).postings["a"]


def spend(history: History, points: int, key: str = "s") -> None:
    moving.spend(ANNA, MAIN, key, points, {}, desk=history.desk)


def changes(
    *quotes: LineQuote, postings: Mapping[str, LinePostings] | None = None
) -> list[tuple[str, int, int]]:
    found = changes_for(quotes, postings or {}, policy=POLICY, today=NOW.date())
    return [(each.scene, each.points, each.pending) for each in found]


def test_pending_points_become_spendable_in_one_entry() -> None:
    history = History(POLICY)

    line(history, "pending", 70)
    assert (history.account.pending, history.account.available) == (70, 0)
    line(history, "due", 70)

    assert [(e.scene, e.points, e.pending) for e in history.entries] == [
        ("order_pending", 0, 70), ("order_accrual", 70, -70),
    ]  # fmt: skip


def test_pending_points_that_shrink_or_go_take_nothing_from_what_is_spendable() -> None:
    history = History(POLICY)
    told(history, quote("b", "due", 10))

    line(history, "pending", 70)
    line(history, "pending", 30)
    line(history, "void", 0)

    assert (history.account.pending, history.account.balance) == (0, 10)
    assert history.entries[-1].scene == "order_pending"


def test_a_parked_line_and_one_that_agrees_are_left_alone() -> None:
    history = History(POLICY)
    line(history, "due", 100)
    postings = {"a": held(history)}

    assert changes(quote("a", "parked", 0), postings=postings) == []
    assert changes(quote("a", "due", 100), postings=postings) == []
    assert changes(quote("z", "void", 0), quote("y", "due", 0)) == []


def test_a_line_that_swings_ends_with_one_net_credit_in_one_lot() -> None:
    history = History(POLICY)

    for points in (90, 0, 90, 0, 90):
        line(history, "due" if points else "void", points)
        history.clock.later(days=20)

    assert [entry.points for entry in history.entries] == [90, -90, 90, -90, 90]
    assert history.account.lifetime == 90
    assert history.account.lots == {ORDER: 90}
    assert held(history).peak == 90


def test_three_partial_refunds_never_take_more_than_was_credited() -> None:
    history = History(POLICY)

    for points in (100, 63, 26, 0):
        line(history, "due", points)

    assert [entry.points for entry in history.entries] == [100, -37, -37, -26]
    assert history.account.lots == {}


def test_a_bonus_is_a_lot_of_its_own_that_goes_with_its_base() -> None:
    history = History(POLICY)

    line(history, "due", 120, bonus=20)
    assert history.account.lots == {BONUS: 20, ORDER: 100}
    line(history, "due", 60, bonus=10)
    assert history.account.lots == {BONUS: 10, ORDER: 50}
    line(history, "void", 0)

    assert [(entry.bonus, dict(entry.lots)) for entry in history.entries] == [
        (20, {BONUS: 20, ORDER: 100}), (-10, {BONUS: -10, ORDER: -50}),
        (-10, {BONUS: -10, ORDER: -50}),
    ]  # fmt: skip


def test_a_bonus_lives_as_long_as_its_base() -> None:
    history = History(
        LedgerPolicy(
            programme_id=MAIN,
            expiry_of={"order": Expiry(method="days", after=1), "bonus": Expiry(method="never")},
        )
    )

    line(history, "due", 120, bonus=20)

    assert history.account.lots == {"2026-11-21|bonus": 20, "2026-11-21|order": 100}


def test_what_was_written_off_comes_back_to_the_point_and_no_further() -> None:
    history = History(LOSES)
    line(history, "due", 120, bonus=20)
    spend(history, 80)

    assert line(history, "void", 0) == [("order_clawback", -40, 0, 80)]
    assert (history.account.balance, history.account.debt, history.account.lifetime) == (0, 0, 0)
    assert line(history, "due", 120, bonus=20) == [("order_accrual", 40, 0, -80)]

    assert (history.account.balance, history.account.lifetime) == (40, 120)
    assert history.account.lots == {BONUS: 20, ORDER: 20}
    assert (held(history).settled, held(history).written_off, held(history).bonus) == (120, 0, 20)
    assert line(history, "due", 150, bonus=25) == [("order_accrual", 30, 0, 0)]
    assert history.account.balance == 70


def test_what_comes_back_in_lots_is_never_more_bonus_than_points() -> None:
    history = History(LOSES)
    line(history, "due", 120, bonus=20)
    spend(history, 110)
    line(history, "void", 0)

    assert line(history, "due", 120, bonus=20) == [("order_accrual", 10, 0, -110)]

    assert history.account.lots == {BONUS: 10}
    assert held(history).bonus == 20


@pytest.mark.parametrize("status", ["pending", "void"])
def test_a_line_that_is_due_no_more_gives_up_its_whole_bonus_whatever_it_may_be_worth_later(
    status: Status,
) -> None:
    history = History(POLICY)
    told(history, quote("b", "due", 50))
    line(history, "due", 120, bonus=20)

    told(history, quote("a", status, 120, bonus=20))

    assert history.account.lots == {ORDER: 50}
    assert (held(history).points, held(history).bonus) == (0, 0)


def test_a_part_of_what_was_written_off_comes_back_first_as_what_she_kept() -> None:
    history = History(LOSES)
    line(history, "due", 100)
    spend(history, 100)
    line(history, "void", 0)

    assert line(history, "due", 60) == [("order_write_off", 0, 0, -60)]
    assert line(history, "due", 100) == [("order_write_off", 0, 0, -40)]
    assert line(history, "void", 0) == [("order_clawback", 0, 0, 100)]
    assert (history.account.balance, history.account.lifetime) == (0, 0)


def test_a_loss_twice_over_is_one_loss() -> None:
    history = History(LOSES)
    line(history, "due", 100)
    spend(history, 100)
    for _ in range(3):
        line(history, "void", 0)
        line(history, "due", 100)
    told(history, quote("b", "due", 30))

    line(history, "void", 0)

    assert history.account.balance == 0
    assert (held(history).points, held(history).written_off) == (70, 70)
    assert sum(entry.points for entry in history.entries) == 0


def test_the_line_is_told_by_its_home_lot_and_its_source() -> None:
    history = History(POLICY)

    (entry,) = told(history, quote("a", "due", 100))

    assert entry.lot == ORDER
    assert entry.source == {
        "kind": "order_line", "line_id": "a", "platform": "taobao", "order_hint": "1234…56",
    }  # fmt: skip
    assert entry.source_key == "line#a#0001"
    assert entry.explanation == {"worth": 100}


def test_a_credit_after_the_lot_is_over_has_the_days_of_grace() -> None:
    history = History(POLICY)
    line(history, "due", 100)
    line(history, "void", 0)
    history.clock.now = local("2027-12-15 12:00:00")

    line(history, "due", 100)

    assert history.account.lots == {"2027-12-22|order": 100}
    assert history.entries[-1].lot == ORDER


def test_a_transfer_takes_everything_of_a_line_away() -> None:
    history = History(POLICY)
    line(history, "due", 120, bonus=20)
    told(history, quote("b", "pending", 9))

    for name in ("a", "b"):
        postings = history.ledger.standing(ANNA, [name]).postings[name]
        change = transfer_out(name, postings, {"dispute": "d"})
        account = history.account
        after, entries = posted(account, [change], policy=POLICY, now=NOW)
        history.ledger.post(account, after, entries, policy=POLICY, shared={})

    assert_sound(history)
    account = history.account
    assert (account.balance, account.pending, account.lots, account.lifetime) == (0, 0, {}, 0)
    assert [entry.scene for entry in history.entries[-2:]] == ["transfer_out"] * 2
    assert held(history).settled == held(history).bonus == 0


def test_a_transfer_takes_its_own_lots_and_gives_back_the_capacity_of_its_day() -> None:
    cap = Cap(cap_id="c", per="member", window="day", points=100)
    soon = {"adjust": Expiry(method="days", after=5)}
    history = History(LedgerPolicy(programme_id=MAIN, caps=(cap,), expiry_of=soon))
    line(history, "due", 130, bonus=40)
    history.clock.now = local("2026-12-20 12:00:00")
    moving.adjust(ANNA, MAIN, "x", 5, {}, desk=history.desk)
    told(history, quote("b", "due", 60))
    before = held(history)

    after, (entry,) = posted(
        history.account, [transfer_out("a", before, {})], policy=history.policy,
        now=history.clock.now,
    )  # fmt: skip

    assert (before.points, before.capped, before.bonus) == (100, 30, 10)
    assert dict(entry.lots) == {BONUS: -10, ORDER: -90}
    assert entry.caps == {"c|2026-11-20": -100}
    assert (entry.capped, entry.bonus) == (-30, -10)
    assert after.caps == {"c": ("2026-12-20", 60)}


def test_a_transfer_does_not_take_again_what_she_was_let_off() -> None:
    history = History(LOSES)
    line(history, "due", 100)
    spend(history, 100)
    line(history, "void", 0)
    told(history, quote("b", "due", 50))

    change = transfer_out("a", held(history), {})
    after, _ = posted(history.account, [change], policy=LOSES, now=NOW)

    assert after.balance == 50
    assert after.lifetime == 50


@pytest.mark.parametrize("status", ["due", "pending", "void"])
def test_another_credit_scene_is_used_for_credits_alone(status: Status) -> None:
    points = 0 if status == "void" else 50
    (change,) = changes_for(
        [quote("a", status, points)], {"a": LinePostings(count=1, points=20, lot=ORDER)},
        policy=POLICY, today=NOW.date(), credit_scene="transfer_in",
    )  # fmt: skip

    assert change.scene == ("transfer_in" if status == "due" else "order_clawback")
