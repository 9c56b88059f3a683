"""The only source of "today": instants are aware UTC, business days are counted in the programme's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from huixue.kernel.policies import CapWindow, Expiry

SHANGHAI = ZoneInfo("Asia/Shanghai")
_END_EVERY_MONTHS = {"month_end": 1, "quarter_end": 3, "half_year_end": 6, "year_end": 12}


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
    return _last_day_of(_month_index(business_date(instant, zone)) + months)


def expires_on(day: date, expiry: Expiry) -> date | None:
    """Last day on which points accrued on the business day `day` can be spent; None = never (LG-M9).

    `days`: that many days after the day of accrual. The four ends: the last day of the month, quarter, half-year or
    year that holds the month `after` months later; every day of a month of accrual gives the same one (31 January
    and 1 month: 28 or 29 February). `fixed_date`: that date whatever the day of accrual, even one that has passed.
    What would lie beyond the calendar's year 9999 is its last day. Raises ValueError for a fixed date without `on`.
    """
    if expiry.method == "never":
        return None
    if expiry.method == "fixed_date":
        if expiry.on is None:
            raise ValueError("a fixed expiry date needs `on`")
        return expiry.on
    if expiry.method == "days":
        return day + timedelta(days=min(expiry.after, (date.max - day).days))
    length = _END_EVERY_MONTHS[expiry.method]
    index = _month_index(day) + expiry.after
    return _last_day_of(index - index % length + length - 1)


def end_of_day(day: date, zone: ZoneInfo = SHANGHAI) -> datetime:
    """First instant that is no longer `day`: the next day's midnight there, 23 to 25 hours after this one's."""
    return start_of_day(day + timedelta(days=1), zone)


def window_key(day: date, window: CapWindow) -> str:
    """Names the window of business time a day lies in: `2026-11-21`, `2026-W47` (ISO week, from Monday, under its
    own year), `2026-11`, `2026`, `total`."""
    if window == "total":
        return "total"
    if window == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[window]]


def year_of(day: date) -> str:
    """The calendar year of a business day as the name of its period: `2026`."""
    return window_key(day, "year")


def _month_index(day: date) -> int:
    """Months since January of year 0, so that multiples of 3, 6 and 12 begin a quarter, half-year and year."""
    return day.year * 12 + day.month - 1


def _last_day_of(month_index: int) -> date:
    first_of_next = month_index + 1
    if first_of_next > _month_index(date.max):
        return date.max
    return date(first_of_next // 12, first_of_next % 12 + 1, 1) - timedelta(days=1)


def to_text(instant: datetime) -> str:
    """RFC 3339 in UTC with microseconds; sorts as text in the order of time."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    return datetime.fromisoformat(text)


def to_epoch_s(instant: datetime) -> int:
    return int(instant.timestamp())
