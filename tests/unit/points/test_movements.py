"""Movements as values: what they take, where it goes back to, and what is no movement at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from huixue.kernel.errors import NotFoundError, RuleError
from huixue.points import movements
from huixue.points.changes import Change
from huixue.points.model import MAX_HOLDS, Account, Entry, Frozen, Hold
from huixue.points.movements import (
    AccountFrozenError,
    InDebtError,
    ReturnTooLargeError,
    TooManyHoldsError,
)
from huixue.points.posting import posted
from tests.unit.points.fakes import ANNA, NOW, POLICY, credit, local

EARLY, LATE = "2026-12-31|order", "2027-11-30|order"
TODAY = NOW.date()


def rich() -> Account:
    return posted(
        Account(member_id=ANNA), [credit(10, key="1", lot=LATE), credit(10, key="2", lot=EARLY)],
        policy=POLICY, now=NOW,
    )[0]  # fmt: skip


def spent(points: int) -> tuple[Account, Entry]:
    account, (entry,) = posted(
        rich(), [movements.spend("s", points, {"gift": "g"})], policy=POLICY, now=NOW
    )
    return account, entry


@pytest.mark.parametrize("points", [0, -1, -1000])
@pytest.mark.parametrize(
    "move",
    [
        lambda points: movements.spend("s", points, {}),
        lambda points: movements.hold("h", points, NOW, {}),
        lambda points: movements.grant("g", points, TODAY, POLICY, {}),
        lambda points: movements.spend_return(spent(5)[1], [], "r", points, {}),
    ],
)
def test_nobody_moves_nothing_or_less(move: Callable[[int], Change], points: int) -> None:
    with pytest.raises(RuleError):
        move(points)


def test_an_adjustment_goes_either_way_but_not_nowhere() -> None:
    up = movements.adjustment("a", 5, TODAY, POLICY, {"reason": "r"})
    down = movements.adjustment("a", -5, TODAY, POLICY, {})

    assert (up.points, up.lots_in, up.shortfall) == (5, {"2027-11-30|adjust": 5}, "policy")
    assert (down.points, down.lots_in) == (-5, {})
    assert up.source == {"kind": "adjustment", "adjustment_id": "a", "points": 5, "reason": "r"}
    with pytest.raises(RuleError):
        movements.adjustment("a", 0, TODAY, POLICY, {})


def test_a_return_goes_back_to_its_lots_those_that_end_last_first() -> None:
    _, entry = spent(15)

    change = movements.spend_return(entry, [], "r", 7, {"why": "cancelled"})

    assert entry.lots == {EARLY: -10, LATE: -5}
    assert change.lots_in == {LATE: 5, EARLY: 2}
    assert change.source_key == "return#spend#s#r"
    assert change.source["from_lots"] == {EARLY: 2, LATE: 5}


@pytest.mark.parametrize("wrong", ["", "a#b", "x" * 65])
def test_an_id_that_could_be_taken_for_a_part_of_another_key_is_refused(wrong: str) -> None:
    _, entry = spent(15)

    with pytest.raises(RuleError):
        movements.spend(wrong, 5, {})
    with pytest.raises(RuleError):
        movements.hold(wrong, 5, NOW, {})
    with pytest.raises(RuleError):
        movements.spend_return(entry, [], wrong, 5, {})


def test_returns_together_bring_back_what_was_spent_and_no_more() -> None:
    account, entry = spent(15)
    returned: list[Entry] = []
    for number, points in enumerate((7, 3, 5)):
        change = movements.spend_return(entry, returned, str(number), points, {})
        account, more = posted(account, [change], policy=POLICY, now=NOW)
        returned += more

    assert account.lots == rich().lots
    with pytest.raises(ReturnTooLargeError) as refused:
        movements.spend_return(entry, returned, "4", 1, {})
    assert refused.value.facts == {"most": 0}


def test_a_return_in_time_has_its_old_expiry_and_a_late_one_days_of_grace() -> None:
    account, entry = spent(10)
    change = movements.spend_return(entry, [], "r", 10, {})

    timely, _ = posted(account, [change], policy=POLICY, now=local("2026-12-31 23:59:59.999"))
    late, (back,) = posted(account, [change], policy=POLICY, now=local("2027-01-01 00:00:00"))

    assert timely.lots == {LATE: 10, EARLY: 10}
    assert late.lots == {LATE: 10, "2027-01-08|order": 10}
    assert back.lots == {"2027-01-08|order": 10}, "the entry records the grace"
    assert back.source["from_lots"] == {EARLY: 10}, "and where they came from"


def test_a_return_in_parts_after_grace_counts_by_the_lots_of_the_spend() -> None:
    account, entry = spent(10)
    first = movements.spend_return(entry, [], "1", 4, {})
    account, returned = posted(account, [first], policy=POLICY, now=local("2027-02-01 00:00:00"))

    with pytest.raises(ReturnTooLargeError):
        movements.spend_return(entry, returned, "2", 7, {})
    assert movements.spend_return(entry, returned, "2", 6, {}).points == 6


@pytest.mark.parametrize("scene", ["hold", "release", "hold_timeout", "adjustment", "expiry"])
def test_only_what_was_spent_can_come_back(scene: str) -> None:
    _, entry = spent(10)

    with pytest.raises(NotFoundError):
        movements.spend_return(replace(entry, scene=scene), [], "r", 1, {})  # type: ignore[arg-type]  # any of them


def holding() -> Account:
    return posted(
        rich(), [movements.hold("h", 15, local("2026-12-01 00:00:00"), {})], policy=POLICY, now=NOW
    )[0]


def test_a_hold_counts_at_once_and_remembers_its_lots() -> None:
    account = holding()

    assert (account.available, account.held, account.balance) == (5, 15, 5)
    assert account.holds == {
        "h": Hold(until=local("2026-12-01 00:00:00"), lots={EARLY: 10, LATE: 5})
    }


@pytest.mark.parametrize(
    ("captured", "taken", "back"),
    [
        (15, {EARLY: 10, LATE: 5}, {}),
        (12, {EARLY: 10, LATE: 2}, {LATE: 3}),
        (3, {EARLY: 3}, {EARLY: 7, LATE: 5}),
        (0, {}, {EARLY: 10, LATE: 5}),
    ],
)
def test_a_capture_spends_what_ends_first_and_gives_back_the_rest(
    captured: int, taken: dict[str, int], back: dict[str, int]
) -> None:
    change = movements.resolution(holding(), "h", captured, "capture", {})
    account, (entry,) = posted(holding(), [change], policy=POLICY, now=NOW)

    assert entry.source["taken"] == taken
    assert entry.lots == back
    assert (entry.points, entry.held) == (15 - captured, -15)
    assert (account.balance, account.held, account.holds) == (20 - captured, 0, {})


@pytest.mark.parametrize("captured", [16, -1])
def test_a_hold_gives_at_most_what_it_holds(captured: int) -> None:
    with pytest.raises(RuleError):
        movements.resolution(holding(), "h", captured, "capture", {})


def test_a_hold_that_is_not_open_cannot_be_resolved() -> None:
    with pytest.raises(NotFoundError):
        movements.resolution(holding(), "x", 1, "capture", {})


def test_a_capture_can_be_given_back_as_far_as_it_took() -> None:
    change = movements.resolution(holding(), "h", 12, "capture", {})
    account, (captured,) = posted(holding(), [change], policy=POLICY, now=NOW)

    back = movements.spend_return(captured, [], "r", 12, {})
    after, _ = posted(account, [back], policy=POLICY, now=NOW)

    assert after.lots == rich().lots
    with pytest.raises(ReturnTooLargeError):
        movements.spend_return(captured, [], "r", 13, {})


def test_who_is_stopped_or_in_debt_cannot_redeem() -> None:
    stopped = replace(rich(), frozen=Frozen(reason="audit", since=NOW))
    indebted = replace(rich(), balance=-5)

    with pytest.raises(AccountFrozenError) as refused:
        movements.may_redeem(stopped, NOW)
    assert refused.value.facts == {"reason": "audit"}
    with pytest.raises(InDebtError):
        movements.may_redeem(indebted, NOW)
    for account in (stopped, indebted):
        with pytest.raises(RuleError):
            movements.may_hold(account, NOW)
    movements.may_hold(rich(), NOW)


def test_holds_of_one_member_are_bounded() -> None:
    one = Hold(until=NOW, lots={LATE: 1})
    full = replace(rich(), holds={str(number): one for number in range(MAX_HOLDS)})
    nearly = replace(rich(), holds={str(number): one for number in range(MAX_HOLDS - 1)})

    movements.may_hold(nearly, NOW)
    with pytest.raises(TooManyHoldsError):
        movements.may_hold(full, NOW)
    movements.may_redeem(full, NOW)
