"""Several changes that are one movement: all at once, once for ever, under the key of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from huixue.kernel.errors import ContentionError, MismatchError
from huixue.kernel.policies import LedgerPolicy
from huixue.points import movements, moving
from huixue.points.changes import Change
from huixue.points.moving import MAX_ROUNDS, Entered
from huixue.points.ports import LedgerDesk, Seat
from huixue.points.posting import InsufficientPointsError
from tests.unit.points.fakes import ANNA, BERTA, MAIN, NOW, POLICY, loses
from tests.unit.points.histories import History, assert_sound

KEY = "check_in#2026-11-20"


def checked_in(
    history: History, *, base: int = 2, asked: Mapping[str, object] | None = None,
    added: Mapping[str, object] | None = None,
) -> Entered:  # fmt: skip
    said = {"date": "2026-11-20"} if asked is None else asked

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Sequence[Change]:
        today, sheet = now.date(), f"{seat.account.check_in_sheet}+20"
        request = {**said, **(added or {})}
        return [
            movements.reward(KEY, "check_in", base, today, policy, request, check_in_sheet=sheet),
            movements.reward(f"{KEY}#run-7", "check_in_streak", 20, today, policy, {"days": 7}),
            movements.reward(f"{KEY}#sum-15", "check_in_total", 50, today, policy, {"days": 15}),
        ]

    return moving.entered(history.member, MAIN, KEY, said, plan, desk=history.desk)


def test_all_changes_are_entered_in_one_posting_in_their_order() -> None:
    history = History(POLICY)

    done = checked_in(history)

    assert [entry.scene for entry in done.entries] == [
        "check_in",
        "check_in_streak",
        "check_in_total",
    ]
    assert (done.repeated, done.account.balance, done.account.check_in_sheet) == (False, 72, "+20")
    assert (history.ledger.postings_made, history.account.version) == (1, 1)
    assert_sound(history)


def test_what_was_due_is_entered_with_them_and_is_not_among_them() -> None:
    history = History(POLICY)
    moving.open_hold(ANNA, MAIN, "h", 1, NOW + timedelta(hours=1), {}, desk=rich(history))
    history.clock.later(hours=2)

    done = checked_in(history)

    assert [entry.source_key for entry in done.entries] == [KEY, f"{KEY}#run-7", f"{KEY}#sum-15"]
    assert [entry.scene for entry in history.entries[2:]] == [
        "hold_timeout", "check_in", "check_in_streak", "check_in_total",
    ]  # fmt: skip


def rich(history: History) -> LedgerDesk:
    moving.grant(ANNA, MAIN, "g", 100, {}, desk=history.desk)
    return history.desk


def test_the_same_again_is_the_first_entry_alone_whatever_the_rules_say_now() -> None:
    history = History(POLICY)
    first = checked_in(history, added={"streak": 7, "rewards": [{"days": 7}], "run_from": "x"})
    history.clock.later(days=400)

    again = checked_in(history, base=99)

    assert (again.repeated, list(again.entries)) == (True, [first.entries[0]])
    assert again.account == history.now
    assert history.ledger.postings_made == 1


@pytest.mark.parametrize("name", ["streak", "rewards", "price", "made_up", "run_from", "title"])
def test_what_the_programme_added_is_not_part_of_the_request(name: str) -> None:
    history = History(POLICY)
    checked_in(history, added={name: 1})

    assert checked_in(history).repeated


@pytest.mark.parametrize("asked", [{"date": "2026-11-21"}, {}, {"date": "2026-11-20", "x": 1}])
def test_another_request_under_the_key_is_refused(asked: dict[str, object]) -> None:
    history = History(POLICY)
    checked_in(history)

    with pytest.raises(MismatchError):
        checked_in(history, asked=asked)


def test_none_is_entered_where_one_is_refused() -> None:
    history = History(POLICY)

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Sequence[Change]:
        del seat
        return [
            movements.reward(f"{KEY}#base", "check_in", 5, now.date(), policy, {}),
            movements.make_up(KEY, 6, {}, check_in_sheet="x"),
        ]

    with pytest.raises(InsufficientPointsError):
        moving.entered(ANNA, MAIN, KEY, {}, plan, desk=history.desk)

    assert (history.entries, history.account.version) == ([], 0)


def test_who_loses_a_round_plans_again_on_the_account_as_it_is_then() -> None:
    history = History(POLICY)

    def somebody() -> None:
        sheet = movements.reward(
            "check_in#2026-11-19", "check_in", 1, NOW.date(), POLICY, {}, check_in_sheet="19"
        )
        moving.entered(ANNA, MAIN, sheet.source_key, {}, lambda *_: [sheet], desk=history.desk)

    history.ledger.before_post = [somebody]

    done = checked_in(history)

    assert done.account.check_in_sheet == "19+20"
    assert_sound(history)


def test_the_same_day_at_once_is_entered_once() -> None:
    history = History(POLICY)

    def somebody() -> None:
        checked_in(history)

    history.ledger.before_post = [somebody]

    done = checked_in(history)

    assert done.repeated
    assert [entry.scene for entry in history.entries].count("check_in") == 1
    assert_sound(history)


def test_a_lost_reply_is_found_done() -> None:
    history = History(POLICY)

    def dies() -> None:
        raise ConnectionError

    history.ledger.after_post = [dies]
    with pytest.raises(ConnectionError):
        checked_in(history)

    assert checked_in(history).repeated
    assert history.account.balance == 72


def test_a_day_that_a_merged_account_had_is_found_there() -> None:
    history = History(POLICY)
    checked_in(history)
    history.ledger.merge(ANNA, BERTA)
    history.member = BERTA

    assert checked_in(history).repeated
    assert history.account.balance == 72


def test_who_always_loses_gives_up() -> None:
    history = History(POLICY)
    rich(history)
    history.ledger.before_post = loses(MAX_ROUNDS, history.ledger)

    with pytest.raises(ContentionError):
        checked_in(history)
