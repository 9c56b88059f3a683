"""The home page at an instant: a pure function of what was published, so a preview is what will be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import business_date
from huixue.seasons.instants import AHEAD_DAYS, in_order, is_open, next_midnight, turns_of
from huixue.seasons.model import (
    Audience,
    Block,
    BlockKind,
    Edition,
    Stream,
    StreamState,
    state_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks; the default is somebody of whom nothing is known."""

    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Tag group → her values."""
    joined_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What she sees; each list by priority, then in the order of the file."""

    entries: tuple[Block, ...] = ()
    banners: tuple[Block, ...] = ()
    featured: tuple[Block, ...] = ()
    markets: tuple[Block, ...] = ()
    brands: tuple[Block, ...] = ()
    notices: tuple[Block, ...] = ()
    tonight: Stream | None = None
    """The live one (of several the one that started last), else the next of this business day."""
    tonight_state: StreamState | None = None
    next_stream: Stream | None = None
    """Where there is none tonight: the next of the coming 7 business days."""
    changes_at: datetime | None = None
    """When this answer changes by itself next; at the latest the next midnight, when another day is tonight."""


def home_at(edition: Edition, streams: Sequence[Stream], now: datetime, viewer: Viewer) -> Home:
    """`streams`: at least those of `instants.months_around(now)`. As long as nobody changes anything, the answer is
    the same at every instant from `now` until before `changes_at`, and another one then (or it is midnight)."""
    present = _at(edition, streams, now, viewer)
    midnight = next_midnight(now, edition.zone)
    for instant in sorted(set(_turns(edition, streams))):
        if now < instant < midnight and _at(edition, streams, instant, viewer) != present:
            return replace(present, changes_at=instant)
    return replace(present, changes_at=midnight)


def is_for(audience: Audience, viewer: Viewer, today: date) -> bool:
    """One of the values in every named group, and joined within so many business days, today included."""
    for group, values in audience.tags.items():
        if viewer.tags.get(group, frozenset()).isdisjoint(values):
            return False
    if not audience.joined_within_days:
        return True
    joined = viewer.joined_on
    return joined is not None and 0 <= (today - joined).days < audience.joined_within_days


def _at(edition: Edition, streams: Sequence[Stream], now: datetime, viewer: Viewer) -> Home:
    today = business_date(now, ZoneInfo(edition.zone))
    shown = sorted(_visible(edition.blocks, now, today, viewer), key=lambda each: -each.priority)
    by_kind: dict[BlockKind, list[Block]] = {}
    for block in shown:
        by_kind.setdefault(block.kind, []).append(block)
    tonight = _tonight(streams, now, edition.zone)
    return Home(
        entries=tuple(by_kind.get("entry", ())),
        banners=tuple(by_kind.get("banner", ())),
        featured=tuple(by_kind.get("featured", ())),
        markets=tuple(by_kind.get("market", ())),
        brands=tuple(by_kind.get("brand", ())),
        notices=tuple(by_kind.get("notice", ())),
        tonight=tonight,
        tonight_state=None if tonight is None else state_at(tonight, now),
        next_stream=_next(streams, now, edition.zone, AHEAD_DAYS) if tonight is None else None,
    )


def _visible(
    blocks: Iterable[Block], now: datetime, today: date, viewer: Viewer
) -> Iterator[Block]:
    for block in blocks:
        in_window = block.enabled and is_open(block.starts_at, block.ends_at, now)
        if in_window and is_for(block.audience, viewer, today):
            yield block


def _tonight(streams: Sequence[Stream], now: datetime, zone_name: str) -> Stream | None:
    live = in_order(each for each in streams if state_at(each, now) == "live")
    return live[-1] if live else _next(streams, now, zone_name, 0)


def _next(streams: Sequence[Stream], now: datetime, zone_name: str, days: int) -> Stream | None:
    zone = ZoneInfo(zone_name)
    today = business_date(now, zone)
    for stream in in_order(streams):
        ahead = (business_date(stream.starts_at, zone) - today).days
        if state_at(stream, now) == "planned" and ahead <= days:
            return stream
    return None


def _turns(edition: Edition, streams: Sequence[Stream]) -> Iterator[datetime]:
    """Every instant at which anything may change but for midnight."""
    for block in edition.blocks:
        yield from (each for each in (block.starts_at, block.ends_at) if each is not None)
    for stream in streams:
        yield from turns_of(stream)
