"""What is true about a season: streams and their slots, and what members see around them. Values only.

Every fact has one record. A stream's time and state stand in its month (`Month.streams`), its slots in `Slots`;
blocks, guides and the calendar's own days in the `Edition`. Every surface is made from these when it is read, so a
change of one of them is a change of all.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from huixue.kernel.errors import NotFoundError, RuleError

StreamState = Literal["planned", "live", "ended", "cancelled"]
Said = Literal["cancel", "finish", "begin"]
"""A word of an operator about a stream that `restore` takes back."""
SlotState = Literal["planned", "on_shelf", "sold_out", "withdrawn"]
TargetKind = Literal["page", "mini_program", "article", "channels", "taobao_code", "web"]
BlockKind = Literal["entry", "banner", "featured", "market", "brand", "notice"]
GuideKind = Literal["lesson", "promotion"]
_ID = re.compile(r"[a-z0-9-]{1,48}")
MAX_SLOTS = 300
"""Of one stream: packed they stay far below what one item holds."""


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a tap leads (CT-M2). `page`: a path of our own mini-program; `mini_program`: another one, by app
    id and path; `article` and `web`: an address; `channels`: 视频号, by its id; `taobao_code`: 淘口令."""

    kind: TargetKind
    path: str = ""
    app_id: str = ""
    url: str = ""
    text: str = ""


class Audience(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who sees a block: everybody, or members with one of the values in each named tag group, and joined lately."""

    tags: dict[str, tuple[str, ...]] = {}
    """Tag group → any of these values."""
    joined_within_days: int = 0
    """0: whenever they joined."""


class Good(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A thing that is sold elsewhere, in a block of featured goods or a market."""

    title: str
    brand: str = ""
    price_fen: int | None = None
    image_url: str = ""
    target: Target | None = None


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the home page (CT-M1): shown in `starts_at <= now < ends_at` to its audience."""

    block_id: str
    kind: BlockKind
    title: str
    subtitle: str = ""
    image_url: str = ""
    target: Target | None = None
    goods: tuple[Good, ...] = ()
    partner: str = ""
    """Of a market: who sells."""
    disclaimer: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    audience: Audience = Audience()
    priority: int = 0
    """Higher comes first; then the order of the file."""
    enabled: bool = True
    ended_text: str = ""
    """What a member reads who comes by an old link (CT-E3)."""


class GuideRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a guide's table; price, time and state are the slot's own when it is read (CT-E1)."""

    slot_id: str
    note: str = ""


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    note: str
    """What changed, for members: "更新 3 个商品"."""


class Guide(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """小课堂 or a promotion's table (CT-M4, M5)."""

    guide_id: str
    kind: GuideKind
    title: str
    summary: str = ""
    body: tuple[str, ...] = ()
    """Paragraphs."""
    tags: dict[str, tuple[str, ...]] = {}
    """Whom it is for: tag group → values. It hides from nobody."""
    rows: tuple[GuideRow, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    enabled: bool = True
    ended_text: str = ""
    revisions: tuple[Revision, ...] = ()
    """Newest last; kept by publishing, never written in the file."""


class MemberDay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A day of every week (1 Monday … 7 Sunday) or one date that has a name in the calendar."""

    title: str
    weekday: int = 0
    on: date | None = None


class Stream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stream as it stands. `planned_starts_at` is what the file said last: a publication that says the same
    again leaves alone what the stream's own commands did since."""

    stream_id: str
    season_id: str
    title: str
    theme: str = ""
    color: str = ""
    """`#RRGGBB`: its label in the calendar."""
    hosts: tuple[str, ...] = ()
    platform: str = ""
    room_id: str = ""
    planned_starts_at: datetime
    starts_at: datetime
    lasts_min: int = 240
    cancelled_at: datetime | None = None
    began_at: datetime | None = None
    """When it really began and ended, where an operator said so."""
    finished_at: datetime | None = None
    reason: str = ""
    """Why it was moved or cancelled, for members."""
    moved_reason: str = ""
    """Why it was moved last: what it says again once it is restored."""
    rescheduled_from: tuple[datetime, ...] = ()
    """Where it stood before, oldest first."""
    target: Target | None = None
    """Where to watch it."""
    slot_count: int = 0
    revision: int = 1
    """Counts every change of what members see of it, slots excepted."""
    changed_at: datetime

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.lasts_min)


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """The streams of one business month, by the day on which they start; in the order of `(starts_at, stream_id)`."""

    month: str
    """`2026-11`."""
    streams: tuple[Stream, ...] = ()
    revision: int = 0
    """0: not stored yet."""


class Slot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One product in one stream."""

    slot_id: str
    """`{stream_id}.{product}`: an operator reads the stream from it."""
    brand: str
    title: str
    price_fen: int
    list_price_fen: int | None = None
    offset_min: int = 0
    """Minutes from the stream's start to when it is expected: it moves with the stream."""
    state: SlotState = "planned"
    shelved_at: datetime | None = None
    """When it went on the shelf, first."""
    target: Target | None = None
    image_url: str = ""
    listed: bool = True
    """False: withdrawn because the file has it no more; it comes back once the file has it again."""


class Slots(msgspec.Struct, frozen=True, kw_only=True):
    """All slots of one stream, in their order."""

    stream_id: str
    month: str
    """Where the stream itself stands: changes with it in one transaction."""
    slots: tuple[Slot, ...] = ()
    revision: int = 0
    """0: not stored yet."""
    changed_at: datetime


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """What was published for a programme, streams and slots excepted. Versioned: a published version never
    changes."""

    programme_id: str
    season_id: str
    title: str
    zone: str = "Asia/Shanghai"
    blocks: tuple[Block, ...] = ()
    guides: tuple[Guide, ...] = ()
    member_days: tuple[MemberDay, ...] = ()
    months: tuple[str, ...] = ()
    """Every month that has streams, of this season and those before, sorted."""
    feed_generation: int = 1
    """Another one gives the calendar feed another address."""
    version: int = 0
    published_at: datetime | None = None


class SeasonNotFoundError(NotFoundError):
    """Nothing was published for this programme yet."""

    code = "SEASON_NOT_FOUND"


class SeasonChangedError(RuleError):
    """Somebody else changed the same month, stream or edition at the same moment; nothing was written."""

    code = "SEASON_CHANGED"


class SeasonTooLargeError(RuleError):
    """More than one item or one transaction holds; nothing was written."""

    code = "SEASON_TOO_LARGE"


def state_at(stream: Stream, now: datetime) -> StreamState:
    """What an operator said counts; else the clock: live from its start to its planned end."""
    if stream.cancelled_at is not None:
        return "cancelled"
    if stream.finished_at is not None and stream.finished_at <= now:
        return "ended"
    if stream.began_at is not None and stream.began_at <= now:
        return "live" if now < max(stream.ends_at, stream.began_at + LONGEST) else "ended"
    if now < stream.starts_at:
        return "planned"
    return "live" if now < stream.ends_at else "ended"


LONGEST = timedelta(hours=12)
"""A stream that was begun and never ended by hand is over after this."""


def expected_at(stream: Stream, slot: Slot) -> datetime:
    return stream.starts_at + timedelta(minutes=slot.offset_min)


def is_id(text: str) -> bool:
    """Whether a programme, season, stream, block or guide may be called so."""
    return _ID.fullmatch(text) is not None


def is_slot_id(text: str) -> bool:
    stream_id, dot, product = text.partition(".")
    return is_id(stream_id) and dot == "." and is_id(product)


def stream_of_slot(slot_id: str) -> str:
    """The stream's id; slot ids hold it before their first dot."""
    return slot_id.partition(".")[0]
