from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from huixue.edge.affiliate_feed import TaobaoAffiliateFeed
from huixue.kernel.errors import UnavailableError
from huixue.kernel.snapshots import OrderSnapshot
from huixue.orders.feeds import (
    LAG_S,
    OVERLAP_S,
    SMALLEST_WINDOW_S,
    Interval,
    Pulled,
    WindowTooLargeError,
    into_pool,
    pull,
)
from tests.unit.orders.fakes import DiedError
from tests.unit.orders.pool_fakes import FillingWorld
from tests.unit.orders.stations import FEED, HOUR_S, Station, station
from tests.unit.orders.world import HASHES
from tests.unit.platforms.taobao.feeding import feed as taobao_client
from tests.unit.platforms.taobao.feeding import row as taobao_row
from tests.unit.programme.programmes import demo
from tests.unit.sandbox.running import NOON, Sandbox, running_sandbox


def test_a_first_pull_reads_the_whole_look_back_newest_window_first() -> None:
    made = station()

    pulled = made.pull()

    assert made.in_pool() == made.expected()
    assert made.book.coverage[FEED] == ((made.now_s - 48 * HOUR_S, made.now_s - LAG_S),)
    assert (pulled.windows, pulled.rows, pulled.row_errors) == (16, len(made.feed.at), 16)
    assert pulled.lag_s == 0
    assert made.feed.asked == sorted(made.feed.asked, reverse=True)


def test_the_next_pull_reads_what_is_new_and_ten_minutes_again() -> None:
    made = station()
    made.pull()
    made.feed.asked.clear()
    covered_to = made.now_s - LAG_S
    made.world.clock.advance(timedelta(minutes=5))
    late = covered_to - OVERLAP_S + 1
    made.feed.at.append(late)

    pulled = made.pull()

    assert made.feed.asked == [(covered_to - OVERLAP_S, made.now_s - LAG_S)]
    assert (made.in_pool(), pulled.lag_s) == (made.expected(), 0)


def test_killed_at_any_call_and_started_again_no_row_is_missed_and_none_doubled() -> None:
    clean = station(every_s=7200)
    clean.pull()
    pool = {ref: order.sources for ref, order in clean.world.store.by_ref.items()}

    for at in range(len(clean.world.journal.calls)):
        made = station(every_s=7200)
        made.world.journal.die_at = at
        with pytest.raises(DiedError):
            made.pull()
        made.world.journal.die_at = None
        made.pull()

        assert {ref: order.sources for ref, order in made.world.store.by_ref.items()} == pool, at
        assert {order.revision for order in made.world.store.by_ref.values()} == {1}, at
        assert made.book.coverage == clean.book.coverage, at


def test_a_run_out_of_time_keeps_what_it_read_and_the_next_one_goes_on() -> None:
    made = station()
    made.feed.meanwhile = lambda: made.world.clock.advance(timedelta(minutes=1))

    pulled = made.pull(within=timedelta(minutes=5))

    assert pulled.windows == 5
    assert pulled.lag_s > 30 * HOUR_S
    for _ in range(4):
        pulled = made.pull(within=timedelta(minutes=5))
    assert (made.in_pool(), pulled.lag_s) == (made.expected(), 0)


def test_windows_that_are_too_full_or_too_long_are_halved_until_the_platform_takes_them() -> None:
    made = station(every_s=60)
    promotion = made.now_s - 20 * HOUR_S
    made.feed.most_rows = 100
    made.feed.longest = lambda window: 1200 if window[0] >= promotion else 3 * HOUR_S

    pulled = made.pull()

    assert (made.in_pool(), pulled.lag_s) == (made.expected(), 0)
    assert pulled.rows == len(made.feed.at)


def test_a_platform_that_takes_no_window_at_all_is_an_error_and_leaves_a_gap() -> None:
    made = station()
    made.feed.longest = lambda _: SMALLEST_WINDOW_S // 2

    with pytest.raises(WindowTooLargeError):
        made.pull()

    assert made.book.coverage == {}


def test_a_platform_that_fails_leaves_the_window_open_and_the_lag_is_told() -> None:
    made = station()
    made.pull()
    made.world.clock.advance(timedelta(hours=2))
    made.feed.at.append(made.now_s - 600)

    def down() -> None:
        raise UnavailableError("gone")

    made.feed.meanwhile = down
    made.world.metrics.counts.clear()
    with pytest.raises(UnavailableError):
        made.pull()
    assert made.world.metrics.counts["FeedLagSeconds"] == 2 * HOUR_S

    made.feed.meanwhile = None
    assert made.pull().lag_s == 0
    assert made.in_pool() == made.expected()


def test_after_an_outage_longer_than_a_window_every_row_of_it_is_read() -> None:
    made = station()
    made.pull()
    made.world.clock.advance(timedelta(hours=30))
    made.feed.at += list(range(made.now_s - 30 * HOUR_S, made.now_s - LAG_S, 900))

    pulled = made.pull()

    assert (made.in_pool(), pulled.lag_s) == (made.expected(), 0)
    assert len(made.book.coverage[FEED]) == 1


@pytest.mark.parametrize("step", [timedelta(hours=5), -timedelta(hours=5)])
def test_after_a_step_of_the_clock_rows_of_the_right_time_are_still_read(step: timedelta) -> None:
    made = station()
    made.pull()
    right = made.world.clock.now()
    made.world.clock.instant = right + step
    made.pull()

    made.world.clock.instant = right
    for _ in range(8 * 12):
        made.world.clock.advance(timedelta(minutes=5))
        made.feed.at.append(made.now_s - 100)
        made.pull()

    assert made.in_pool() == made.expected()


def test_a_window_that_grows_too_old_while_others_are_read_is_not_asked_for() -> None:
    made = station()
    too_early: list[Interval] = []

    def slow_platform() -> None:
        if made.feed.asked[-1][0] < made.now_s - made.feed.look_back_s:
            too_early.append(made.feed.asked[-1])
        made.world.clock.advance(timedelta(minutes=14))

    made.feed.meanwhile = slow_platform
    pulled = made.pull(within=timedelta(hours=20))

    assert (too_early, pulled.lag_s) == ([], 0)
    assert len(made.feed.asked) == 15


def test_two_pulls_at_once_read_twice_and_store_once() -> None:
    made = station()
    inner: list[Pulled] = []

    def other() -> None:
        made.feed.meanwhile = None
        inner.append(made.pull())

    made.feed.meanwhile = other
    made.pull()

    assert inner[0].windows == 16
    assert made.in_pool() == made.expected()
    assert {order.revision for order in made.world.store.by_ref.values()} == {1}
    assert made.book.coverage[FEED] == ((made.now_s - 48 * HOUR_S, made.now_s - LAG_S),)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(promotion_days=(date(2026, 2, 20),)) as running:
        yield running


def test_ninety_days_of_the_stand_in_are_covered_row_by_row(sandbox: Sandbox) -> None:
    made = Station(world=FillingWorld(clock=sandbox.clock))
    feed = TaobaoAffiliateFeed(client=taobao_client(sandbox), programme=demo(), feed_id=FEED)
    first = NOON - timedelta(seconds=feed.look_back_s)
    instants = [first + timedelta(hours=13 * at) for at in range(166)]
    rows = [taobao_row(at, instant) for at, instant in enumerate(instants)]
    sandbox.put_rows(rows)

    def polled() -> Pulled:
        return pull(
            feed, take=into_pool(room_of=feed.room_of, desk=made.world.pool, hashes=HASHES),
            book=made.book, metrics=made.world.metrics, now=sandbox.clock.now,
            until=sandbox.clock.now() + timedelta(hours=1),
        )  # fmt: skip

    pulled = polled()

    refs = {str(HASHES.order_ref("taobao", str(row["trade_parent_id"]))) for row in rows}
    assert (pulled.rows, pulled.row_errors, pulled.lag_s) == (len(rows), 0, 0)
    assert made.in_pool() == refs
    [(low, high)] = made.book.coverage[FEED]
    assert high - low == feed.look_back_s - LAG_S
    sandbox.clock.advance(timedelta(minutes=5))
    sandbox.put_rows([taobao_row(3, sandbox.clock.now() - timedelta(minutes=2), tk_status=14)])
    assert polled().windows == 1
    moved = made.world.store.by_ref[HASHES.order_ref("taobao", str(rows[3]["trade_parent_id"]))]
    assert [line.state for line in moved.lines()] == ["confirmed"]


def test_the_feed_names_the_room_by_position_and_none_for_a_strange_one(sandbox: Sandbox) -> None:
    feed = TaobaoAffiliateFeed(client=taobao_client(sandbox), programme=demo(), feed_id=FEED)

    def room(position: str | None) -> str | None:
        snapshot = OrderSnapshot(
            platform="taobao", source="affiliate", order_number="1", as_of=datetime.now(UTC),
            state="paid", position=position,
        )  # fmt: skip
        return feed.room_of(snapshot)

    assert [room("111"), room("999"), room(None)] == ["demo/main", None, None]
