"""The season as a calendar: by day for a member's month, and as the data of the public iCalendar feed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import business_date
from huixue.seasons.instants import in_order, streams_of
from huixue.seasons.model import Edition, MemberDay, Month, Stream, StreamState, Target, state_at

EventStatus = Literal["CONFIRMED", "CANCELLED"]
"""RFC 5545 §3.8.1.11, of an event."""
WEEKLY_SINCE = date(2024, 1, 1)
"""A Monday: days of every week begin in its week, so that no later publication takes past ones off anybody's phone."""
_DAYS_CHANGED_AT = datetime(2024, 1, 1, tzinfo=UTC)
"""A member day with another name, weekday or date is another event: one event of them never changes."""
_DIGEST_CHARS = 10
KEPT_DAYS = 92
"""Streams that started earlier than so many days ago are left out of the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """A stream as phones subscribe to it. Its `uid` never changes, `sequence` grows with every change of what members
    see (RFC 5545 §3.8.7.4), so a moved stream moves and a cancelled one is struck out."""

    uid: str
    stream_id: str
    starts_at: datetime
    ends_at: datetime
    title: str
    theme: str
    color: str
    status: EventStatus
    state: StreamState
    sequence: int
    changed_at: datetime
    description: tuple[str, ...]
    """Lines for members."""
    target: Target | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEvent:
    """A member day, the whole day: every week from `first_on` where `weekly`, else that date alone. The same name on
    the same day is the same event for ever, wherever in the file it stands."""

    uid: str
    title: str
    first_on: date
    weekly: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFeed:
    title: str
    zone: str
    streams: tuple[StreamEvent, ...]
    """By time."""
    days: tuple[DayEvent, ...]


def events(edition: Edition, months: Mapping[str, Month], now: datetime) -> CalendarFeed:
    """`months`: those that shall be in it. Nothing in it depends on who asks."""
    oldest = now - timedelta(days=KEPT_DAYS)
    streams = [each for each in streams_of(months) if each.starts_at >= oldest]
    return CalendarFeed(
        title=edition.title,
        zone=edition.zone,
        streams=tuple(_stream_event(edition, each, now) for each in streams),
        days=_day_events(edition),
    )


def streams_by_day(streams: Sequence[Stream], zone_name: str) -> Mapping[date, tuple[Stream, ...]]:
    """Streams by the business day on which they start."""
    zone = ZoneInfo(zone_name)
    days: dict[date, list[Stream]] = {}
    for stream in in_order(streams):
        days.setdefault(business_date(stream.starts_at, zone), []).append(stream)
    return {day: tuple(each) for day, each in days.items()}


def member_days_on(edition: Edition, day: date) -> tuple[str, ...]:
    """The names this day has, in the order of the file."""
    named = (
        each.title
        for each in edition.member_days
        if each.on == day or each.weekday == day.isoweekday()
    )
    return tuple(dict.fromkeys(named))


def _stream_event(edition: Edition, stream: Stream, now: datetime) -> StreamEvent:
    state = state_at(stream, now)
    return StreamEvent(
        uid=f"stream-{stream.stream_id}@{edition.programme_id}.huixue",
        stream_id=stream.stream_id,
        starts_at=stream.starts_at,
        ends_at=stream.ends_at,
        title=stream.title,
        theme=stream.theme,
        color=stream.color,
        status="CANCELLED" if state == "cancelled" else "CONFIRMED",
        state=state,
        sequence=stream.revision - 1,
        changed_at=stream.changed_at,
        description=_description(edition, stream),
        target=stream.target,
    )


def _description(edition: Edition, stream: Stream) -> tuple[str, ...]:
    """Of what makes a new revision alone: slots come and go without one, so their number is not told."""
    lines = [stream.theme] if stream.theme else []
    if stream.hosts:
        lines.append(f"主播：{'、'.join(stream.hosts)}")
    if stream.cancelled_at is not None:
        lines.append(f"已取消：{stream.reason}" if stream.reason else "已取消")
    elif stream.rescheduled_from:
        before = stream.rescheduled_from[-1].astimezone(ZoneInfo(edition.zone))
        lines.append(f"原定 {before:%m月%d日 %H:%M}，已改期")
        if stream.reason:
            lines.append(f"原因：{stream.reason}")
    return tuple(lines)


def _day_events(edition: Edition) -> tuple[DayEvent, ...]:
    events = (_day_event(edition.programme_id, each) for each in edition.member_days)
    return tuple({each.uid: each for each in events}.values())


def _day_event(programme_id: str, day: MemberDay) -> DayEvent:
    key = day.on.isoformat() if day.on else f"weekday-{day.weekday}"
    digest = hashlib.sha256(day.title.encode()).hexdigest()[:_DIGEST_CHARS]
    return DayEvent(
        uid=f"day-{key}-{digest}@{programme_id}.huixue",
        title=day.title,
        first_on=day.on or WEEKLY_SINCE + timedelta(days=day.weekday - WEEKLY_SINCE.isoweekday()),
        weekly=day.on is None,
        changed_at=_DAYS_CHANGED_AT,
    )
