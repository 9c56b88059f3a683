"""A Taobao affiliate account as feeds of orders: its orders, and its refunds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from huixue.kernel.snapshots import OrderSnapshot, RefundSnapshot, RowError
from huixue.orders.feeds import WindowTooLargeError
from huixue.platforms.taobao.affiliate import AffiliateFeed
from huixue.platforms.taobao.affiliate_errors import WindowTooFullError, WindowTooLongError
from huixue.platforms.taobao.affiliate_paging import LOOK_BACK, MAX_WINDOW
from huixue.platforms.taobao.affiliate_refunds import AffiliateRefunds
from huixue.programme.model import Feed, Programme, room_for_position

_CLOCKS_APART = timedelta(minutes=10)
"""A window may not start 90 days ago by the platform's clock, which is not ours."""
LOOK_BACK_S = int((LOOK_BACK - _CLOCKS_APART).total_seconds())
MAX_WINDOW_S = int(MAX_WINDOW.total_seconds())

Snapshot_co = TypeVar("Snapshot_co", covariant=True)


class _Page(Protocol[Snapshot_co]):
    @property
    def snapshots(self) -> tuple[Snapshot_co, ...]: ...

    @property
    def errors(self) -> tuple[RowError, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TaobaoAffiliateFeed:
    """The `Feed` port of orders: orders by their modified time."""

    client: AffiliateFeed
    programme: Programme
    feed_id: str
    max_window_s: int = MAX_WINDOW_S
    look_back_s: int = LOOK_BACK_S

    def rows(self, start: datetime, end: datetime) -> Iterator[OrderSnapshot | RowError]:
        return _rows(self.client.pages(start, end))

    def room_of(self, snapshot: OrderSnapshot) -> str | None:
        if snapshot.position is None:
            return None
        room_id = room_for_position(self.programme, "taobao", snapshot.position)
        return f"{self.programme.programme_id}/{room_id}" if room_id is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaobaoRefundFeed:
    """The `Feed` port of orders: refunds by their modified time. None names a position: its order tells the room."""

    client: AffiliateRefunds
    feed_id: str
    max_window_s: int = MAX_WINDOW_S
    look_back_s: int = LOOK_BACK_S

    def rows(self, start: datetime, end: datetime) -> Iterator[RefundSnapshot | RowError]:
        return _rows(self.client.pages(start, end))


def refunds_feed_id(feed: Feed) -> str:
    """Under which the refunds of a feed keep their own coverage."""
    return f"{feed.platform}-{feed.kind}-refunds-{feed.app_key}"


def _rows(pages: Iterable[_Page[Snapshot_co]]) -> Iterator[Snapshot_co | RowError]:
    try:
        for page in pages:
            yield from page.snapshots
            yield from page.errors
    except (WindowTooLongError, WindowTooFullError) as error:
        raise WindowTooLargeError("the platform refuses the window") from error
