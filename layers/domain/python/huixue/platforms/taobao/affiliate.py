"""The Taobao affiliate feed: pages of `taobao.tbk.order.details.get`, signed, in windows of time.

Source: open.taobao.com, "API 调用方法详解" and the API's page (metadata of 2026-04).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError

from huixue.kernel.calendar import SHANGHAI, Clock
from huixue.kernel.errors import HuixueError, MisconfiguredError, UnavailableError
from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.platforms.taobao.affiliate_errors import ThrottledError, WindowTooFullError, classified
from huixue.platforms.taobao.affiliate_rows import read_row
from huixue.platforms.taobao.signing import signed

MAX_WINDOW: Final = timedelta(hours=3)
PROMOTION_WINDOW: Final = timedelta(minutes=20)
"""On days of big promotions; the platform says which by refusing longer ones (WindowTooLongError)."""
LOOK_BACK: Final = timedelta(days=90)
"""A window may not start earlier, by the platform's clock: ask for a little less."""
TIMEOUT: Final = urllib3.Timeout(connect=1.0, read=8.0)

QueryType = Literal[1, 2, 3, 4]
"""Which time lies in the window: 1 created, 2 paid, 3 settled, 4 modified."""

_METHOD = "taobao.tbk.order.details.get"
_ROOT = "tbk_order_details_get_response"
_PAGE_SIZE = 100
_MOST_PAGES = 100
_MAX_REPLY_BYTES = 8 * 1024 * 1024
_TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    number: int
    """From 1."""
    snapshots: tuple[OrderSnapshot, ...]
    errors: tuple[RowError, ...]
    """Rows that could not be read; `line_number` is the row's index in the page, from 0."""


@dataclass(frozen=True, slots=True)
class _Reply:
    rows: list[object]
    position_index: str | None
    """Where to go on; None on the last page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliateFeed:
    """Reads one affiliate account. `endpoint` is the gateway: `https://eco.taobao.com/router/rest`."""

    pool: urllib3.PoolManager
    endpoint: str
    app_key: str
    app_secret: str = field(repr=False)
    clock: Clock

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
        if window_start.tzinfo is None or window_end.tzinfo is None:
            raise ValueError("a window needs instants with a zone")
        start, end = _local(window_start), _local(window_end)
        if start >= end:
            raise ValueError("a window needs at least a second between start and end")
        return self._pages({"start_time": start, "end_time": end, "query_type": str(query_type)})

    def _pages(self, window: Mapping[str, str]) -> Iterator[Page]:
        position: str | None = ""
        for number in range(1, _MOST_PAGES + 1):
            reply = self._ask({**window, "page_no": str(number), "position_index": position or ""})
            yield _page(number, reply.rows)
            if reply.position_index is None:
                return
            if reply.position_index == position:
                raise UnavailableError("Taobao's paging does not move on", reason="unreadable")
            position = reply.position_index
        raise WindowTooFullError("the window has more than 100 pages: ask for its halves", **window)

    def _ask(self, question: Mapping[str, str]) -> _Reply:
        now = self.clock.now()
        parameters = {
            "method": _METHOD,
            "app_key": self.app_key,
            "timestamp": _local(now),
            "format": "json",
            "v": "2.0",
            "page_size": str(_PAGE_SIZE),
            "jump_type": "1",
            "order_scene": "1",
            **question,
        }
        status, body = self._post(urlencode(signed(parameters, secret=self.app_secret)))
        if status != 200:
            raise _http_failure(status)
        return _read(body, now)

    def _post(self, form: str) -> tuple[int, bytes]:
        failure: UnavailableError
        try:
            reply = self.pool.request(
                "POST",
                self.endpoint,
                body=form.encode(),
                headers=_HEADERS,
                timeout=TIMEOUT,
                retries=False,
                preload_content=False,
            )
            body = reply.read(_MAX_REPLY_BYTES + 1)
        except HTTPError as error:
            failure = UnavailableError("Taobao gave no answer", reason=type(error).__name__)
        else:
            if len(body) <= _MAX_REPLY_BYTES:
                reply.release_conn()
                return reply.status, body
            reply.close()  # the rest is never read, so this connection serves nobody else
            reply.release_conn()
            failure = UnavailableError("Taobao's answer is too long", reason="unreadable")
        raise failure


def _page(number: int, rows: list[object]) -> Page:
    read = [read_row(row, index) for index, row in enumerate(rows)]
    return Page(
        number=number,
        snapshots=tuple(row for row in read if isinstance(row, OrderSnapshot)),
        errors=tuple(row for row in read if isinstance(row, RowError)),
    )


def _read(body: bytes, now: datetime) -> _Reply:
    """Numbers are read as text, so no id loses a digit; whatever has another shape is no answer."""
    try:
        value = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        value = None
    answer = value if isinstance(value, dict) else {}
    error = answer.get("error_response")
    if isinstance(error, dict):
        raise classified(error, now)
    data = _object(_object(answer.get(_ROOT)).get("data"))
    has_next, position = data.get("has_next"), data.get("position_index")
    rows = _rows(data.get("results"))
    if not isinstance(has_next, bool) or (
        has_next and not (isinstance(position, str) and 0 < len(position) <= 512)
    ):
        raise _unreadable()
    return _Reply(rows, str(position) if has_next else None)


def _rows(results: object) -> list[object]:
    """The list sits in a wrapper named by its element; with no rows either may be missing."""
    if results is None or results == "":
        return []
    rows = _object(results).get("publisher_order_dto", [])
    if not isinstance(rows, list):
        raise _unreadable()
    return rows


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _unreadable()
    return value


def _unreadable() -> UnavailableError:
    return UnavailableError("Taobao's answer has an unknown shape", reason="unreadable")


def _http_failure(status: int) -> HuixueError:
    if status == 429:
        return ThrottledError("Taobao limits our calls", retry_after_s=1, status=status)
    if status in (401, 403, 404, 405):
        return MisconfiguredError(
            "Taobao refused the call itself: check the gateway's address", status=status
        )
    return UnavailableError("Taobao could not answer now", status=status)


def _local(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).strftime(_TIME_FORMAT)
