"""What is true about orders, claims and syncs: values only, no rules beyond their own consistency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from huixue.kernel.ids import AccountRef, ClaimId, LineId, MemberId, OrderRef, derived_id
from huixue.kernel.snapshots import LineState, RefundState, Source, TradeType
from huixue.kernel.terms import Terms

Reason = Literal[
    "NOT_IN_POOL", "OUT_OF_WINDOW", "NOT_OUR_ROOM", "CLOSED", "REFUNDED", "EXCLUDED_TYPE",
    "RATE_CAPPED", "OWNED_BY_OTHER", "ACCOUNT_BOUND_ELSEWHERE", "PROOF_FAILED",
]  # fmt: skip
LineStatus = Literal[
    "parked", "pending", "unpaid", "credited", "partially_clawed_back", "clawed_back", "rejected",
]  # fmt: skip
ClaimStatus = Literal[LineStatus, "waiting"]
LINE_STATUS_ORDER: tuple[LineStatus, ...] = (
    "parked", "pending", "unpaid", "credited", "partially_clawed_back", "clawed_back", "rejected",
)  # fmt: skip
"""A claim shows the first of these that any of its lines has (`http-api.md`)."""

WHOLE_ORDER = "order"
"""Line key where a source has one row per parent order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The newest that one source said about one line; `as_of_ms` holds, field by field, when it was said.

    Fields the source never printed are None and have no `as_of_ms`. `printed_state` travels with `state`,
    `refunded_fen` with `paid_fen`: they are one statement each.
    """

    state: LineState
    printed_state: str | None = None
    paid_fen: int | None = None
    refunded_fen: int | None = None
    freight_fen: int | None = None
    account_ref: AccountRef | None = None
    room: str | None = None
    """`programme_id/room_id` this line is attributed to."""
    created_at: datetime | None = None
    paid_at: datetime | None = None
    confirmed_at: datetime | None = None
    title: str | None = None
    quantity: int | None = None
    trade_type: TradeType | None = None
    """None for a normal trade: it is what a trade is where nothing else was said."""
    as_of_ms: Mapping[str, int] = field(default_factory=dict)


STATEMENTS: dict[str, tuple[str, ...]] = {
    "state": ("state", "printed_state"),
    "amounts": ("paid_fen", "refunded_fen"),
    "freight": ("freight_fen",),
    "account": ("account_ref",),
    "room": ("room",),
    "created_at": ("created_at",),
    "paid_at": ("paid_at",),
    "confirmed_at": ("confirmed_at",),
    "title": ("title",),
    "quantity": ("quantity",),
    "trade_type": ("trade_type",),
}
"""Fields of a line that are said together; the first one's presence means the source said it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    """One line of an order as it enters the pool: a snapshot whose numbers and names are hashed already."""

    order_ref: OrderRef
    order_hint: str
    platform: str
    source: Source
    line_key: str
    line: Line
    part_ref: OrderRef | None = None
    """Where the platform split the order: the number this part of it goes under now (OC-E8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """The newest that was said about one refund of one line."""

    line_key: str
    state: RefundState
    amount_fen: int
    as_of_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    """One refund as it enters the pool; `refund_key` is the keyed hash of the platform's number of it."""

    order_ref: OrderRef
    order_hint: str
    platform: str
    refund_key: str
    refund: Refund
    part_ref: OrderRef | None = None


Row = PoolRow | RefundRow
"""What enters the pool: a statement about a line, or about a refund."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Whose order it is, for ever. `via` is the claim or the sync that won it; only a sync proves an account."""

    member_id: MemberId
    owned_at: datetime
    via: str
    proven: bool
    terms: Terms
    credit_source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One parent order: everything that decides what it is worth, changed by one conditional write."""

    order_ref: OrderRef
    platform: str
    order_hint: str
    sources: Mapping[Source, Mapping[str, Line]] = field(default_factory=dict)
    first_source: Source | None = None
    ownership: Ownership | None = None
    waiting: Mapping[str, str] = field(default_factory=dict)
    """Claims that asked for it before it was there: member id → claim id."""
    refunds: Mapping[str, Refund] = field(default_factory=dict)
    """Refund key → refund. They may come before their order, which then has no sources yet."""
    release_at: datetime | None = None
    """When the next of its lines turns from pending to due; set while the order waits for it in the due index."""
    alias_of: OrderRef | None = None
    """The order this one was split from: all that is said about this number belongs there."""
    expires_at_epoch_s: int | None = None
    """Only for stubs without a source or a refund, so that made-up numbers do not stay."""
    revision: int = 0
    """0 = not stored yet."""

    @property
    def account_ref(self) -> AccountRef | None:
        return next((line.account_ref for line in self.lines() if line.account_ref), None)

    @property
    def account_refs(self) -> frozenset[AccountRef]:
        """Every account a source names for it."""
        return frozenset(line.account_ref for line in self.lines() if line.account_ref)

    @property
    def paid_at(self) -> datetime | None:
        return min((line.paid_at for line in self.lines() if line.paid_at), default=None)

    @property
    def created_at(self) -> datetime | None:
        return min((line.created_at for line in self.lines() if line.created_at), default=None)

    def lines(self) -> tuple[Line, ...]:
        return tuple(
            lines[key] for _, lines in sorted(self.sources.items()) for key in sorted(lines)
        )

    def line_id(self, line_key: str) -> LineId:
        return LineId(derived_id("lin", self.order_ref, line_key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A member's statement that an order is hers. What it shows is derived; only a refusal is stored."""

    claim_id: ClaimId
    member_id: MemberId
    programme_id: str
    platform: str
    order_ref: OrderRef
    order_hint: str
    account_ref: AccountRef | None
    room_level: str | None
    """As she said it: shown back to her, never used."""
    claimed_at: datetime
    submission: str
    """Which request made it, so that a retried write knows its own work."""
    rejected_reason: Reason | None = None
    next_check_at: datetime | None = None
    """Set while the claim waits in the due index."""


def claim_id_of(member_id: str, order_ref: str) -> ClaimId:
    return ClaimId(derived_id("clm", member_id, order_ref))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSync:
    """A member's statement that a platform account is hers, with one order as its proof."""

    sync_id: str
    member_id: MemberId
    programme_id: str
    platform: str
    account_ref: AccountRef
    order_ref: OrderRef
    paid_amount_fen: int
    requested_at: datetime
    run: int
    """Counts restarts of the same request; a worker's answer for an earlier run is dropped."""
    status: Literal["running", "done", "failed"] = "running"
    lines_found: int = 0
    lines_credited: int = 0
    lines_pending: int = 0
    lines_skipped: int = 0
    reason: Reason | None = None
    finished_at: datetime | None = None


def sync_id_of(
    member_id: str, platform: str, account_ref: str, order_ref: str, paid_amount_fen: int
) -> str:
    parts = (member_id, platform, account_ref, order_ref, str(paid_amount_fen))
    return derived_id("syn", *parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """A member's budget of guesses: unmatched numbers of the last hour, failed proofs of the day."""

    member_id: MemberId
    numbers: Mapping[str, int] = field(default_factory=dict)
    """claim id → epoch second of its submission."""
    proofs: Mapping[str, int] = field(default_factory=dict)
    """sync id and run → epoch second, for proofs that have not succeeded."""
    version: int = 0
