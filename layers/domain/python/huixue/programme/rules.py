"""What a written programme must look like: plain data in, a `Programme` or every problem out.

A rate may be a whole number or decimal text (`0.5`), so that no float ever touches it.
"""

from __future__ import annotations

import re
from typing import cast, get_args
from zoneinfo import ZoneInfo

from huixue.kernel.errors import RuleError
from huixue.kernel.ids import normalised
from huixue.kernel.snapshots import MASK, TradeType
from huixue.kernel.terms import WindowClock
from huixue.programme.campaign_rules import campaigns_of
from huixue.programme.ledger_rules import points_rules
from huixue.programme.model import (
    DEFAULT_ZONE,
    Feed,
    Level,
    Programme,
    Room,
    RoomPlatform,
    StaffAccount,
)
from huixue.programme.reading import ABSENT, Node, Problem, Reader
from huixue.programme.words import (
    ID,
    ID_SAYS,
    PLATFORMS,
    choices_of,
    differ_by,
    flag_or,
    id_of,
    milli_of,
    title_of,
    whole_or,
)

WINDOW_CLOCKS = ("paid_at", "confirmed_at")
SPECIAL_TYPES = tuple(each for each in get_args(TradeType) if each != "normal")
"""Trade types that earn nothing unless a programme says so."""
NO_LEVEL = "none"
"""The operators' word for "withdraw the level"; so no level may be called that."""

_LEVEL_ID = re.compile(rf"(?!{NO_LEVEL}$)[a-z0-9-]{{1,32}}")
_OUTER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OUTER_ID_SAYS = "an id as its platform prints it, in quotes"
_ACCOUNT = re.compile(rf"(?=\S)[^\x00-\x1f\x7f{re.escape(MASK)}]{{1,64}}")
_RATE_SAYS = "points per yuan from 0.001 to 1000, with at most 3 decimals"
_MAX_ROOMS = 100
_MAX_LISTED = 200
_MAX_STAFF = 1000


class ProgrammeInvalidError(RuleError):
    """`problems` names everything that is wrong, in the order of the file."""

    code = "PROGRAMME_INVALID"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(each) for each in problems), problems=len(problems))
        self.problems = problems


def is_id(text: str) -> bool:
    return ID.fullmatch(text) is not None


def programme_from(data: object) -> Programme:
    """The programme that plain data (maps, lists, text, whole numbers) describes. Raises ProgrammeInvalidError."""
    reader = Reader()
    programme = _programme(Node(data, ()), reader)
    if reader.problems:
        raise ProgrammeInvalidError(reader.problems)
    return programme


def _programme(node: Node, reader: Reader) -> Programme:
    keys = (
        "programme_id", "title", "zone", "wechat_app_ids", "rooms", "feeds", "points", "campaigns",
        "staff_accounts",
    )  # fmt: skip
    of = reader.map_of(node, keys)
    zone, rooms = _zone(of["zone"], reader), _rooms(of["rooms"], reader)
    rules = [f"{room.room_id}/{each.platform}" for room in rooms for each in room.platforms]
    programme = Programme(
        programme_id=id_of(of["programme_id"], reader),
        title=title_of(of["title"], reader),
        zone=zone.key,
        wechat_app_ids=_outer_ids(of["wechat_app_ids"], reader, at_least=1),
        rooms=rooms,
        feeds=_feeds(of["feeds"], reader),
        points=points_rules(of["points"], reader, rules=rules),
        campaigns=campaigns_of(of["campaigns"], reader, rooms=rooms, zone=zone),
        staff_accounts=_staff_accounts(of["staff_accounts"], reader),
    )
    _check_positions(of["rooms"], programme, reader)
    return programme


def _zone(node: Node, reader: Reader) -> ZoneInfo:
    """Named, never an offset: the business day follows the zone's own rules."""
    if node.value is not ABSENT:
        try:
            return ZoneInfo(str(node.value))
        except (ValueError, OSError, KeyError):  # ZoneInfo's three ways to say "no such zone"
            reader.wrong(node, "a time zone such as Asia/Shanghai")
    return ZoneInfo(DEFAULT_ZONE)


def _outer_ids(node: Node, reader: Reader, *, at_least: int = 0) -> tuple[str, ...]:
    nodes = reader.items(node, at_least=at_least, at_most=_MAX_LISTED)
    reader.all_different(nodes, "each id")
    return tuple(reader.text(each, _OUTER_ID, _OUTER_ID_SAYS) for each in nodes)


def _rooms(node: Node, reader: Reader) -> tuple[Room, ...]:
    nodes = reader.items(node, at_least=1, at_most=_MAX_ROOMS)
    rooms = tuple(_room(each, reader) for each in nodes)
    differ_by(nodes, "room_id", reader)
    return rooms


def _room(node: Node, reader: Reader) -> Room:
    of = reader.map_of(node, ("room_id", "title", "platforms"))
    platforms = reader.items(of["platforms"], at_least=1, at_most=len(PLATFORMS))
    room = Room(
        room_id=id_of(of["room_id"], reader),
        title=title_of(of["title"], reader),
        platforms=tuple(_room_platform(each, reader) for each in platforms),
    )
    differ_by(platforms, "platform", reader)
    return room


def _room_platform(node: Node, reader: Reader) -> RoomPlatform:
    keys = (
        "platform", "window_days", "window_clock", "points_per_yuan", "levels",
        "affiliate_positions", "release_after_days", "credited_types",
    )  # fmt: skip
    of = reader.map_of(node, keys)
    credited = choices_of(of["credited_types"], reader, SPECIAL_TYPES, "trade type")
    return RoomPlatform(
        platform=reader.choice(of["platform"], PLATFORMS),
        window_days=reader.whole(of["window_days"], 1, 366),
        window_clock=cast("WindowClock", reader.choice(of["window_clock"], WINDOW_CLOCKS)),
        rate_milli=milli_of(of["points_per_yuan"], reader, at_least=1, expected=_RATE_SAYS),
        levels=_levels(of["levels"], reader),
        affiliate_positions=_outer_ids(of["affiliate_positions"], reader),
        release_after_days=whole_or(of["release_after_days"], reader, 0, 60, default=0),
        credited_types=cast("tuple[TradeType, ...]", credited),
    )


def _levels(node: Node, reader: Reader) -> tuple[Level, ...]:
    nodes = reader.items(node, at_least=0, at_most=_MAX_LISTED)
    levels = tuple(_level(each, reader) for each in nodes)
    differ_by(nodes, "level", reader)
    return levels


def _level(node: Node, reader: Reader) -> Level:
    of = reader.map_of(node, ("level", "multiplier_percent"))
    return Level(
        level=reader.text(of["level"], _LEVEL_ID, f"{ID_SAYS}, other than {NO_LEVEL}"),
        multiplier_percent=reader.whole(of["multiplier_percent"], 1, 1000),
    )


def _feeds(node: Node, reader: Reader) -> tuple[Feed, ...]:
    nodes = reader.items(node, at_least=0, at_most=_MAX_LISTED)
    feeds = tuple(_feed(each, reader) for each in nodes)
    differ_by(nodes, "app_key", reader)
    return feeds


def _feed(node: Node, reader: Reader) -> Feed:
    of = reader.map_of(node, ("platform", "kind", "app_key", "refunds"))
    reader.choice(of["platform"], ("taobao",))
    reader.choice(of["kind"], ("affiliate",))
    app_key = reader.text(of["app_key"], _OUTER_ID, _OUTER_ID_SAYS)
    refunds = flag_or(of["refunds"], reader, default=True)
    return Feed(platform="taobao", kind="affiliate", app_key=app_key, refunds=refunds)


def _staff_accounts(node: Node, reader: Reader) -> tuple[StaffAccount, ...]:
    """Problems never show the accounts: they are names of people."""
    nodes = reader.items(node, at_least=0, at_most=_MAX_STAFF)
    accounts = tuple(_staff_account(each, reader) for each in nodes)
    seen: set[tuple[str, str]] = set()
    for at, each in zip(nodes, accounts, strict=True):
        key = (each.platform, normalised(each.account))
        if each.account and key in seen:
            reader.wrong(Node(_HIDDEN, (*at.path, "account")), "each account only once")
        seen.add(key)
    return accounts


def _staff_account(node: Node, reader: Reader) -> StaffAccount:
    of = reader.map_of(node, ("platform", "account"))
    platform, written = reader.choice(of["platform"], PLATFORMS), of["account"]
    if isinstance(written.value, str) and _ACCOUNT.fullmatch(written.value):
        return StaffAccount(platform=platform, account=written.value)
    hidden = Node(_HIDDEN, written.path) if isinstance(written.value, str | int) else written
    reader.wrong(hidden, "the account as the platform prints it, unmasked, in quotes")
    return StaffAccount(platform=platform, account="")


class _Hidden:
    def __str__(self) -> str:
        return "a text that is not shown"


_HIDDEN = _Hidden()


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
