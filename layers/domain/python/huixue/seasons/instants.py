"""When things of a season turn by themselves, and in which business month a stream stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import business_date, end_of_day
from huixue.seasons.model import LONGEST, Block, Guide, Month, Stream

ContentState = Literal["not_yet", "open", "ended"]
"""Of a block or guide; `ended` also where it was switched off (CT-E3)."""
AHEAD_DAYS = 7
"""How far ahead the home page looks for the next stream, in business days."""


def month_of(starts_at: datetime, zone_name: str) -> str:
    """`2026-11`: the business month of an instant in the programme's zone."""
    return business_date(starts_at, ZoneInfo(zone_name)).isoformat()[:7]


def months_of_days(first: date, last: date) -> tuple[str, ...]:
    """Every month that has a day from `first` to `last`, in order; none where `last` is before `first`."""
    count = (last.year - first.year) * 12 + last.month - first.month
    index = first.year * 12 + first.month - 1
    numbers = range(index, index + count + 1 if first <= last else index)
    return tuple(f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers)


def months_around(now: datetime, zone_name: str) -> tuple[str, ...]:
    """What the home page has to read: yesterday's month (a stream may run past midnight) to that of the last day
    ahead."""
    today = business_date(now, ZoneInfo(zone_name))
    return months_of_days(today - timedelta(days=1), today + timedelta(days=AHEAD_DAYS))


def streams_of(months: Mapping[str, Month]) -> tuple[Stream, ...]:
    """All streams of these months by time. One that moved between two readings and so stands in two months counts
    once, as it was changed last."""
    newest: dict[str, Stream] = {}
    for month in months.values():
        for stream in month.streams:
            known = newest.get(stream.stream_id)
            if known is None or known.revision < stream.revision:
                newest[stream.stream_id] = stream
    return in_order(newest.values())


def in_order(streams: Iterable[Stream]) -> tuple[Stream, ...]:
    return tuple(sorted(streams, key=lambda each: (each.starts_at, each.stream_id)))


def turns_of(stream: Stream) -> tuple[datetime, ...]:
    """The instants at which its state may turn without anybody doing anything."""
    if stream.cancelled_at is not None:
        return ()
    turns = [stream.starts_at, stream.ends_at]
    if stream.began_at is not None:
        turns += [stream.began_at, stream.began_at + LONGEST]
    if stream.finished_at is not None:
        turns.append(stream.finished_at)
    return tuple(turns)


def streams_change_at(streams: Iterable[Stream], now: datetime) -> datetime | None:
    """The next instant at which one of these streams may turn by itself; None: never again."""
    return first_after(now, (turn for stream in streams for turn in turns_of(stream)))


def next_midnight(now: datetime, zone_name: str) -> datetime:
    zone = ZoneInfo(zone_name)
    return end_of_day(business_date(now, zone), zone)


def first_after(now: datetime, instants: Iterable[datetime | None]) -> datetime | None:
    return min((each for each in instants if each is not None and now < each), default=None)


def is_open(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """In the window `[starts_at, ends_at)`; an end that is not named is open."""
    return (starts_at is None or starts_at <= now) and (ends_at is None or now < ends_at)


def content_state(thing: Block | Guide, now: datetime) -> ContentState:
    if not thing.enabled or (thing.ends_at is not None and thing.ends_at <= now):
        return "ended"
    return "open" if is_open(thing.starts_at, thing.ends_at, now) else "not_yet"
