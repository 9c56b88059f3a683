"""The shapes of an erasure's receipt and of a member's export."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from huixue.edge import wire
from huixue.orders.model import Reason


class RemovedItems(msgspec.Struct, frozen=True, kw_only=True):
    store: Literal["members", "orders", "points"]
    kind: str
    """`profiles`, `identities`, `claims`, `syncs`, `cases`, `bindings`, `notices` and so on."""
    items: int


class ErasureReceipt(msgspec.Struct, frozen=True, kw_only=True):
    receipt_id: str
    erased_at: datetime
    removed: list[RemovedItems]
    remains: list[str]
    """What is kept, and why, in sentences."""


class ExportedIdentity(msgspec.Struct, frozen=True, kw_only=True):
    app_id: str
    openid: str


class ExportedTag(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    group: str
    value: str
    source: str
    confidence: int
    set_at: datetime
    expires_at: datetime | None = None


class ExportedTagChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    group: str
    source: str
    value: str | None = None
    """Absent: taken back, or forgotten because the consent for it was withdrawn."""
    former: str | None = None
    confidence: int
    at: datetime
    expires_at: datetime | None = None


class ExportedConsent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    purpose: str
    room_id: str | None = None
    """Absent: for the whole programme."""
    granted: bool
    at: datetime


class ExportedLevel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    room_id: str
    level: str | None = None
    """Absent: it was withdrawn."""
    source: str
    set_at: datetime


class ExportedProfile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    member_id: str
    other_member_ids: list[str] = msgspec.field(default_factory=list)
    """Of members that turned out to be her."""
    programme_id: str
    joined_at: datetime | None = None
    nickname: str | None = None
    region: str | None = None
    skin_type: str | None = None
    group_nickname: str | None = None
    unionid: str | None = None
    openids: list[ExportedIdentity]
    tags: list[ExportedTag]
    tag_history: list[ExportedTagChange]
    consents: list[ExportedConsent]
    consent_history: list[ExportedConsent]
    levels: list[ExportedLevel]


class ExportedClaim(wire.Claim, frozen=True, kw_only=True, omit_defaults=True):
    room_level: str | None = None
    """As she said it."""
    asked_under: str
    """The id it was claimed with: hers, or that of a member that became her."""


class ExportedSync(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    sync_id: str
    platform: str
    paid_amount_fen: int
    requested_at: datetime
    finished_at: datetime | None = None
    runs: int
    status: Literal["running", "done", "failed"]
    lines_found: int
    lines_credited: int
    lines_pending: int
    lines_skipped: int
    reason: Reason | None = None


class ExportedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A platform account that is bound to her. We know it by a keyed hash alone: the sync says which it is."""

    sync_id: str
    bound_at: datetime


class ExportedTries(msgspec.Struct, frozen=True, kw_only=True):
    """Order numbers and proofs that count as guesses until they turn out to be hers: id → when."""

    claims: dict[str, datetime]
    syncs: dict[str, datetime]


class ExportedHold(msgspec.Struct, frozen=True, kw_only=True):
    hold_id: str
    until: datetime
    lots: dict[str, int]


class ExportedPoints(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account; `summary` is what `GET /v1/points` says, the rest what stands behind it."""

    member_id: str
    programme_id: str
    summary: wire.Points
    balance: int
    lots: dict[str, int]
    """`last day|class` → points."""
    holds: list[ExportedHold] = msgspec.field(default_factory=list)
    qualifying: dict[str, int] = msgspec.field(default_factory=dict)
    """Points that count for a tier, by period."""
    tier_period: str | None = None
    tier_kept: str | None = None
    """The tier she has at least in this period."""
    caps: dict[str, list[str | int]] = msgspec.field(default_factory=dict)
    """Limit → its window, and the points earned in it."""
    in_debt_since: str | None = None
    """Key of the entry that raised the debt last."""
    looked_after_at: datetime | None = None
    """When something happens to it by itself."""
    entry_count: int
    changes: int
    """How often the account changed."""
    merged_into: str | None = None
    merged_from: list[str] = msgspec.field(default_factory=list)


class ExportedEntry(wire.Entry, frozen=True, kw_only=True, omit_defaults=True):
    member_id: str
    """Whose account: hers, or that of a member that became her."""
    key: str
    """What it was made for, once for ever."""
    lots: dict[str, int] = msgspec.field(default_factory=dict)
    lot: str | None = None
    lifetime_points: int = 0
    """Change of the points earned in all."""
    written_off_points: int = 0
    qualifying: dict[str, int] = msgspec.field(default_factory=dict)
    caps: dict[str, int] = msgspec.field(default_factory=dict)
    repays: str | None = None
    check_in_sheet: str | None = None
    """What her check-ins came to then, packed: `check_in_days` says it in dates."""


class ExportedNotice(msgspec.Struct, frozen=True, kw_only=True):
    expires_on: date
    days_before: int
    points: int
    created_at: datetime
    state: str


class ExportedBan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Redemptions that were stopped because too many orders were refunded."""

    since: datetime
    until: datetime
    paid: int
    refunded: int
    lifted_at: datetime | None = None


class ExportedDay(msgspec.Struct, frozen=True, kw_only=True):
    date: date
    kind: Literal["checked_in", "made_up"]


class Export(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known of her. `claims` and `entries`, newest first, go on in further parts where they are many; the
    rest is in the first part alone."""

    exported_at: datetime
    profile: ExportedProfile | None = None
    claims: list[ExportedClaim]
    syncs: list[ExportedSync] | None = None
    bound_accounts: list[ExportedAccount] | None = None
    tries: list[ExportedTries] | None = None
    cases: list[wire.Case] | None = None
    points: list[ExportedPoints] | None = None
    entries: list[ExportedEntry]
    check_in_days: list[ExportedDay] | None = None
    notices: list[ExportedNotice] | None = None
    bans: list[ExportedBan] | None = None
    next_cursor: str | None = None
