"""What contexts tell each other: an envelope around plain values, and the quotes of order lines.

Messages name things, they do not carry state: a receiver reads the present state and makes its own agree
with it. So a duplicate, a delay or another order of messages changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from huixue.kernel.ids import LineId, MemberId, OrderRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSubmitted:
    """A member says an order is hers. Carries the whole claim, so that it survives whoever sent it."""

    member_id: str
    programme_id: str
    claim_id: str
    order_ref: str
    platform: str
    order_hint: str
    account_ref: str | None
    room_level: str | None
    claimed_at: datetime
    submission: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersChanged:
    """Orders of one member need settling with her ledger (claimed, confirmed, refunded …)."""

    member_id: str
    order_refs: tuple[str, ...]
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSyncRequested:
    member_id: str
    sync_id: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportUploaded:
    """An object lies in the imports bucket; `import_id` is derived from its bytes and its options."""

    import_id: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPlanned:
    """One chunk of an import is ready to be applied."""

    import_id: str
    chunk: int
    correlation_id: str


Message = ClaimSubmitted | OrdersChanged | OrderSyncRequested | ExportUploaded | RowsPlanned


@dataclass(frozen=True, slots=True, kw_only=True)
class LineQuote:
    """What one order line is worth to its owner now: the order pool's word to the ledger.

    `explanation` holds every input of the amount; `huixue.orders.pricing.points_of(explanation)` gives
    `points` again (OC-E3). `status` is `pending` (not confirmed), `due` (to be credited), `void` (worth nothing) or
    `parked` (a state we do not know: the ledger stays as it is).
    """

    line_id: LineId
    order_ref: OrderRef
    owner: MemberId
    order_revision: int
    status: Literal["pending", "due", "void", "parked"]
    points: int
    order_hint: str
    platform: str
    explanation: Mapping[str, object]
