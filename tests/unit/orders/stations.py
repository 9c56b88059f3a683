"""A platform of made-up rows, and one feed of it polled into one pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.orders.feeds import (
    LAG_S,
    Interval,
    Pulled,
    WindowTooLargeError,
    into_pool,
    pull,
)
from tests.unit.orders.pool_fakes import FakeCoverage, FillingWorld
from tests.unit.orders.world import HASHES

HOUR_S = 3600
FEED = "taobao:1"


@dataclass(slots=True)
class RowsOfTime:
    """A platform with one row per instant named; refuses windows that are too long or too full."""

    at: list[int] = field(default_factory=list)
    feed_id: str = FEED
    max_window_s: int = 3 * HOUR_S
    look_back_s: int = 48 * HOUR_S
    most_rows: int = 1000
    longest: Callable[[Interval], int] = lambda _: 3 * HOUR_S
    asked: list[Interval] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None

    def rows(self, start: datetime, end: datetime) -> Iterator[OrderSnapshot | RowError]:
        window = int(start.timestamp()), int(end.timestamp())
        self.asked.append(window)
        if self.meanwhile is not None:
            self.meanwhile()
        found = [each for each in self.at if window[0] <= each < window[1]]
        if window[1] - window[0] > self.longest(window) or len(found) > self.most_rows:
            raise WindowTooLargeError("too much")
        for each in found:
            yield OrderSnapshot(
                platform="taobao", source="affiliate", order_number=str(each), as_of=start,
                sub_order_number=str(each), state="paid", paid_fen=100,
            )  # fmt: skip
        yield RowError(line_number=0, column="tk_status", code="MISSING")

    def room_of(self, snapshot: OrderSnapshot) -> str | None:
        return "demo/main"


@dataclass(slots=True)
class Station:
    """One feed polled into one pool."""

    feed: RowsOfTime = field(default_factory=RowsOfTime)
    world: FillingWorld = field(default_factory=FillingWorld)
    book: FakeCoverage = field(init=False)

    def __post_init__(self) -> None:
        self.book = FakeCoverage(self.world.journal)

    @property
    def now_s(self) -> int:
        return int(self.world.clock.now().timestamp())

    def pull(self, within: timedelta = timedelta(hours=1)) -> Pulled:
        take = into_pool(room_of=self.feed.room_of, desk=self.world.pool, hashes=HASHES)
        return pull(
            self.feed, take=take, book=self.book, metrics=self.world.metrics,
            now=self.world.clock.now, until=self.world.clock.now() + within,
        )  # fmt: skip

    def in_pool(self) -> set[str]:
        return set(self.world.store.by_ref)

    def expected(self) -> set[str]:
        return {str(HASHES.order_ref("taobao", str(each))) for each in self.feed.at}


def station(every_s: int = 1800) -> Station:
    made = Station()
    made.feed.at = list(range(made.now_s - 47 * HOUR_S, made.now_s - LAG_S, every_s))
    return made
