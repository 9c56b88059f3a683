"""What a source says about an order, in one vocabulary for all platforms.

Parsers in `platforms/` make these from wire formats; the order pool merges them. They hold order numbers and
account names in clear and therefore live only between a parser and the keyed hash: never stored, never logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Source = Literal["export", "affiliate"]
LineState = Literal["unpaid", "paid", "shipped", "confirmed", "closed", "unknown"]
"""`unpaid` also while only the deposit of a presale is paid: it is worth nothing before the balance is (OC-E7)."""
TradeType = Literal["normal", "sample", "zero_yuan", "draw", "virtual", "gift"]
RefundState = Literal["open", "done", "failed"]

STATE_RANK: dict[LineState, int] = {
    "unknown": 0, "unpaid": 1, "paid": 2, "shipped": 3, "confirmed": 4, "closed": 5,
}  # fmt: skip
"""Within one instant (`as_of`) a state never falls."""

MASK = "*"
"""Accounts printed with it prove and match nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSnapshot:
    """One line of an order as one source printed it at `as_of`. `None` = the source does not say."""

    platform: str
    source: Source
    order_number: str = field(repr=False)
    """The parent number, the one the buyer sees."""
    sub_order_number: str | None = field(default=None, repr=False)
    """None where the source has one row per parent order."""
    as_of: datetime
    """The platform's modified time, or for exports the time of the export."""
    state: LineState
    printed_state: str | None = None
    """The platform's own word, kept only where `state` is `unknown`."""
    paid_fen: int | None = None
    """Gross: what the buyer paid, freight included, before refunds; 0 for unpaid."""
    freight_fen: int | None = None
    refunded_fen: int | None = None
    """Cumulative."""
    account: str | None = field(default=None, repr=False)
    """The buyer's account; None where absent or masked."""
    created_at: datetime | None = None
    paid_at: datetime | None = None
    confirmed_at: datetime | None = None
    title: str | None = None
    quantity: int | None = None
    position: str | None = None
    """Affiliate position (adzone) that brought the order: tells the room."""
    trade_type: TradeType | None = None
    """None where the source does not say, which counts as normal."""
    split_from: str | None = field(default=None, repr=False)
    """The number of the order this one was split from by the platform (OC-E8); the buyer claimed either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSnapshot:
    """One refund of one order line as a feed printed it at `as_of`; a line may have several (OC-M9)."""

    platform: str
    source: Source
    refund_number: str = field(repr=False)
    """The platform's own: the same refund stated again is the same refund."""
    order_number: str = field(repr=False)
    sub_order_number: str | None = field(default=None, repr=False)
    """None where the source has one row per parent order."""
    as_of: datetime
    state: RefundState
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """A row that could not be taken: where and why, never its values (exports are personal data)."""

    line_number: int
    """1 is the file's header line."""
    column: str
    code: str
