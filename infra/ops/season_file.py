"""A season file as it is written: the shape that `season.schema.json` describes, as types. Values only."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from huixue.kernel.check_ins import TaskKind, TaskPeriod
from huixue.seasons.model import BlockKind, GuideKind, TargetKind

Amount = str | int | float
"""Yuan as written."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class AllowedPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    app_ids: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


class FeedPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    generation: int = 1


class MilestonePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    days: int
    points: int
    title: str = ""


class MakeUpPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    within_days: int = 7
    per_month: int = 3
    prices: tuple[int, ...] = (10,)
    rewards: Literal["none", "full"] = "none"


class CheckInPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    starts_on: str | None = None
    ends_cycle: bool = False
    day_starts_at: str = "00:00"
    cycle: str | dict[str, int] = "month"
    base_points: int = 1
    consecutive: tuple[MilestonePart, ...] = ()
    cumulative: tuple[MilestonePart, ...] = ()
    make_up: MakeUpPart | None = None


class TaskPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    task_id: str
    kind: TaskKind
    title: str
    points: int
    period: TaskPeriod = "once"
    subject: str | None = None
    starts_at: str | None = None
    ends_at: str | None = None


class MemberDayPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    weekday: Weekday | None = None
    on: str | None = None


class TargetPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: TargetKind
    path: str = ""
    app_id: str = ""
    url: str = ""
    text: str = ""


class SelectionPart(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"list_name": "from"},
):
    list_name: str
    products: tuple[str | int, ...] | None = None
    brands: tuple[str, ...] | None = None
    words: tuple[str, ...] | None = None
    price_yuan: tuple[Amount, ...] | None = None
    order_by: Literal["sales", "price", "list"] = "sales"
    at_most: int = 40
    at_min: int | None = None
    every_min: int = 3


class SlotPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    brand: str
    title: str
    price_yuan: Amount
    product: str | int | None = None
    list_price_yuan: Amount | None = None
    at_min: int | None = None
    target: TargetPart | None = None
    image_url: str = ""


class StreamDefaultsPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    color: str = ""
    hosts: tuple[str, ...] = ()
    platform: str = ""
    room: str = ""
    lasts_min: int = 240
    target: TargetPart | None = None


class StreamPart(StreamDefaultsPart, frozen=True, kw_only=True, forbid_unknown_fields=True):
    stream_id: str
    title: str
    starts_at: str
    theme: str = ""
    slots: tuple[dict[str, Any], ...] = ()
    """Each a SelectionPart where it has `from`, else a SlotPart."""


class GoodPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    brand: str = ""
    price_yuan: Amount | None = None
    image_url: str = ""
    target: TargetPart | None = None


class AudiencePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tags: dict[str, list[str]] = {}
    joined_within_days: int = 0


class BlockPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    block_id: str
    kind: BlockKind
    title: str
    subtitle: str = ""
    image_url: str = ""
    target: TargetPart | None = None
    goods: tuple[GoodPart, ...] = ()
    partner: str = ""
    disclaimer: str = ""
    starts_at: str | None = None
    ends_at: str | None = None
    weeks: int = 1
    audience: AudiencePart | None = None
    priority: int = 0
    enabled: bool = True
    ended_text: str = ""


class RowPart(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"all_slots": "all"},
):
    stream: str
    product: str | int | None = None
    all_slots: bool = False
    note: str = ""


class GuidePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    guide_id: str
    kind: GuideKind
    title: str
    summary: str = ""
    body: tuple[str, ...] = ()
    tags: dict[str, list[str]] = {}
    rows: tuple[RowPart, ...] = ()
    starts_at: str | None = None
    ends_at: str | None = None
    enabled: bool = True
    ended_text: str = ""


class SeasonPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    season_id: str
    programme_id: str
    title: str
    zone: str = "Asia/Shanghai"
    allowed: AllowedPart = AllowedPart()
    products: dict[str, str] = {}
    calendar_feed: FeedPart = FeedPart()
    check_in: CheckInPart | None = None
    tasks: tuple[TaskPart, ...] | None = None
    member_days: tuple[MemberDayPart, ...] = ()
    stream_defaults: dict[str, Any] = {}
    """What of StreamDefaultsPart is said; every stream may say otherwise."""
    streams: tuple[dict[str, Any], ...] = ()
    """Each with the defaults a StreamPart."""
    home: tuple[BlockPart, ...] = ()
    guides: tuple[GuidePart, ...] = ()
