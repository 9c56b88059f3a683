"""One membership programme as data: rooms, where they sell, windows, rates, levels.

Versioned: a published version is never changed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from huixue.kernel.errors import NotFoundError, RuleError
from huixue.kernel.ids import AccountRef
from huixue.kernel.policies import Cap, Clawback, Expiry, RefundBan, Tiers
from huixue.kernel.snapshots import TradeType
from huixue.kernel.terms import CampaignKind, WindowClock

DEFAULT_ZONE = "Asia/Shanghai"


class Level(msgspec.Struct, frozen=True, kw_only=True):
    level: str
    multiplier_percent: int
    """120: her points are 1.2 times those of a member without a level."""


class RoomPlatform(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of one room on one platform."""

    platform: str
    window_days: int
    window_clock: WindowClock
    """Which instant of an order must lie inside the window."""
    rate_milli: int
    """Points per yuan × 1000."""
    levels: tuple[Level, ...] = ()
    affiliate_positions: tuple[str, ...] = ()
    """Affiliate positions (adzone ids) whose orders are this room's."""
    release_after_days: int = 0
    """Business days from the confirmation to the day on which points become spendable (OC-M5)."""
    credited_types: tuple[TradeType, ...] = ()
    """Trade types that earn points besides the normal one (OC-M7)."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    room_id: str
    title: str
    platforms: tuple[RoomPlatform, ...]

    def on(self, platform: str) -> RoomPlatform | None:
        return next((each for each in self.platforms if each.platform == platform), None)


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A platform interface that is polled for orders; its credentials are a secret of the deployment."""

    platform: Literal["taobao"]
    kind: Literal["affiliate"]
    app_key: str
    refunds: bool = True
    """Whether its refunds are polled too; an app without that permission fails at every poll."""

    @property
    def feed_id(self) -> str:
        return f"{self.platform}-{self.kind}-{self.app_key}"


class PointsRules(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger is told; field by field that of `kernel.policies.LedgerPolicy`, with the same defaults."""

    expiry: Expiry = Expiry()
    expiry_of: dict[str, Expiry] = {}
    grace_days: int = 7
    notice_days: tuple[int, ...] = (30, 7, 1)
    clawback: Clawback = Clawback()
    caps: tuple[Cap, ...] = ()
    tiers: Tiers | None = None
    four_eyes_above_points: int = 1000
    cost_milli_fen: int = 1000
    refund_ban: RefundBan | None = None


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """More points for orders paid in `starts_at <= paid_at < ends_at`."""

    campaign_id: str
    title: str
    kind: CampaignKind
    value: int
    """Percent for `multiply`, percentage points for `add`, points for `fixed`."""
    starts_at: datetime
    ends_at: datetime
    rooms: tuple[str, ...] = ()
    """None = all, and so with platforms."""
    platforms: tuple[str, ...] = ()

    def is_for(self, room_id: str, platform: str) -> bool:
        return (not self.rooms or room_id in self.rooms) and (
            not self.platforms or platform in self.platforms
        )


class StaffAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A platform account of the operator's own people, in clear: only between a file and its keyed hash."""

    platform: str
    account: str

    def __repr__(self) -> str:
        return f"StaffAccount(platform={self.platform!r})"


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    programme_id: str
    title: str
    zone: str = DEFAULT_ZONE
    wechat_app_ids: tuple[str, ...]
    rooms: tuple[Room, ...]
    feeds: tuple[Feed, ...] = ()
    points: PointsRules = PointsRules()
    campaigns: tuple[Campaign, ...] = ()
    """In the order in which they are applied (LG-M12)."""
    staff_accounts: tuple[StaffAccount, ...] = ()
    """As written; a programme that has any cannot be stored: see `with_hashed_staff`."""
    staff_account_refs: tuple[str, ...] = ()
    """Keyed hashes of accounts whose orders earn nothing (OC-M7), sorted."""

    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class ProgrammeNotFoundError(NotFoundError):
    code = "PROGRAMME_NOT_FOUND"


class ProgrammeChangedError(RuleError):
    """Somebody else published another version meanwhile; nothing was written."""

    code = "PROGRAMME_CHANGED"


def offers(programme: Programme, platform: str) -> bool:
    return any(room.on(platform) for room in programme.rooms)


def find_room(programme: Programme, room_id: str) -> Room | None:
    return next((room for room in programme.rooms if room.room_id == room_id), None)


def room_for_position(programme: Programme, platform: str, position: str) -> str | None:
    """The id of the room whose affiliate position brought an order; None: not our room."""
    for room in programme.rooms:
        selling = room.on(platform)
        if selling is not None and position in selling.affiliate_positions:
            return room.room_id
    return None


def level_names(programme: Programme, room_id: str) -> tuple[str, ...]:
    """Levels that count somewhere in this room, in the order of the programme."""
    room = find_room(programme, room_id)
    named = [level.level for each in (room.platforms if room else ()) for level in each.levels]
    return tuple(dict.fromkeys(named))


def with_hashed_staff(
    programme: Programme, account_ref: Callable[[str, str], AccountRef]
) -> Programme:
    """The programme as it may be stored: staff accounts only as what `account_ref(platform, account)` makes of them.
    May be repeated: then there is nothing left to hash."""
    hashed = {account_ref(each.platform, each.account) for each in programme.staff_accounts}
    refs = tuple(sorted(hashed.union(programme.staff_account_refs)))
    return msgspec.structs.replace(programme, staff_accounts=(), staff_account_refs=refs)


def canonical_json(programme: Programme) -> str:
    """One text per content: what versions are compared by and stored as.

    Raises ValueError while it holds names of staff accounts: they must never be stored.
    """
    if programme.staff_accounts:
        raise ValueError("staff accounts must be hashed before a programme is stored")
    return msgspec.json.encode(programme, order="sorted").decode()


def from_canonical_json(text: str) -> Programme:
    """Unknown keys are skipped: a function of yesterday may read what tomorrow's command published."""
    return msgspec.json.decode(text, type=Programme)
