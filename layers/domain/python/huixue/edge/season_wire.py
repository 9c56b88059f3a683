"""The shapes of answers about a season: home, streams and guides, as `http-api.md` fixes them.

Times carry the programme's own offset; a field that says nothing (no subtitle, no target) is left out.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from huixue.seasons.instants import ContentState
from huixue.seasons.model import BlockKind, GuideKind, SlotState, StreamState, TargetKind


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a tap leads: a path of this mini-program, another one by app id and path, an article or web address, a
    video account, a Taobao code to copy."""

    kind: TargetKind
    path: str = ""
    app_id: str = ""
    url: str = ""
    text: str = ""


class Good(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A thing that is sold elsewhere."""

    title: str
    brand: str = ""
    price_fen: int | None = None
    image_url: str = ""
    target: Target | None = None


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the home page that this member sees now."""

    block_id: str
    kind: BlockKind
    title: str
    subtitle: str = ""
    image_url: str = ""
    target: Target | None = None
    goods: list[Good] = []
    partner: str = ""
    """Who sells, in a market."""
    disclaimer: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class BlockPage(Block, frozen=True, kw_only=True, omit_defaults=True):
    """A block by its link, whether or not the home page shows it: its goods and target only while it is open."""

    state: ContentState
    ended_text: str = ""
    """What to show instead, where it has ended."""


class StreamMark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stream on its day in the calendar."""

    stream_id: str
    title: str
    theme: str
    starts_at: datetime
    color: str = ""
    """`#RRGGBB` of its label."""
    state: StreamState


class StreamSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    stream_id: str
    title: str
    theme: str
    color: str = ""
    starts_at: datetime
    ends_at: datetime
    """As planned; of a stream that has ended, when it did."""
    state: StreamState
    hosts: list[str]
    platform: str
    room_id: str
    target: Target | None = None
    """Where to watch it."""
    rescheduled_from: list[datetime] = []
    """Where it stood before, oldest first."""
    reason: str = ""
    """Why it was moved or cancelled."""
    slot_count: int
    updated_at: datetime


class Slot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One product in a stream."""

    slot_id: str
    title: str
    brand: str
    price_fen: int
    list_price_fen: int | None = None
    image_url: str = ""
    target: Target | None = None
    expected_at: datetime
    """It moves with its stream."""
    state: SlotState
    shelved_at: datetime | None = None
    reserved_count: int


class Stream(StreamSummary, frozen=True, kw_only=True, omit_defaults=True):
    """A stream with all its slots."""

    slots: list[Slot]


class StreamList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of the streams that start between two business days, in the order of their start."""

    items: list[StreamSummary]
    next_cursor: str | None = None
    """Absent on the last page."""


class Home(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    entries: list[Block]
    banners: list[Block]
    featured: list[Block]
    markets: list[Block]
    brands: list[Block]
    notices: list[Block]
    tonight: StreamSummary | None = None
    """The stream that is live, else the next one of this business day; its slots stand in the stream itself."""
    next_stream: StreamSummary | None = None
    """Where there is none tonight: the next one within a week."""
    version: int
    """Of what is published; streams and slots change without a new one."""
    updated_at: datetime | None = None


class GuideRevision(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    note: str


class GuideSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    guide_id: str
    kind: GuideKind
    title: str
    summary: str = ""
    tags: dict[str, list[str]] = {}
    """Whom it is for; it hides from nobody."""
    state: ContentState
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class GuideList(msgspec.Struct, frozen=True, kw_only=True):
    """The guides that are open, in the order of the file."""

    items: list[GuideSummary]


class GuideRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a guide's table: the slot as it stands now, and the stream it is in."""

    slot: Slot
    note: str = ""
    stream_id: str
    stream_title: str
    stream_state: StreamState
    reservable: bool
    """Whether it is still to come."""


class Guide(GuideSummary, frozen=True, kw_only=True, omit_defaults=True):
    body: list[str] = []
    """Paragraphs."""
    rows: list[GuideRow] = []
    ended_text: str = ""
    """What to show instead of the content, where it has ended."""
    updated_at: datetime | None = None
    """When its text or one of its slots changed last."""
    revisions: list[GuideRevision] = []
    """What was changed and when, newest first."""


class GuideRead(msgspec.Struct, frozen=True, kw_only=True):
    guide_id: str
    read_at: datetime
