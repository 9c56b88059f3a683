"""The season as a calendar: by day for a member's month, and as the data of the public iCalendar feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import business_date
from huixue.seasons.instants import in_order, streams_of
from huixue.seasons.model import Edition, Month, Stream, StreamState, Target, state_at

EventStatus = Literal["CONFIRMED", "CANCELLED"]
"""RFC 5545 §3.8.1.11, of an event."""
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
    """A member day, the whole day: every week from `first_on` where `weekly`, else that date alone."""

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
    """`months`: those of `edition.months` that shall be in it. Nothing in it depends on who asks."""
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
    lines = [stream.theme] if stream.theme else []
    if stream.hosts:
        lines.append(f"主播：{'、'.join(stream.hosts)}")
    if stream.slot_count:
        lines.append(f"商品：{stream.slot_count} 款")
    if stream.cancelled_at is not None:
        lines.append(f"已取消：{stream.reason}" if stream.reason else "已取消")
    elif stream.rescheduled_from:
        before = stream.rescheduled_from[-1].astimezone(ZoneInfo(edition.zone))
        lines.append(f"原定 {before:%m月%d日 %H:%M}，已改期")
        if stream.reason:
            lines.append(f"原因：{stream.reason}")
    return tuple(lines)


def _day_events(edition: Edition) -> tuple[DayEvent, ...]:
    published = edition.published_at or datetime.min.replace(tzinfo=ZoneInfo("UTC"))
    first = business_date(published, ZoneInfo(edition.zone))
    days = []
    for number, each in enumerate(edition.member_days):
        on = each.on or first + timedelta(days=(each.weekday - first.isoweekday()) % 7)
        key = on.isoformat() if each.on else f"weekday-{each.weekday}"
        days.append(
            DayEvent(
                uid=f"day-{key}-{number}@{edition.programme_id}.huixue",
                title=each.title,
                first_on=on,
                weekly=each.on is None,
                changed_at=published,
            )
        )
    return tuple(days)
