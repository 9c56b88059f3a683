"""What a written programme must look like: plain data in, a `Programme` or every problem out.

A rate may be a whole number or decimal text (`0.5`), so that no float ever touches it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from huixue.kernel.errors import RuleError
from huixue.kernel.terms import WindowClock
from huixue.programme.model import (
    DEFAULT_ZONE,
    Feed,
    Level,
    Programme,
    Room,
    RoomPlatform,
)
from huixue.programme.reading import ABSENT, Node, Problem, Reader

PLATFORMS = ("taobao", "douyin", "kuaishou", "jd", "wechat_shop")
WINDOW_CLOCKS = ("paid_at", "confirmed_at")
NO_LEVEL = "none"
"""The operators' word for "withdraw the level"; so no level may be called that."""

_ID = re.compile(r"[a-z0-9-]{1,32}")
_ID_SAYS = "an id of 1 to 32 small letters, digits and hyphens"
_LEVEL_ID = re.compile(rf"(?!{NO_LEVEL}$)[a-z0-9-]{{1,32}}")
_OUTER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OUTER_ID_SAYS = "an id as its platform prints it, in quotes"
_TITLE = re.compile(r"(?=\S)[^\x00-\x1f\x7f]{1,64}")
_RATE = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_MAX_ROOMS = 100
_MAX_LISTED = 200


class ProgrammeInvalidError(RuleError):
    """`problems` names everything that is wrong, in the order of the file."""

    code = "PROGRAMME_INVALID"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(each) for each in problems), problems=len(problems))
        self.problems = problems


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def programme_from(data: object) -> Programme:
    """The programme that plain data (maps, lists, text, whole numbers) describes. Raises ProgrammeInvalidError."""
    reader = Reader()
    programme = _programme(Node(data, ()), reader)
    if reader.problems:
        raise ProgrammeInvalidError(reader.problems)
    return programme


def _programme(node: Node, reader: Reader) -> Programme:
    keys = ("programme_id", "title", "zone", "wechat_app_ids", "rooms", "feeds")
    of = reader.map_of(node, keys)
    programme = Programme(
        programme_id=reader.text(of["programme_id"], _ID, _ID_SAYS),
        title=_title(of["title"], reader),
        zone=_zone(of["zone"], reader),
        wechat_app_ids=_outer_ids(of["wechat_app_ids"], reader, at_least=1),
        rooms=_rooms(of["rooms"], reader),
        feeds=_feeds(of["feeds"], reader),
    )
    _check_positions(of["rooms"], programme, reader)
    return programme


def _title(node: Node, reader: Reader) -> str:
    return reader.text(node, _TITLE, "a title of 1 to 64 characters on one line")


def _zone(node: Node, reader: Reader) -> str:
    """Named, never an offset: the business day follows the zone's own rules."""
    if node.value is ABSENT:
        return DEFAULT_ZONE
    try:
        return ZoneInfo(str(node.value)).key
    except (ValueError, OSError, KeyError):  # ZoneInfo's three ways to say "no such zone"
        reader.wrong(node, "a time zone such as Asia/Shanghai")
        return ""


def _outer_ids(node: Node, reader: Reader, *, at_least: int = 0) -> tuple[str, ...]:
    nodes = reader.items(node, at_least=at_least, at_most=_MAX_LISTED)
    reader.all_different(nodes, "each id")
    return tuple(reader.text(each, _OUTER_ID, _OUTER_ID_SAYS) for each in nodes)


def _rooms(node: Node, reader: Reader) -> tuple[Room, ...]:
    nodes = reader.items(node, at_least=1, at_most=_MAX_ROOMS)
    rooms = tuple(_room(each, reader) for each in nodes)
    _all_different(nodes, "room_id", reader)
    return rooms


def _room(node: Node, reader: Reader) -> Room:
    of = reader.map_of(node, ("room_id", "title", "platforms"))
    platforms = reader.items(of["platforms"], at_least=1, at_most=len(PLATFORMS))
    room = Room(
        room_id=reader.text(of["room_id"], _ID, _ID_SAYS),
        title=_title(of["title"], reader),
        platforms=tuple(_room_platform(each, reader) for each in platforms),
    )
    _all_different(platforms, "platform", reader)
    return room


def _room_platform(node: Node, reader: Reader) -> RoomPlatform:
    keys = (
        "platform", "window_days", "window_clock", "points_per_yuan", "levels",
        "affiliate_positions",
    )  # fmt: skip
    of = reader.map_of(node, keys)
    return RoomPlatform(
        platform=reader.choice(of["platform"], PLATFORMS),
        window_days=reader.whole(of["window_days"], 1, 366),
        window_clock=cast("WindowClock", reader.choice(of["window_clock"], WINDOW_CLOCKS)),
        rate_milli=_rate_milli(of["points_per_yuan"], reader),
        levels=_levels(of["levels"], reader),
        affiliate_positions=_outer_ids(of["affiliate_positions"], reader),
    )


def _rate_milli(node: Node, reader: Reader) -> int:
    value = node.value
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and _RATE.fullmatch(text):
        milli = int(Decimal(text) * 1000)
        if 1 <= milli <= 1_000_000:
            return milli
    reader.wrong(node, "points per yuan from 0.001 to 1000, with at most 3 decimals")
    return 0


def _levels(node: Node, reader: Reader) -> tuple[Level, ...]:
    nodes = reader.items(node, at_least=0, at_most=_MAX_LISTED)
    levels = tuple(_level(each, reader) for each in nodes)
    _all_different(nodes, "level", reader)
    return levels


def _level(node: Node, reader: Reader) -> Level:
    of = reader.map_of(node, ("level", "multiplier_percent"))
    return Level(
        level=reader.text(of["level"], _LEVEL_ID, f"{_ID_SAYS}, other than {NO_LEVEL}"),
        multiplier_percent=reader.whole(of["multiplier_percent"], 1, 1000),
    )


def _feeds(node: Node, reader: Reader) -> tuple[Feed, ...]:
    nodes = reader.items(node, at_least=0, at_most=_MAX_LISTED)
    feeds = tuple(_feed(each, reader) for each in nodes)
    _all_different(nodes, "app_key", reader)
    return feeds


def _feed(node: Node, reader: Reader) -> Feed:
    of = reader.map_of(node, ("platform", "kind", "app_key"))
    reader.choice(of["platform"], ("taobao",))
    reader.choice(of["kind"], ("affiliate",))
    app_key = reader.text(of["app_key"], _OUTER_ID, _OUTER_ID_SAYS)
    return Feed(platform="taobao", kind="affiliate", app_key=app_key)


def _all_different(nodes: list[Node], key: str, reader: Reader) -> None:
    maps = [node for node in nodes if isinstance(node.value, dict)]
    named = [Node(node.value.get(key), (*node.path, key)) for node in maps]
    reader.all_different(named, f"each {key}")


def _check_positions(rooms: Node, programme: Programme, reader: Reader) -> None:
    """A position tells the room, so it belongs to one room of its platform."""
    owners: dict[tuple[str, str], int] = {}
    for room_index, room in enumerate(programme.rooms):
        for index, selling in enumerate(room.platforms):
            for number, position in enumerate(selling.affiliate_positions):
                first = owners.setdefault((selling.platform, position), room_index)
                if position and first != room_index:
                    at = (
                        *rooms.path,
                        room_index,
                        "platforms",
                        index,
                        "affiliate_positions",
                        number,
                    )
                    reader.wrong(Node(position, at), "a position that no other room has")
