"""A Taobao affiliate account as the `Feed` port of orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.orders.feeds import WindowTooLargeError
from huixue.platforms.taobao.affiliate import LOOK_BACK, MAX_WINDOW, AffiliateFeed
from huixue.platforms.taobao.affiliate_errors import WindowTooFullError, WindowTooLongError
from huixue.programme.model import Programme, room_for_position

_CLOCKS_APART = timedelta(minutes=10)
"""A window may not start 90 days ago by the platform's clock, which is not ours."""
LOOK_BACK_S = int((LOOK_BACK - _CLOCKS_APART).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class TaobaoAffiliateFeed:
    client: AffiliateFeed
    programme: Programme
    feed_id: str
    max_window_s: int = int(MAX_WINDOW.total_seconds())
    look_back_s: int = LOOK_BACK_S

    def rows(self, start: datetime, end: datetime) -> Iterator[OrderSnapshot | RowError]:
        try:
            for page in self.client.pages(start, end):
                yield from page.snapshots
                yield from page.errors
        except (WindowTooLongError, WindowTooFullError) as error:
            raise WindowTooLargeError("the platform refuses the window") from error

    def room_of(self, snapshot: OrderSnapshot) -> str | None:
        if snapshot.position is None:
            return None
        room_id = room_for_position(self.programme, "taobao", snapshot.position)
        return f"{self.programme.programme_id}/{room_id}" if room_id is not None else None
