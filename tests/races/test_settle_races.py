"""Several workers on one account: every point exactly once, at the newest price."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from huixue.kernel.events import OrdersChanged, OrderSyncRequested
from huixue.kernel.ids import MemberId
from huixue.orders.sync_runs import run
from tests.races.main_job import MainJob, at_once, member, order_number, order_ref

pytestmark = pytest.mark.exact_engines

ANNA = member(1)
PATIENT_RECEIVES = 20


def owned(job: MainJob, count: int, owner: MemberId = ANNA) -> list[str]:
    """Numbers of so many orders that are hers and not settled yet, each worth 100 points."""
    numbers = [order_number(number) for number in range(count)]
    job.arrive(*numbers, account="a_buyer")
    job.start_sync(owner, "a_buyer", numbers[0], 10_000)
    (message,) = job.taken()
    assert isinstance(message, OrderSyncRequested)
    run(message, desk=job.syncs, settle=lambda member_id, order_refs: None)
    return numbers


def change(*numbers: str, owner: MemberId = ANNA) -> OrdersChanged:
    refs = tuple(order_ref(number) for number in numbers)
    return OrdersChanged(member_id=owner, order_refs=refs, correlation_id="x")


def test_the_same_message_five_times_to_two_workers_at_once_makes_one_entry(job: MainJob) -> None:
    message = change(*owned(job, 1))

    for _ in range(5):
        at_once([partial(job.delivered, message)] * 2)

    assert len(job.entries(ANNA)) == 1
    job.assert_holds(ANNA, 100)


def test_ten_workers_with_the_same_message_of_many_orders_make_one_entry_each(job: MainJob) -> None:
    numbers = owned(job, 30)

    at_once([partial(job.delivered, change(*numbers))] * 10)

    assert len(job.entries(ANNA)) == 30
    job.assert_holds(ANNA, 3000)


@pytest.mark.parametrize("turn", range(4))
def test_a_settlement_that_races_a_refund_ends_at_the_newest_price(job: MainJob, turn: int) -> None:
    (number,) = owned(job, 1)
    if turn % 2:
        job.act(change(number))
    job.clock.advance(timedelta(hours=1))

    def refund() -> None:
        job.arrive(number, refunded_fen=6_000)
        job.deliver_all()

    workers: list[Callable[[], object]] = [partial(job.delivered, change(number))] * 3
    at_once([refund, *workers])

    job.assert_holds(ANNA, 40)


@pytest.mark.parametrize("refund_first", [True, False])
def test_an_order_saved_between_price_and_post_is_priced_again(
    job: MainJob, refund_first: bool
) -> None:
    """The interleaving itself, forced: the other worker runs while this one holds the old price."""
    (number,) = owned(job, 1)
    job.clock.advance(timedelta(hours=1))
    quotes, pending = job.quotes, [True]

    def quotes_then_refund(order_refs: object) -> list[object]:
        found = quotes([order_ref(number)])
        if pending:
            pending.clear()
            job.arrive(number, refunded_fen=6_000)
            if refund_first:
                job.deliver_all()
        return list(found)

    job.quotes = quotes_then_refund  # type: ignore[method-assign, assignment]  # this worker's reads alone
    job.act(change(number))

    job.quotes = quotes  # type: ignore[method-assign]
    job.deliver_all()
    job.assert_holds(ANNA, 40)


def test_two_hundred_settlements_of_one_member_at_once_lose_nothing(job: MainJob) -> None:
    numbers = owned(job, 200)
    messages = [change(number) for number in numbers]

    with ThreadPoolExecutor(10) as workers:
        posted = workers.map(partial(job.delivered, receives=PATIENT_RECEIVES), messages)
        assert [len(each) for each in posted if isinstance(each, list)] == [1] * 200

    assert len(job.entries(ANNA)) == 200
    job.assert_holds(ANNA, 20_000)


def test_fresh_credits_and_clawbacks_of_one_member_at_once_add_up(job: MainJob) -> None:
    numbers = owned(job, 20)
    job.act(change(*numbers))
    job.clock.advance(timedelta(hours=1))
    halves = [numbers[:10], numbers[10:]]

    def refund(half: list[str]) -> None:
        job.arrive(*half, refunded_fen=6_000)

    at_once([partial(refund, half) for half in halves])
    at_once([partial(job.delivered, each, PATIENT_RECEIVES) for each in job.taken() * 4])

    assert len(job.entries(ANNA)) == 40
    job.assert_holds(ANNA, 20 * 40)
