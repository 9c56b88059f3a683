"""A row of `taobao.tbk.order.refund.get` in the platform-free vocabulary, pure.

A row is one refund (维权) of one sub-order; a sub-order may have several, each with a number of its own.
Source: the API's page on open.taobao.com (apiId 65180); names and meanings agree with the platform's own SDKs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from huixue.kernel.snapshots import RefundSnapshot, RefundState, RowError
from huixue.platforms.taobao.affiliate_rows import PLATFORM
from huixue.platforms.taobao.fields import Fields, UnreadableError

STATES: Final[Mapping[str, RefundState]] = {
    "4": "open", "11": "open",
    "3": "failed",
    "2": "done", "12": "done", "13": "done", "14": "done", "15": "done",
}  # fmt: skip
"""`refund_status`: 4 created, 11 several of them and not yet dealt with, 2 succeeded, 3 failed. 12 to 15 are about the
commission that had been paid out (12, 13 taken back from the affiliate, 14, 15 from the seller; waiting, done):
that begins when the buyer has her money, so for her the refund is done (this reading of 12 and 14 is ours)."""

_REFUND_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,64}")


def read_refund(row: object, line_number: int) -> RefundSnapshot | RowError:
    """One row. Never raises; a RowError names the column and what it is not, never what it holds.

    A status nobody knows is a RowError with code STATE, not an open refund: nothing is taken back for it, and as it
    is not stored, it cannot turn a refund that was done before into one that is not. The next change of the refund
    brings it again.
    """
    if not isinstance(row, Mapping):
        return RowError(line_number=line_number, column="", code="RECORD")
    try:
        return _snapshot(Fields(row))
    except UnreadableError as unreadable:
        return RowError(line_number=line_number, column=unreadable.column, code=unreadable.code)


def _snapshot(fields: Fields) -> RefundSnapshot:
    sub_order = fields.needed_order_number("tb_trade_id")
    state = STATES.get(fields.needed_text("refund_status"))
    if state is None:
        raise UnreadableError("refund_status", "STATE")
    return RefundSnapshot(
        platform=PLATFORM,
        source="affiliate",
        refund_number=_refund_number(fields, sub_order),
        order_number=fields.needed_order_number("tb_trade_parent_id"),
        sub_order_number=sub_order,
        as_of=fields.needed_instant("modified_time"),
        state=state,
        amount_fen=fields.needed_fen("refund_fee"),
    )


def _refund_number(fields: Fields, sub_order: str) -> str:
    """`refund_suit_id`. Where it is missing (also as 0): the sub-order and the second it was asked for, which a
    refund keeps through all its states, while the time it was finished appears only with the last one."""
    number = fields.matching("refund_suit_id", _REFUND_NUMBER, "ID")
    if number is not None and number.strip("0"):
        return number
    created_at = fields.instant("tk_refund_time")
    if created_at is None:
        raise UnreadableError("refund_suit_id", "MISSING")
    return f"{sub_order}@{created_at:%Y%m%d%H%M%S}"
