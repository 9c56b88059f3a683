"""The Taobao affiliate feed: pages of `taobao.tbk.order.details.get`, signed, in windows of time.

Source: the API's page on open.taobao.com (metadata of 2026-04).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.platforms.taobao.affiliate_paging import (
    PAGE_SIZE,
    Reply,
    Window,
    replies,
    reply_of,
    window_of,
)
from huixue.platforms.taobao.affiliate_rows import read_row
from huixue.platforms.taobao.gateway import Gateway, mapping

QueryType = Literal[1, 2, 3, 4]
"""Which time lies in the window: 1 created, 2 paid, 3 settled, 4 modified."""

_METHOD = "taobao.tbk.order.details.get"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    number: int
    """From 1."""
    snapshots: tuple[OrderSnapshot, ...]
    errors: tuple[RowError, ...]
    """Rows that could not be read; `line_number` is the row's index in the page, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliateFeed:
    """Reads the orders of one affiliate account."""

    gateway: Gateway

    def pages(
        self, window_start: datetime, window_end: datetime, *, query_type: QueryType = 4
    ) -> Iterator[Page]:
        """Pages of the window [start, end), oldest first, one call each; an empty window is one empty page.

        The platform knows whole seconds: both ends lose their fraction, so windows that touch stay touching. A row
        changed while one reads moves to a later window and may come twice; none is left out. May be repeated. The
        window is read once the iterator ends: an error on the way leaves it open.

        Raises ValueError (window empty or without zone), WindowTooLongError, WindowTooFullError (after the hundredth
        page), ThrottledError, UnavailableError (also for an answer that is none), TokenExpiredError,
        MisconfiguredError, RequestRefusedError.
        """
        window = window_of(window_start, window_end)
        asked = replies(lambda page, at: self._ask(window, query_type, page, at), window)
        return (_page(number, reply.rows) for number, reply in asked)

    def _ask(self, window: Window, query_type: QueryType, page: int, position: str) -> Reply:
        answer = self.gateway.ask(
            _METHOD,
            {
                "query_type": str(query_type),
                "start_time": window.start,
                "end_time": window.end,
                "page_size": str(PAGE_SIZE),
                "page_no": str(page),
                "position_index": position,
                "jump_type": "1",
                "order_scene": "1",
            },
        )
        data = mapping(answer.get("data"))
        return reply_of(data, results="results", elements=("publisher_order_dto",))


def _page(number: int, rows: list[object]) -> Page:
    read = [read_row(row, index) for index, row in enumerate(rows)]
    return Page(
        number=number,
        snapshots=tuple(row for row in read if isinstance(row, OrderSnapshot)),
        errors=tuple(row for row in read if isinstance(row, RowError)),
    )
