"""The only source of "today": instants are aware UTC, business days are counted in the programme's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """The server's clock; the member's never counts."""

    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def business_date(instant: datetime, zone: ZoneInfo = SHANGHAI) -> date:
    return instant.astimezone(zone).date()


def from_local_text(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """`2020-02-20 23:59:54` as platforms print it (their own zone, no offset) → aware UTC."""
    return (
        datetime.fromisoformat(text.strip().replace("/", "-")).replace(tzinfo=zone).astimezone(UTC)
    )


def start_of_day(day: date, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def window_start(now: datetime, days: int, zone: ZoneInfo = SHANGHAI) -> datetime:
    """First instant of a window of `days` business days before today: an order paid at 00:00:00 of
    that day is inside, one paid at 23:59:59.999 the day before is outside (OC-M4)."""
    return start_of_day(business_date(now, zone) - timedelta(days=days), zone)


def month_end_after(instant: datetime, months: int, zone: ZoneInfo = SHANGHAI) -> date:
    """Last day of the month `months` after the instant's business month."""
    day = business_date(instant, zone)
    index = day.year * 12 + day.month - 1 + months + 1
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)


def to_text(instant: datetime) -> str:
    """RFC 3339 in UTC with microseconds; sorts as text in the order of time."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    return datetime.fromisoformat(text)


def to_epoch_s(instant: datetime) -> int:
    return int(instant.timestamp())
