"""One membership programme as data: rooms, where they sell, windows, rates, levels.

Versioned: a published version is never changed.
"""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from huixue.kernel.errors import NotFoundError, RuleError
from huixue.kernel.terms import Terms, WindowClock

DEFAULT_ZONE = "Asia/Shanghai"
NO_LEVEL_PERCENT = 100


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

    @property
    def feed_id(self) -> str:
        return f"{self.platform}-{self.kind}-{self.app_key}"


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    programme_id: str
    title: str
    zone: str = DEFAULT_ZONE
    wechat_app_ids: tuple[str, ...]
    rooms: tuple[Room, ...]
    feeds: tuple[Feed, ...] = ()

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


def terms_for(
    programme: Programme, version: int, room_id: str, platform: str, level: str | None
) -> Terms | None:
    """The terms now in force; `level` must be a verified one. None where the room does not sell there."""
    room = find_room(programme, room_id)
    selling = room.on(platform) if room is not None else None
    if selling is None:
        return None
    counted = next((each for each in selling.levels if each.level == level), None)
    return Terms(
        programme_id=programme.programme_id,
        programme_version=version,
        room_id=room_id,
        rule=f"{room_id}/{platform}",
        rate_milli=selling.rate_milli,
        multiplier_percent=counted.multiplier_percent if counted else NO_LEVEL_PERCENT,
        level=counted.level if counted else None,
        window_days=selling.window_days,
        window_clock=selling.window_clock,
    )


def canonical_json(programme: Programme) -> str:
    """One text per content: what versions are compared by and stored as."""
    return msgspec.json.encode(programme, order="sorted").decode()


def from_canonical_json(text: str) -> Programme:
    """Unknown keys are skipped: a function of yesterday may read what tomorrow's command published."""
    return msgspec.json.decode(text, type=Programme)
