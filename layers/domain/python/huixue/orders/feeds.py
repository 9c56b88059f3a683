"""Feeds: polling what a platform changed so that every instant is covered, provably (OC-E5).

Coverage is a set of intervals in epoch seconds, [start, end). A window joins it only after all its rows are in
the pool. Whatever dies in between is simply not covered yet and is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from huixue.kernel.calendar import to_epoch_s
from huixue.kernel.errors import HuixueError
from huixue.kernel.ids import KeyedHash
from huixue.kernel.snapshots import OrderSnapshot, RefundSnapshot, RowError
from huixue.orders.pool import PoolDesk, apply_rows, pool_row, refund_row
from huixue.orders.ports import Metrics

Interval = tuple[int, int]
Coverage = tuple[Interval, ...]
"""Disjoint, sorted, not touching."""

OVERLAP_S = 600
"""Feeds are late: the newest ten minutes of what was covered are read again each time."""
LAG_S = 60
"""The last minute is left for the next poll."""
SMALLEST_WINDOW_S = 60


class WindowTooLargeError(HuixueError):
    """The platform refuses the window (too long, or more pages than it serves): ask for less."""

    code = "WINDOW_TOO_LARGE"


Snapshot_co = TypeVar("Snapshot_co", covariant=True)
Snapshot = TypeVar("Snapshot")


class Feed(Protocol[Snapshot_co]):
    """What a platform changed, of one kind (orders, refunds), by the modified time."""

    @property
    def feed_id(self) -> str: ...

    @property
    def max_window_s(self) -> int: ...

    @property
    def look_back_s(self) -> int: ...

    def rows(self, start: datetime, end: datetime) -> Iterable[Snapshot_co | RowError]:
        """All rows of the window. Raises WindowTooLargeError, UnavailableError."""
        ...


class OrderFeed(Feed[OrderSnapshot], Protocol):
    """A feed of orders, which can tell whose they are."""

    def room_of(self, snapshot: OrderSnapshot) -> str | None:
        """`programme_id/room_id` by the position that brought the order."""
        ...


Take = Callable[[Sequence[Snapshot]], object]
"""Stores all snapshots of a window or raises; may be given the same ones again."""


class CoverageBook(Protocol):
    def load(self, feed_id: str) -> Coverage: ...

    def add(self, feed_id: str, interval: Interval) -> Coverage:
        """Joins the interval into what is stored now. Repeatable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    windows: int = 0
    rows: int = 0
    row_errors: int = 0
    lag_s: int = 0
    """Age of the oldest instant that is not covered."""


def joined(coverage: Coverage, interval: Interval) -> Coverage:
    """The union; touching intervals become one."""
    start, end = interval
    kept: list[Interval] = []
    for each in coverage:
        if each[1] < start or each[0] > end:
            kept.append(each)
        else:
            start, end = min(start, each[0]), max(end, each[1])
    return tuple(sorted([*kept, (start, end)]))


def gaps(coverage: Coverage, start: int, end: int) -> list[Interval]:
    """What of [start, end) is not covered, oldest first."""
    missing: list[Interval] = []
    for low, high in coverage:
        if high <= start or low >= end:
            continue
        if low > start:
            missing.append((start, low))
        start = max(start, high)
    if start < end:
        missing.append((start, end))
    return missing


def windows(missing: Iterable[Interval], max_window_s: int) -> Iterator[Interval]:
    for start, end in missing:
        for low in range(start, end, max_window_s):
            yield low, min(low + max_window_s, end)


def wanted(coverage: Coverage, now_s: int, look_back_s: int) -> list[Interval]:
    """What to read now, oldest first: every gap of the look-back, and the newest ten minutes of what was covered.
    Coverage beyond `now` was a wrong clock's: what it covers is read again until the clock has passed it."""
    start, end = now_s - look_back_s, now_s - LAG_S
    newest = min(coverage[-1][1], end) - OVERLAP_S if coverage else start
    known = tuple((low, min(high, newest)) for low, high in coverage if low < newest)
    return gaps(known, start, end)


def lag_s(coverage: Coverage, now_s: int, look_back_s: int) -> int:
    """Age of the oldest uncovered instant of the look-back, the unavoidable lag taken off; 0 = covered."""
    missing = gaps(coverage, now_s - look_back_s, now_s - LAG_S)
    return now_s - LAG_S - missing[0][0] if missing else 0


def into_pool(
    *, room_of: Callable[[OrderSnapshot], str | None], desk: PoolDesk, hashes: KeyedHash
) -> Take[OrderSnapshot]:
    """What a feed of orders does with them."""

    def take(snapshots: Sequence[OrderSnapshot]) -> object:
        rows = [pool_row(each, room=room_of(each), hashes=hashes) for each in snapshots]
        return apply_rows(rows, desk=desk, resend=True)

    return take


def refunds_into_pool(*, desk: PoolDesk, hashes: KeyedHash) -> Take[RefundSnapshot]:
    """What a feed of refunds does with them; they may come before their orders."""

    def take(snapshots: Sequence[RefundSnapshot]) -> object:
        rows = [refund_row(each, hashes) for each in snapshots]
        return apply_rows(rows, desk=desk, resend=True)

    return take


def pull(
    feed: Feed[Snapshot],
    *,
    take: Take[Snapshot],
    book: CoverageBook,
    metrics: Metrics,
    now: Callable[[], datetime],
    until: datetime,
) -> Pulled:
    """Reads window after window, the newest first, so that a long catch-up does not delay what is of today, and
    gives each to `take`, until all is covered or `until` has come. A window is covered once `take` returned. May be
    repeated and run twice at once: rows are joined, intervals are united. How far the feed lies behind is told even
    where the platform fails."""
    started_s = to_epoch_s(now())
    coverage = book.load(feed.feed_id)
    plan = list(windows(wanted(coverage, started_s, feed.look_back_s), feed.max_window_s))
    done = [0, 0, 0]
    try:
        while plan and now() < until:
            window = _still_served(plan.pop(), to_epoch_s(now()) - feed.look_back_s)
            if window is None:
                continue
            try:
                rows, errors = _read(feed, window, take)
            except WindowTooLargeError:
                plan += _halves(window)
                continue
            coverage = book.add(feed.feed_id, window)
            done = [done[0] + 1, done[1] + rows, done[2] + errors]
    finally:
        took_s = to_epoch_s(now()) - started_s  # what grew too old meanwhile is no gap any more
        lag = lag_s(coverage, started_s, feed.look_back_s - took_s)
        metrics.count("FeedLagSeconds", lag)
        metrics.count("FeedRows", done[1])
    return Pulled(windows=done[0], rows=done[1], row_errors=done[2], lag_s=lag)


def _still_served(window: Interval, earliest_s: int) -> Interval | None:
    """The part of the window the platform still shows: a long run outlives the oldest of its plan."""
    start, end = max(window[0], earliest_s), window[1]
    return (start, end) if start < end else None


def _read(feed: Feed[Snapshot], window: Interval, take: Take[Snapshot]) -> tuple[int, int]:
    start, end = (datetime.fromtimestamp(each, UTC) for each in window)
    snapshots: list[Snapshot] = []
    errors = 0
    for reading in feed.rows(start, end):
        if isinstance(reading, RowError):
            errors += 1
        else:
            snapshots.append(reading)
    take(snapshots)
    return len(snapshots), errors


def _halves(window: Interval) -> Sequence[Interval]:
    start, end = window
    if end - start <= SMALLEST_WINDOW_S:
        raise WindowTooLargeError("the platform refuses even the smallest window", start=start)
    middle = (start + end) // 2
    return (start, middle), (middle, end)
