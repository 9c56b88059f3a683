"""The Taobao affiliate's refunds: pages of `taobao.tbk.order.refund.get`, signed, in windows of time.

Source: the API's page on open.taobao.com (apiId 65180): parameters, their values, `biz_error_code` 101 to 103. It names
no longest window and no look-back; the orders' limits are kept (its example asks for one hour).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from huixue.kernel.errors import HuixueError, UnavailableError
from huixue.kernel.snapshots import RefundSnapshot, RowError
from huixue.platforms.taobao.affiliate_errors import (
    RequestRefusedError,
    ThrottledError,
    WindowTooLongError,
)
from huixue.platforms.taobao.affiliate_paging import (
    PAGE_SIZE,
    Reply,
    Window,
    replies,
    reply_of,
    window_of,
)
from huixue.platforms.taobao.gateway import Gateway, mapping
from huixue.platforms.taobao.refund_rows import read_refund

_METHOD = "taobao.tbk.order.refund.get"
_UPDATED = 5
_ALL_ORDERS = 1
_ANY_ROLE = 4
"""`member_type`: 1 the first owner of the commission, 2 whoever shares in it, 4 both."""
_ELEMENTS = ("publisher_refund_order_d_t_o", "publisher_refund_order_dto")
"""The page prints the first name; an SDK made from the platform's metadata knows the second."""
_NO_ERROR = (None, "", "0", "200")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPage:
    number: int
    """From 1."""
    snapshots: tuple[RefundSnapshot, ...]
    errors: tuple[RowError, ...]
    """Rows that could not be read; `line_number` is the row's index in the page, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliateRefunds:
    """Reads the refunds of one affiliate account."""

    gateway: Gateway

    def pages(self, window_start: datetime, window_end: datetime) -> Iterator[RefundPage]:
        """Pages of the refunds changed in [start, end), oldest first, one call each; an empty window is one empty page.

        May be repeated; a refund that changes while one reads moves to a later window and may come twice. The
        window is read once the iterator ends. Raises what `AffiliateFeed.pages` raises.
        """
        window = window_of(window_start, window_end)
        asked = replies(lambda page, at: self._ask(window, page, at), window)
        return (_page(number, reply.rows) for number, reply in asked)

    def _ask(self, window: Window, page: int, position: str) -> Reply:
        option = {
            "query_type": _UPDATED,
            "start_time": window.start,
            "end_time": window.end,
            "page_size": PAGE_SIZE,
            "page_no": page,
            "jump_type": 1,
            "order_scene": _ALL_ORDERS,
            "member_type": _ANY_ROLE,
        } | ({"position_index": position} if position else {})
        text = json.dumps(option, separators=(",", ":"))
        answer = self.gateway.ask(_METHOD, {"publisher_refund_order_query_option": text})
        failure = _business_failure(answer)
        if failure is not None:
            raise failure
        return reply_of(mapping(answer.get("data")), results="result", elements=_ELEMENTS)


def _business_failure(answer: Mapping[str, object]) -> HuixueError | None:
    """Errors of this interface stand beside its data. Facts hold codes, never the platform's texts.

    Of 101 to 103 the page explains one ("开始时间不能为空"): they are taken for faults of the request, and one that
    speaks of a span of time for a window that is too long. Any other code passes with time, as far as we know.
    """
    result, error = _code(answer, "result_code"), _code(answer, "biz_error_code")
    if error in _NO_ERROR and result in _NO_ERROR:
        return None
    facts: dict[str, object] = {"result_code": result, "biz_error_code": error}
    text = str(answer.get("biz_error_desc") or "")
    if any(word in text for word in ("跨度", "间隔")):
        return WindowTooLongError("Taobao takes only shorter windows for these times", **facts)
    if "限流" in text:
        return ThrottledError("Taobao limits our calls", retry_after_s=1, **facts)
    if error in ("101", "102", "103"):
        return RequestRefusedError("Taobao does not take this request", **facts)
    return UnavailableError("Taobao could not answer now", retry_after_s=1, **facts)


def _code(answer: Mapping[str, object], name: str) -> str | None:
    """Numbers come as text from the gateway's decoder; anything else is some code we do not know."""
    value = answer.get(name)
    if value is None:
        return None
    return value if isinstance(value, str) and len(value) <= 16 and value.isascii() else "?"


def _page(number: int, rows: list[object]) -> RefundPage:
    read = [read_refund(row, index) for index, row in enumerate(rows)]
    return RefundPage(
        number=number,
        snapshots=tuple(row for row in read if isinstance(row, RefundSnapshot)),
        errors=tuple(row for row in read if isinstance(row, RowError)),
    )
