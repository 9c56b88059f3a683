"""The shapes of requests and answers, as `http-api.md` fixes them; the OpenAPI document is made from these."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from huixue.kernel.money import MAX_FEN
from huixue.orders.disputes import CaseStatus
from huixue.orders.model import ClaimStatus, LineStatus, Reason
from huixue.points.model import FrozenReason, Scene

Text64 = Annotated[str, msgspec.Meta(max_length=64)]
Name64 = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=MAX_FEN)]
Words500 = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S")]
"""What a member writes in her own words; never logged."""
Explanation = dict[str, int | str | list[dict[str, int | str]] | None]
"""Every input of an amount of points, so that anybody can recompute it; `campaigns` is a list of those that counted."""


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
    explanation: Explanation | None = None
    """Every input of `points`, so that anybody can recompute them."""


class Case(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    case_id: str
    claim_id: str | None = None
    """Absent where the case is about frozen redemptions."""
    status: CaseStatus
    created_at: datetime
    message: str
    note: str | None = None
    """The operator's words about the decision."""
    decided_at: datetime | None = None


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
    appeal: Case | None = None
    """Where one claim is read and the member has appealed."""


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


class FrozenRedemptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Nothing can be redeemed for now; credits and refunds go on."""

    reason: FrozenReason
    reason_detail: str
    since: datetime
    until: datetime | None = None
    """Absent: until the operator lifts it."""


class Points(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    available: int
    pending: int
    held: int
    debt: int
    lifetime: int
    expiring: list[ExpiringPoints]
    tier: str | None = None
    frozen: FrozenRedemptions | None = None


class EntrySource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an entry is about: these fields and no others, whatever is stored beside them for operators."""

    kind: str
    line_id: str | None = None
    platform: str | None = None
    order_hint: str | None = None
    member_id: str | None = None
    hold_id: str | None = None
    spend_id: str | None = None
    return_id: str | None = None
    adjustment_id: str | None = None
    grant_id: str | None = None
    expires_on: date | None = None
    tier: str | None = None
    task_id: str | None = None
    title: str | None = None
    """Of a tier or a task."""
    day: date | None = msgspec.field(default=None, name="date")
    """The day that was checked in for, or made up for."""
    streak: int | None = None
    """Days in a row, that day included."""
    days: int | None = None
    """Of a milestone."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    entry_id: str
    points: int
    pending_points: int = 0
    """Change of the points that wait for the order to be confirmed."""
    held_points: int = 0
    """Change of the points that are set aside for a redemption."""
    debt_points: int = 0
    """Change of the debt: above nought it could not be taken back, below nought it was repaid."""
    capped_points: int = 0
    """Points that a limit kept back (below nought: fewer of them)."""
    bonus_points: int = 0
    """The part of `points` that campaigns added."""
    balance_after: int
    scene: Scene
    note: str
    source: EntrySource
    business_date: date
    effective_at: datetime | None = None
    """When it happened, where that is not when it was recorded."""
    recorded_at: datetime
    explanation: Explanation | None = None


class EntryList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    items: list[Entry]
    next_cursor: str | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An account at one instant; `available - debt` is the balance."""

    available: int
    pending: int
    held: int
    debt: int


class SceneSum(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    scene: Scene
    points: int
    """Change of the balance."""
    count: int
    pending_points: int = 0
    held_points: int = 0


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """`opening` plus the points of every scene is `closing`, which is the next month's opening."""

    month: str
    opening: int
    """The balance (available less debt) before the month's first day."""
    by_scene: list[SceneSum]
    closing: int
    """The balance at the end of the month, or now."""
    at_opening: Standing
    at_closing: Standing


class AppealRequest(msgspec.Struct, frozen=True, kw_only=True):
    message: Words500
    """Why she thinks so, in her words."""
