"""The idempotency contract of every movement (LG-M3), and what others may do between reading and posting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from huixue.kernel.errors import ContentionError, MismatchError
from huixue.points import moving
from huixue.points.moving import MAX_ROUNDS, Moved
from huixue.points.ports import LedgerDesk
from tests.unit.points.fakes import ANNA, BERTA, MAIN, NOW, POLICY, desk_of, loses
from tests.unit.points.histories import History, assert_sound

UNTIL = NOW + timedelta(days=1)


def with_points(points: int = 5000) -> History:
    history = History(POLICY)
    moving.grant(ANNA, MAIN, "first", points, {}, desk=history.desk)
    return history


@dataclass(frozen=True)
class Kind:
    """A movement: how it is asked for, and the same key with one field of the request changed."""

    name: str
    ask: Callable[[LedgerDesk], Moved]
    otherwise: dict[str, Callable[[LedgerDesk], Moved]]


KINDS = [
    Kind(
        "spend",
        lambda desk: moving.spend(ANNA, MAIN, "k", 10, {"gift": "g"}, desk=desk),
        {
            "points": lambda desk: moving.spend(ANNA, MAIN, "k", 11, {"gift": "g"}, desk=desk),
            "gift": lambda desk: moving.spend(ANNA, MAIN, "k", 10, {"gift": "h"}, desk=desk),
        },
    ),
    Kind(
        "hold",
        lambda desk: moving.open_hold(ANNA, MAIN, "k", 10, UNTIL, {"gift": "g"}, desk=desk),
        {
            "points": lambda desk: moving.open_hold(ANNA, MAIN, "k", 9, UNTIL, {"gift": "g"}, desk=desk),
            "until": lambda desk: moving.open_hold(
                ANNA, MAIN, "k", 10, UNTIL + timedelta(seconds=1), {"gift": "g"}, desk=desk
            ),
            "gift": lambda desk: moving.open_hold(ANNA, MAIN, "k", 10, UNTIL, {"gift": "h"}, desk=desk),
        },
    ),
    Kind(
        "capture",
        lambda desk: moving.capture(ANNA, MAIN, "held", 60, {"by": "x"}, desk=desk),
        {
            "captured": lambda desk: moving.capture(ANNA, MAIN, "held", 59, {"by": "x"}, desk=desk),
            "by": lambda desk: moving.capture(ANNA, MAIN, "held", 60, {"by": "y"}, desk=desk),
        },
    ),
    Kind(
        "release",
        lambda desk: moving.release(ANNA, MAIN, "held", {"by": "x"}, desk=desk),
        {"by": lambda desk: moving.release(ANNA, MAIN, "held", {"by": "y"}, desk=desk)},
    ),
    Kind(
        "give_back",
        lambda desk: moving.give_back(ANNA, MAIN, "spend#done", "k", 10, {"by": "x"}, desk=desk),
        {
            "points": lambda desk: moving.give_back(ANNA, MAIN, "spend#done", "k", 9, {"by": "x"}, desk=desk),
            "by": lambda desk: moving.give_back(ANNA, MAIN, "spend#done", "k", 10, {"by": "y"}, desk=desk),
        },
    ),
    Kind(
        "adjust",
        lambda desk: moving.adjust(ANNA, MAIN, "k", -10, {"reason": "r"}, desk=desk),
        {
            "points": lambda desk: moving.adjust(ANNA, MAIN, "k", 10, {"reason": "r"}, desk=desk),
            "reason": lambda desk: moving.adjust(ANNA, MAIN, "k", -10, {"reason": "s"}, desk=desk),
        },
    ),
    Kind(
        "grant",
        lambda desk: moving.grant(ANNA, MAIN, "k", 10, {"reason": "r"}, desk=desk),
        {
            "points": lambda desk: moving.grant(ANNA, MAIN, "k", 11, {"reason": "r"}, desk=desk),
            "reason": lambda desk: moving.grant(ANNA, MAIN, "k", 10, {"reason": "s"}, desk=desk),
        },
    ),
]  # fmt: skip
ALL = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def prepared() -> History:
    """Points, a hold of 100 and a spend of 100."""
    history = with_points()
    moving.open_hold(ANNA, MAIN, "held", 100, UNTIL, {}, desk=history.desk)
    moving.spend(ANNA, MAIN, "done", 100, {}, desk=history.desk)
    return history


def void(_: object) -> None:
    return None


@ALL
@pytest.mark.parametrize("later", [timedelta(), timedelta(minutes=11), timedelta(days=900)])
def test_the_same_request_gets_the_entry_it_made_the_first_time(
    kind: Kind, later: timedelta
) -> None:
    history = prepared()
    first = kind.ask(history.desk)
    moving.spend(ANNA, MAIN, "other", 1, {}, desk=history.desk)
    history.clock.now += later

    again = kind.ask(history.desk)

    assert (first.repeated, again.repeated) == (False, True)
    assert again.entry == first.entry
    assert again.account == history.now
    assert_sound(history)


@ALL
@pytest.mark.parametrize("later", [timedelta(), timedelta(days=900)])
def test_another_request_under_the_same_key_is_refused_and_names_the_field(
    kind: Kind, later: timedelta
) -> None:
    history = prepared()
    kind.ask(history.desk)
    before = history.account
    history.clock.now += later

    for name, otherwise in kind.otherwise.items():
        with pytest.raises(MismatchError) as refused:
            otherwise(history.desk)
        assert refused.value.facts == {"field": name}

    assert history.account == before


def test_a_request_that_leaves_a_field_out_is_another_request() -> None:
    history, told = prepared(), {"gift": "g", "size": "xl"}
    less = {"gift": "g"}
    until = NOW + timedelta(days=1)

    def ask(request: dict[str, str]) -> list[Callable[[], Moved]]:
        desk = history.desk
        return [
            lambda: moving.spend(ANNA, MAIN, "k", 10, request, desk=desk),
            lambda: moving.open_hold(ANNA, MAIN, "k", 10, until, request, desk=desk),
            lambda: moving.capture(ANNA, MAIN, "held", 60, request, desk=desk),
            lambda: moving.give_back(ANNA, MAIN, "spend#done", "k", 10, request, desk=desk),
            lambda: moving.adjust(ANNA, MAIN, "k", -10, request, desk=desk),
            lambda: moving.grant(ANNA, MAIN, "k", 10, request, desk=desk),
        ]

    for first, other in zip(ask(told), ask(less), strict=True):
        first()
        assert first().repeated
        with pytest.raises(MismatchError) as refused:
            other()
        assert refused.value.facts == {"field": "size"}


@ALL
def test_a_lost_reply_is_found_done(kind: Kind) -> None:
    history = prepared()

    def dies() -> None:
        raise KeyboardInterrupt

    history.ledger.after_post = [dies]
    with pytest.raises(KeyboardInterrupt):
        kind.ask(history.desk)

    assert kind.ask(history.desk).repeated
    assert_sound(history)


@ALL
def test_the_same_request_at_the_same_time_makes_one_entry(kind: Kind) -> None:
    history = prepared()
    history.ledger.before_post = [lambda: void(kind.ask(history.desk))]

    moved = kind.ask(history.desk)

    assert moved.repeated
    assert len(history.entries) == 4
    assert_sound(history)


@ALL
def test_whoever_loses_rounds_pauses_and_moves_once(kind: Kind) -> None:
    history, pauses = prepared(), list[int]()
    history.ledger.before_post = loses(3, history.ledger)
    desk = desk_of(history.ledger, clock=history.clock, pause=pauses.append)

    assert not kind.ask(desk).repeated

    assert pauses == [0, 1, 2]
    assert len(history.entries) == 4


@ALL
def test_whoever_loses_every_round_has_moved_nothing(kind: Kind) -> None:
    history = prepared()
    history.ledger.before_post = loses(MAX_ROUNDS, history.ledger)

    with pytest.raises(ContentionError):
        kind.ask(history.desk)

    assert len(history.entries) == 3


@ALL
def test_a_request_that_is_repeated_after_a_merger_is_found_under_the_survivors_id(
    kind: Kind,
) -> None:
    history = prepared()
    first = kind.ask(history.desk)
    history.ledger.merge(ANNA, BERTA)

    again = kind.ask(history.desk)

    assert again.repeated
    assert again.entry == first.entry
    assert again.account.member_id == BERTA


def test_the_survivor_may_repeat_what_the_merged_member_asked_for() -> None:
    history = prepared()
    history.ledger.merge(ANNA, BERTA)

    assert moving.spend(BERTA, MAIN, "done", 100, {}, desk=history.desk).repeated
    with pytest.raises(MismatchError):
        moving.spend(BERTA, MAIN, "done", 99, {}, desk=history.desk)
    captured = moving.capture(BERTA, MAIN, "held", 100, {}, desk=history.desk)
    back = moving.give_back(BERTA, MAIN, "spend#done", "r", 100, {}, desk=history.desk)

    assert (captured.repeated, back.repeated) == (False, False)
    assert history.ledger.account(BERTA).balance == 4900
