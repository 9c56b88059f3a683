"""Holds: they count at once, end once, and a timeout comes at its instant (LG-M5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huixue.kernel.errors import NotFoundError, RuleError
from huixue.points import moving
from huixue.points.model import MAX_HOLDS
from huixue.points.movements import HoldResolvedError, TooManyHoldsError
from huixue.points.posting import InsufficientPointsError
from tests.unit.points.fakes import ANNA, MAIN, NOW, POLICY, local
from tests.unit.points.histories import History, assert_sound

UNTIL = NOW + timedelta(hours=1)


@pytest.fixture
def history() -> History:
    history = History(POLICY)
    moving.grant(ANNA, MAIN, "first", 5000, {}, desk=history.desk)
    return history


def hold(history: History, hold_id: str, points: int = 1000) -> None:
    moving.open_hold(ANNA, MAIN, hold_id, points, UNTIL, {}, desk=history.desk)
    assert_sound(history)


def capture(history: History, hold_id: str, points: int = 1000) -> moving.Moved:
    moved = moving.capture(ANNA, MAIN, hold_id, points, {}, desk=history.desk)
    assert_sound(history)
    return moved


def test_of_six_holds_of_a_thousand_on_five_thousand_the_sixth_is_refused(history: History) -> None:
    for number in range(5):
        hold(history, str(number))

    with pytest.raises(InsufficientPointsError):
        hold(history, "5")

    account = history.account
    assert (account.available, account.held, account.balance) == (0, 5000, 0)
    with pytest.raises(InsufficientPointsError):
        moving.spend(ANNA, MAIN, "s", 1, {}, desk=history.desk)


def test_a_capture_in_part_gives_the_rest_back(history: History) -> None:
    hold(history, "h")

    moved = capture(history, "h", 400)

    assert (moved.entry.points, moved.entry.held) == (600, -1000)
    assert (moved.account.available, moved.account.held) == (4600, 0)


def test_a_hold_ends_once(history: History) -> None:
    hold(history, "h")
    capture(history, "h")

    assert capture(history, "h").repeated
    with pytest.raises(HoldResolvedError) as refused:
        moving.release(ANNA, MAIN, "h", {}, desk=history.desk)
    assert refused.value.facts == {"resolution": "capture"}
    assert history.account.balance == 4000


def test_a_hold_that_was_released_cannot_be_captured(history: History) -> None:
    hold(history, "h")
    moving.release(ANNA, MAIN, "h", {}, desk=history.desk)

    with pytest.raises(HoldResolvedError) as refused:
        capture(history, "h")
    assert refused.value.facts == {"resolution": "release"}
    assert history.account.balance == 5000


def test_a_hold_can_be_captured_until_the_instant_before_its_end(history: History) -> None:
    hold(history, "h")
    history.clock.now = UNTIL - timedelta(microseconds=1)

    assert capture(history, "h").account.balance == 4000


@pytest.mark.parametrize("late", [timedelta(), timedelta(microseconds=1), timedelta(days=90)])
@pytest.mark.parametrize("entered", [True, False])
def test_from_its_end_on_a_hold_is_over_whether_that_was_entered_or_not(
    history: History, late: timedelta, entered: bool
) -> None:
    hold(history, "h")
    history.clock.now = UNTIL + late
    if entered:
        moving.enter_due(ANNA, desk=history.desk)

    assert (history.now.available, history.now.held) == (5000, 0)
    for again in range(2):
        with pytest.raises(HoldResolvedError) as refused:
            capture(history, "h")
        assert refused.value.facts == {"resolution": "hold_timeout"}, again
    with pytest.raises(HoldResolvedError):
        moving.release(ANNA, MAIN, "h", {}, desk=history.desk)
    if entered:
        assert history.entries[-1].effective_at == UNTIL


def test_points_of_a_hold_that_timed_out_can_be_spent_at_that_instant(history: History) -> None:
    hold(history, "h", 5000)
    history.clock.now = UNTIL

    moving.spend(ANNA, MAIN, "s", 5000, {}, desk=history.desk)

    assert [entry.scene for entry in history.entries] == ["grant", "hold", "hold_timeout", "spend"]
    assert_sound(history)


def test_a_hold_that_ends_now_or_before_is_refused(history: History) -> None:
    for until in (NOW, NOW - timedelta(seconds=1)):
        with pytest.raises(RuleError):
            moving.open_hold(ANNA, MAIN, "h", 1, until, {}, desk=history.desk)
    assert len(history.entries) == 1


def test_the_same_end_in_another_zone_is_the_same_request(history: History) -> None:
    end = local("2026-12-01 08:00:00")
    moving.open_hold(ANNA, MAIN, "h", 1, end, {}, desk=history.desk)

    there = end.astimezone(POLICY.zone)

    assert moving.open_hold(ANNA, MAIN, "h", 1, there, {}, desk=history.desk).repeated


def test_a_hold_nobody_opened_is_not_found(history: History) -> None:
    with pytest.raises(NotFoundError):
        capture(history, "h")
    with pytest.raises(NotFoundError):
        moving.release(ANNA, MAIN, "h", {}, desk=history.desk)


def test_a_hold_gives_no_more_than_it_holds(history: History) -> None:
    hold(history, "h")

    with pytest.raises(RuleError):
        capture(history, "h", 1001)
    assert history.account.held == 1000


def test_what_expired_while_it_was_held_comes_back_with_days_of_grace(history: History) -> None:
    end = local("2027-12-15 00:00:00")
    moving.open_hold(ANNA, MAIN, "h", 1000, end, {}, desk=history.desk)
    history.clock.now = local("2027-12-14 12:00:00")

    assert moving.release(ANNA, MAIN, "h", {}, desk=history.desk).account.lots == {
        "2027-12-21|grant": 1000
    }
    assert_sound(history)


def test_what_a_hold_gives_back_repays_debt_first(history: History) -> None:
    hold(history, "h")
    moving.adjust(ANNA, MAIN, "a", -4300, {}, desk=history.desk)

    moved = moving.release(ANNA, MAIN, "h", {}, desk=history.desk)

    assert (moved.account.available, moved.account.debt) == (700, 0)
    assert moved.entry.repays == "adjust#a"


def test_holds_are_bounded(history: History) -> None:
    for number in range(MAX_HOLDS):
        hold(history, str(number), 1)

    with pytest.raises(TooManyHoldsError):
        hold(history, "more", 1)
    capture(history, "0", 1)
    hold(history, "more", 1)
