"""A row of `taobao.tbk.order.details.get` in the platform-free vocabulary, pure.

A row is one sub-order. It names no buyer. Its only price, `alipay_total_price`, is without freight.
Source: the API's page on open.taobao.com (metadata of 2026-04); what it says of presales stands at `_deposit_alone`.
`order_type` is the shop's platform (天猫, 淘宝, 聚划算 …) and tells nothing of samples, draws or goods that need no
parcel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from huixue.kernel.snapshots import LineState, OrderSnapshot, RowError, TradeType
from huixue.platforms.taobao.fields import ID, Fields, UnreadableError, storable
from huixue.platforms.titles import pays_a_difference

PLATFORM: Final = "taobao"
STATES: Final[Mapping[str, LineState]] = {
    "11": "unpaid", "12": "paid", "13": "closed", "14": "confirmed", "3": "confirmed",
}  # fmt: skip
"""`tk_status`; 3 is settled, which comes after confirmed."""

_COUNT = re.compile(r"[0-9]{1,6}")
_PRINTED_STATE_CHARS = 32
_TITLE_CHARS = 200


def read_row(row: object, line_number: int) -> OrderSnapshot | RowError:
    """One row. Never raises; a RowError names the column and what it is not, never what it holds."""
    if not isinstance(row, Mapping):
        return RowError(line_number=line_number, column="", code="RECORD")
    try:
        return _snapshot(Fields(row))
    except UnreadableError as unreadable:
        return RowError(line_number=line_number, column=unreadable.column, code=unreadable.code)


def _snapshot(fields: Fields) -> OrderSnapshot:
    state, printed_state = _state(fields)
    title = fields.text("item_title")
    price_fen, paid_at = fields.fen("alipay_total_price"), _paid_at(fields)
    if state != "confirmed" and _deposit_alone(fields, price_fen):
        state, price_fen, paid_at = "unpaid" if state == "paid" else state, None, None
    paid_fen = _paid_fen(state, price_fen, paid_at)
    return OrderSnapshot(
        platform=PLATFORM,
        source="affiliate",
        order_number=fields.needed_order_number("trade_parent_id"),
        sub_order_number=fields.needed_order_number("trade_id"),
        as_of=fields.needed_instant("modified_time"),
        state=state,
        printed_state=printed_state,
        paid_fen=paid_fen,
        created_at=fields.instant("tk_create_time"),
        paid_at=paid_at,
        title=None if title is None else storable(title, _TITLE_CHARS),
        quantity=_quantity(fields),
        position=fields.matching("adzone_id", ID, "ID"),
        trade_type=_trade_type(state, paid_fen, title),
    )


def _state(fields: Fields) -> tuple[LineState, str | None]:
    """The state, and the platform's own word where we do not know it."""
    printed = fields.needed_text("tk_status")
    state = STATES.get(printed, "unknown")
    return state, storable(printed, _PRINTED_STATE_CHARS) if state == "unknown" else None


def _paid_at(fields: Fields) -> datetime | None:
    """The shop's time goes before the feed's, which may be seconds later; in a presale the later is the balance's."""
    shop, feed = fields.instant("tb_paid_time"), fields.instant("tk_paid_time")
    if shop and feed and _deposit(fields) != (0, None):
        return max(shop, feed)
    return shop or feed


def _deposit(fields: Fields) -> tuple[int, datetime | None]:
    """How much deposit of a presale was paid and when; (0, None) for other orders."""
    shop, feed = fields.instant("tb_deposit_time"), fields.instant("tk_deposit_time")
    at = max(shop, feed) if shop and feed else shop or feed
    return fields.fen("deposit_price") or 0, at


def _deposit_alone(fields: Fields, price_fen: int | None) -> bool:
    """A presale of which the balance is not seen to be paid.

    The platform says: `tk_deposit_time`, `tb_deposit_time` and `deposit_price` are when and how much deposit was
    paid; `alipay_total_price` leaves out presales without their balance and becomes the order's whole price once
    it is paid; `tk_paid_time` becomes the time of the balance. It does not say what both hold before that, nor that
    `tk_status` waits for it. So the row itself must show the balance: a payment after the deposit, and a price
    above it. Until it does, the order is unpaid (that reading is ours).
    """
    (deposit_fen, deposit_at), paid_at = _deposit(fields), _paid_at(fields)
    if not deposit_fen and deposit_at is None:
        return False
    if paid_at is None or (deposit_at is not None and paid_at <= deposit_at):
        return True
    return (price_fen or 0) <= deposit_fen


def _paid_fen(state: LineState, price_fen: int | None, paid_at: datetime | None) -> int | None:
    """What was paid. A row prints its price before anybody pays, and after it was closed unpaid: that is not paid."""
    if state == "unpaid":
        return 0
    if state in ("paid", "confirmed"):
        if price_fen is None:
            raise UnreadableError("alipay_total_price", "MISSING")
        return price_fen
    return None if paid_at is None else price_fen


def _trade_type(state: LineState, paid_fen: int | None, title: str | None) -> TradeType | None:
    """Said again in each paid row: one that says nothing would leave what an earlier one said."""
    if state not in ("paid", "confirmed"):
        return None
    if paid_fen == 0:
        return "zero_yuan"
    return "virtual" if pays_a_difference(title or "") else "normal"


def _quantity(fields: Fields) -> int | None:
    text = fields.matching("item_num", _COUNT, "QUANTITY")
    return None if text is None else int(text)
