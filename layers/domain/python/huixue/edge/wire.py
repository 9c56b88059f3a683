"""The shapes of requests and answers, as `http-api.md` fixes them; the OpenAPI document is made from these."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from huixue.kernel.money import MAX_FEN
from huixue.orders.model import ClaimStatus, LineStatus, Reason

Text64 = Annotated[str, msgspec.Meta(max_length=64)]
Name64 = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=MAX_FEN)]


class Health(msgspec.Struct, frozen=True):
    status: Literal["ok"]


class SessionRequest(msgspec.Struct, frozen=True, kw_only=True):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    """From `wx.login`."""
    programme_id: Name64 | None = None


class SessionMember(msgspec.Struct, frozen=True, kw_only=True):
    member_id: str
    is_new: bool


class Session(msgspec.Struct, frozen=True, kw_only=True):
    token: str
    expires_at: datetime
    member: SessionMember


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    platform: Text64
    order_number: Text64
    account: Name64 | None = None
    """The buyer's account; where given it must match the pool's."""
    room_level: Name64 | None = None
    """As the member says it; never raises points."""


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    line_id: str
    title: str | None = None
    amount_fen: int
    status: LineStatus
    points: int
    reason: Reason | None = None
    reason_detail: str | None = None
    """The reason as a sentence for the member."""
    release_on: date | None = None
    explanation: dict[str, int | str | None] | None = None
    """Every input of `points`, so that anybody can recompute them."""


class Claim(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    claim_id: str
    platform: str
    order_hint: str
    claimed_at: datetime
    paid_on: date | None = None
    status: ClaimStatus
    lines: list[OrderLine]
    reason: Reason | None = None
    reason_detail: str | None = None
    next_check_at: datetime | None = None


class ClaimList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    items: list[Claim]
    next_cursor: str | None = None


class OrderSyncRequest(msgspec.Struct, frozen=True, kw_only=True):
    platform: Text64
    account: Name64
    order_number: Text64
    """One confirmed order of that account."""
    paid_amount_fen: Fen
    """What the buyer paid for it, freight included, before any refund."""


class OrderSyncStarted(msgspec.Struct, frozen=True, kw_only=True):
    sync_id: str
    status: Literal["running", "done", "failed"]


class OrderSync(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    sync_id: str
    status: Literal["running", "done", "failed"]
    lines_found: int
    lines_credited: int
    lines_pending: int
    lines_skipped: int
    reason: Reason | None = None
    reason_detail: str | None = None


class ExpiringPoints(msgspec.Struct, frozen=True, kw_only=True):
    points: int
    expires_on: date


class Points(msgspec.Struct, frozen=True, kw_only=True):
    available: int
    pending: int
    held: int
    debt: int
    lifetime: int
    expiring: list[ExpiringPoints]


class EntrySource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    kind: str
    line_id: str | None = None
    platform: str | None = None
    order_hint: str | None = None
    member_id: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    entry_id: str
    points: int
    pending_points: int = 0
    """Change of the points that wait for the order to be confirmed."""
    balance_after: int
    scene: str
    note: str
    source: EntrySource
    business_date: date
    recorded_at: datetime
    explanation: dict[str, int | str | None] | None = None


class EntryList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    items: list[Entry]
    next_cursor: str | None = None
