"""Settling against everything that others can do between two of its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from huixue.kernel.errors import ContentionError
from huixue.kernel.policies import Cap, LedgerPolicy
from huixue.points.audit import violations
from huixue.points.caps import SHARDS
from huixue.points.model import Entry
from huixue.points.use_cases import (
    LINES_PER_POSTING,
    MAX_ROUNDS,
    balance,
    lines_per_posting,
    settle,
)
from tests.unit.points.fakes import (
    ANNA,
    BERTA,
    POLICY,
    Clock,
    FakeLedger,
    Pool,
    desk_of,
    quote,
    recomputed,
)


class Desk:
    def __init__(self) -> None:
        self.ledger = FakeLedger()
        self.pool = Pool()

    def settle(self, *orders: str) -> list[Entry]:
        refs = orders or ("o1",)
        return settle(ANNA, refs, quotes=self.pool, desk=desk_of(self.ledger))

    def other_worker(self) -> Callable[[], None]:
        return lambda: void(self.settle())

    @property
    def balance(self) -> int:
        return self.ledger.account(ANNA).balance

    def assert_sound(self) -> None:
        account, entries = self.ledger.account(ANNA), self.ledger.entries_of(ANNA)
        assert violations(account, entries, recomputed) == []


def void(_: object) -> None:
    return None


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.pool.say(quote("a", "due", 100))
    return desk


def test_the_same_message_five_times_makes_one_entry(desk: Desk) -> None:
    posted = [desk.settle() for _ in range(5)]

    assert [len(each) for each in posted] == [1, 0, 0, 0, 0]
    assert desk.balance == 100


def test_another_worker_with_the_same_message_in_between_makes_no_second_entry(desk: Desk) -> None:
    desk.ledger.before_post = [desk.other_worker()]

    posted = desk.settle()

    assert posted == []
    assert desk.balance == 100
    assert len(desk.ledger.by_key) == 1


def test_an_order_named_twice_in_one_message_is_settled_once(desk: Desk) -> None:
    posted = desk.settle("o1", "o1")

    assert [entry.source_key for entry in posted] == ["line#a#0001"]


def test_a_refund_between_price_and_post_is_seen_before_settling_ends(desk: Desk) -> None:
    desk.ledger.before_post = [lambda: desk.pool.say(quote("a", "due", 40))]

    posted = desk.settle()

    assert [entry.points for entry in posted] == [100, -60]
    assert desk.balance == 40


def test_a_worker_with_an_old_price_cannot_win_over_one_with_the_new_price(desk: Desk) -> None:
    """The old price is read, the refund comes, its own worker settles it, and only then the old one posts."""

    def refund_settled_by_another() -> None:
        desk.pool.say(quote("a", "due", 40))
        desk.settle()

    desk.pool.after_read = [refund_settled_by_another]

    desk.settle()

    assert desk.balance == 40
    desk.assert_sound()


def test_a_worker_that_dies_with_an_old_price_posted_is_mended_by_its_own_redelivery(
    desk: Desk,
) -> None:
    def refund_settled_by_another() -> None:
        desk.pool.say(quote("a", "due", 40))
        desk.settle()
        desk.ledger.after_post = [die]

    def die() -> None:
        raise KeyboardInterrupt

    desk.pool.after_read = [refund_settled_by_another]
    with pytest.raises(KeyboardInterrupt):
        desk.settle()
    assert desk.balance == 100

    desk.settle()

    assert desk.balance == 40


def test_orders_of_another_owner_in_the_message_are_left_alone(desk: Desk) -> None:
    desk.pool.say(quote("b", "due", 7, owner=BERTA))

    desk.settle()

    assert desk.balance == 100
    assert desk.ledger.account(BERTA).version == 0


def test_many_lines_are_posted_in_bounded_transactions(desk: Desk) -> None:
    desk.pool.say(*[quote(f"l{line:02}", "due", 1) for line in range(60)])

    posted = desk.settle()

    assert len(posted) == 61
    assert desk.ledger.postings_made == 3
    assert LINES_PER_POSTING == 25
    desk.assert_sound()


def test_what_was_posted_before_a_later_posting_failed_is_reported_too(desk: Desk) -> None:
    desk.pool.say(*[quote(f"l{line:02}", "due", 1) for line in range(30)])
    other = quote("other", "due", 5, order="o2")
    desk.pool.say(other)
    desk.ledger.before_post = [lambda: None, lambda: void(desk.settle("o2"))]

    posted = desk.settle("o1")

    assert len(posted) == 31
    assert desk.balance == 100 + 30 + 5


def test_orders_that_never_stand_still_end_in_contention_and_a_sound_ledger(desk: Desk) -> None:
    prices = iter(range(1000))

    def changed() -> None:
        desk.pool.say(quote("a", "due", next(prices)))
        desk.pool.after_read.append(changed)

    desk.pool.after_read = [changed]

    with pytest.raises(ContentionError):
        desk.settle()

    assert desk.ledger.postings_made <= MAX_ROUNDS
    desk.assert_sound()


def test_others_who_always_post_first_end_in_contention(desk: Desk) -> None:
    points = iter(range(1, 1000))

    def other_posts() -> None:
        number = next(points)
        desk.pool.say(quote(f"x{number}", "due", 1, order="o2"))
        desk.ledger.before_post = []
        desk.settle("o2")
        desk.ledger.before_post = [other_posts]

    desk.ledger.before_post = [other_posts]

    with pytest.raises(ContentionError):
        desk.settle()

    assert "line#a#0001" not in {key for _, key in desk.ledger.by_key}
    desk.assert_sound()


def test_a_merger_between_price_and_post_sends_the_points_to_the_survivor(desk: Desk) -> None:
    def merge() -> None:
        desk.ledger.before_post = []
        desk.ledger.merge(ANNA, BERTA)

    desk.ledger.before_post = [merge]

    desk.settle()

    assert desk.balance == 0
    assert desk.ledger.account(BERTA).balance == 100


def test_whoever_loses_a_round_pauses_before_the_next(desk: Desk) -> None:
    pauses: list[int] = []
    desk.ledger.before_post = [desk.other_worker()]

    settle(ANNA, ["o1"], quotes=desk.pool, desk=desk_of(desk.ledger, pause=pauses.append))

    assert pauses == [0]


def test_whatever_was_due_is_entered_before_the_line(desk: Desk) -> None:
    clock = Clock()
    settle(ANNA, ["o1"], quotes=desk.pool, desk=desk_of(desk.ledger, clock=clock))
    desk.pool.say(quote("b", "due", 7))
    clock.later(days=400)

    settle(ANNA, ["o1"], quotes=desk.pool, desk=desk_of(desk.ledger, clock=clock))

    scenes = [entry.scene for entry in desk.ledger.entries_of(ANNA)]
    assert scenes == ["order_accrual", "expiry", "order_accrual"]
    assert desk.balance == 7
    desk.assert_sound()


def test_lines_follow_the_policy_of_the_programme_the_account_belongs_to(desk: Desk) -> None:
    asked: list[str] = []

    def policy_of(programme_id: str) -> LedgerPolicy:
        asked.append(programme_id)
        return replace(POLICY, programme_id=programme_id)

    desk.settle()
    desk.pool.say(quote("b", "due", 7, programme="other", order="o2"))
    other = replace(desk_of(desk.ledger), policy_of=policy_of)

    settle(ANNA, ["o2"], quotes=desk.pool, desk=other)

    assert set(asked) == {"main"}
    assert desk.ledger.account(ANNA).programme_id == "main"


def test_a_balance_is_as_of_now_whether_it_was_entered_or_not(desk: Desk) -> None:
    clock = Clock()
    desk.settle()
    assert balance(ANNA, desk=desk_of(desk.ledger, clock=clock)).available == 100

    clock.later(days=400)

    assert balance(ANNA, desk=desk_of(desk.ledger, clock=clock)).available == 0
    assert desk.balance == 100


@pytest.mark.parametrize("shared", range(5))
def test_as_many_lines_are_posted_at_once_as_surely_fit_one_transaction(shared: int) -> None:
    caps = tuple(
        Cap(cap_id=f"c{n}", per="programme", window="day", points=1000) for n in range(shared)
    )
    size = lines_per_posting(LedgerPolicy(caps=caps))

    entries_and_counters = size * (2 + shared) + SHARDS * shared
    assert 1 <= size <= LINES_PER_POSTING
    assert 1 + 40 + entries_and_counters <= 100
