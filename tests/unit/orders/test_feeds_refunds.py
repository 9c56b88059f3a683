"""Refunds polled from the stand-in into the pool: with the same coverage as orders, before or after them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from huixue.edge.affiliate_feed import TaobaoAffiliateFeed, TaobaoRefundFeed
from huixue.kernel.errors import UnavailableError
from huixue.orders.feeds import LAG_S, Pulled, into_pool, pull, refunds_into_pool
from huixue.orders.model import Order
from tests.unit.orders.pool_fakes import FillingWorld
from tests.unit.orders.stations import Station
from tests.unit.orders.world import HASHES
from tests.unit.platforms.taobao.feeding import feed as orders_client
from tests.unit.platforms.taobao.feeding import refund_row
from tests.unit.platforms.taobao.feeding import refunds as refunds_client
from tests.unit.platforms.taobao.feeding import row as order_row
from tests.unit.programme.programmes import demo
from tests.unit.sandbox.running import NOON, Sandbox, running_sandbox

EARLIER = NOON - timedelta(hours=5)


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(shared: Sandbox) -> Sandbox:
    shared.tell("DELETE", "")
    shared.clock.instant = NOON
    return shared


@pytest.fixture
def made(sandbox: Sandbox) -> Station:
    return Station(world=FillingWorld(clock=sandbox.clock))


def pulled_refunds(made: Station, sandbox: Sandbox) -> Pulled:
    return pull(
        TaobaoRefundFeed(client=refunds_client(sandbox), feed_id="refunds", look_back_s=86_400),
        take=refunds_into_pool(desk=made.world.pool, hashes=HASHES), book=made.book,
        metrics=made.world.metrics, now=sandbox.clock.now, until=NOON + timedelta(hours=9),
    )  # fmt: skip


def pulled_orders(made: Station, sandbox: Sandbox) -> Pulled:
    source = TaobaoAffiliateFeed(
        client=orders_client(sandbox), programme=demo(), feed_id="orders", look_back_s=86_400
    )
    return pull(
        source, take=into_pool(room_of=source.room_of, desk=made.world.pool, hashes=HASHES),
        book=made.book, metrics=made.world.metrics, now=sandbox.clock.now,
        until=NOON + timedelta(hours=9),
    )  # fmt: skip


def stored(made: Station, number: int) -> Order:
    parent = str(order_row(number, NOON)["trade_parent_id"])
    return made.world.store.by_ref[HASHES.order_ref("taobao", parent)]


def states(made: Station, number: int) -> list[tuple[str, int]]:
    known = stored(made, number).refunds.values()
    return sorted((each.state, each.amount_fen) for each in known)


def test_refunds_lie_at_their_orders_whichever_comes_first(made: Station, sandbox: Sandbox) -> None:
    sandbox.put_rows([order_row(each, EARLIER) for each in (1, 2)])
    sandbox.put_refunds([
        refund_row(1, EARLIER),
        refund_row(2, EARLIER),
        refund_row(2, EARLIER, refund_suit_id="9", refund_status=4, refund_fee="1.00"),
    ])  # fmt: skip

    first = pulled_refunds(made, sandbox)
    pulled_orders(made, sandbox)
    again = Station(world=FillingWorld(clock=sandbox.clock))
    pulled_orders(again, sandbox)
    pulled_refunds(again, sandbox)

    assert (first.rows, first.row_errors, first.lag_s) == (3, 0, 0)
    assert states(made, 1) == [("done", 550)]
    assert states(made, 2) == [("done", 550), ("open", 100)]
    for number in (1, 2):
        assert stored(made, number).refunds == stored(again, number).refunds
        assert stored(made, number).sources == stored(again, number).sources
        assert {each.line_key for each in stored(made, number).refunds.values()} == set(
            stored(made, number).sources["affiliate"]
        )


def test_each_kind_has_its_own_coverage(made: Station, sandbox: Sandbox) -> None:
    pulled_refunds(made, sandbox)

    assert set(made.book.coverage) == {"refunds"}
    assert made.book.coverage["refunds"] == ((made.now_s - 86_400, made.now_s - LAG_S),)


def test_a_refund_that_moves_on_is_read_again_and_stays_one(
    made: Station, sandbox: Sandbox
) -> None:
    sandbox.put_refunds([refund_row(1, EARLIER, refund_status=4)])
    pulled_refunds(made, sandbox)
    opened = states(made, 1)

    sandbox.clock.advance(timedelta(minutes=10))
    sandbox.put_refunds([{"refund_suit_id": "7700000001", "refund_status": 2}])
    sandbox.clock.advance(timedelta(minutes=5))
    pulled_refunds(made, sandbox)
    done = states(made, 1)
    sandbox.put_refunds([{"refund_suit_id": "7700000001", "refund_status": 99}])
    sandbox.clock.advance(timedelta(minutes=5))
    parked = pulled_refunds(made, sandbox)

    assert (opened, done) == ([("open", 550)], [("done", 550)])
    assert (parked.row_errors, states(made, 1)) == (1, done)


def test_a_platform_that_fails_leaves_the_window_open_and_nothing_is_lost(
    made: Station, sandbox: Sandbox
) -> None:
    sandbox.put_refunds([refund_row(1, EARLIER)])
    sandbox.fail("taobao", status=500)

    with pytest.raises(UnavailableError):
        pulled_refunds(made, sandbox)

    assert not made.book.coverage
    assert pulled_refunds(made, sandbox).rows == 1
