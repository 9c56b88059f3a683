"""A row of `taobao.tbk.order.details.get` in the platform-free vocabulary, pure.

A row is one sub-order. It names no buyer. Fields that hold nothing are missing, empty, null or `--`; ids are text or
64-bit numbers; amounts are yuan as text; times are GMT+8 without saying so.
Source: the API's page on open.taobao.com (metadata of 2026-04).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from huixue.kernel.calendar import from_local_text
from huixue.kernel.money import fen_from_yuan
from huixue.kernel.snapshots import LineState, OrderSnapshot, RowError

PLATFORM: Final = "taobao"
STATES: Final[Mapping[str, LineState]] = {
    "11": "unpaid", "12": "paid", "13": "closed", "14": "confirmed", "3": "confirmed",
}  # fmt: skip
"""`tk_status`; 3 is settled, which comes after confirmed."""

_ABSENT = ("", "--")
_ID = re.compile(r"[0-9]{1,32}")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_COUNT = re.compile(r"[0-9]{1,6}")
_PRINTED_STATE_CHARS = 32
_TITLE_CHARS = 200


def read_row(row: object, line_number: int) -> OrderSnapshot | RowError:
    """One row. Never raises; a RowError names the column and what it is not, never what it holds."""
    if not isinstance(row, Mapping):
        return RowError(line_number=line_number, column="", code="RECORD")
    try:
        return _snapshot(_Fields(row))
    except _UnreadableError as unreadable:
        return RowError(line_number=line_number, column=unreadable.column, code=unreadable.code)


class _UnreadableError(Exception):
    def __init__(self, column: str, code: str) -> None:
        super().__init__(column, code)
        self.column = column
        self.code = code


@dataclass(frozen=True, slots=True)
class _Fields:
    row: Mapping[object, object]

    def text(self, column: str) -> str | None:
        """None for what holds nothing; whole numbers become text, exactly."""
        value = self.row.get(column)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40:
            return str(value)
        if not isinstance(value, str):
            raise _UnreadableError(column, "TEXT")
        text = value.strip()
        return None if text in _ABSENT else text

    def matching(self, column: str, pattern: re.Pattern[str], code: str) -> str | None:
        text = self.text(column)
        if text is not None and not pattern.fullmatch(text):
            raise _UnreadableError(column, code)
        return text

    def order_number(self, column: str) -> str:
        text = self.matching(column, _ID, "ID")
        if text is None:
            raise _UnreadableError(column, "MISSING")
        return text

    def fen(self, column: str) -> int | None:
        text = self.matching(column, _AMOUNT, "AMOUNT")
        try:
            return None if text is None else fen_from_yuan(text)
        except ValueError as error:
            raise _UnreadableError(column, "AMOUNT") from error

    def instant(self, column: str) -> datetime | None:
        text = self.matching(column, _TIME, "TIME")
        try:
            return None if text is None else from_local_text(text)
        except (ValueError, OverflowError) as error:
            raise _UnreadableError(column, "TIME") from error

    def quantity(self, column: str) -> int | None:
        text = self.matching(column, _COUNT, "QUANTITY")
        return None if text is None else int(text)

    def state(self) -> tuple[LineState, str | None]:
        """The state, and the platform's own word where we do not know it."""
        printed = self.text("tk_status")
        if printed is None:
            raise _UnreadableError("tk_status", "MISSING")
        state = STATES.get(printed, "unknown")
        return state, _storable(printed, _PRINTED_STATE_CHARS) if state == "unknown" else None


def _snapshot(fields: _Fields) -> OrderSnapshot:
    state, printed_state = fields.state()
    as_of = fields.instant("modified_time")
    if as_of is None:
        raise _UnreadableError("modified_time", "MISSING")
    title = fields.text("item_title")
    paid_at = fields.instant("tb_paid_time") or fields.instant("tk_paid_time")
    return OrderSnapshot(
        platform=PLATFORM,
        source="affiliate",
        order_number=fields.order_number("trade_parent_id"),
        sub_order_number=fields.order_number("trade_id"),
        as_of=as_of,
        state=state,
        printed_state=printed_state,
        paid_fen=_paid_fen(fields, state, paid_at),
        created_at=fields.instant("tk_create_time"),
        paid_at=paid_at,
        title=None if title is None else _storable(title, _TITLE_CHARS),
        quantity=fields.quantity("item_num"),
        position=fields.matching("adzone_id", _ID, "ID"),
    )


def _paid_fen(fields: _Fields, state: LineState, paid_at: datetime | None) -> int | None:
    """What was paid. A row prints its price before anybody pays, and after it was closed unpaid: that is not paid."""
    price_fen = fields.fen("alipay_total_price")
    if state == "unpaid":
        return 0
    if state in ("paid", "confirmed"):
        if price_fen is None:
            raise _UnreadableError("alipay_total_price", "MISSING")
        return price_fen
    return None if paid_at is None else price_fen


def _storable(text: str, most_chars: int) -> str:
    """Cut, and without the lone surrogates JSON can carry and UTF-8 cannot."""
    return text[:most_chars].encode("utf-8", "replace").decode()
