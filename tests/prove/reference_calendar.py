"""Business days in the simplest words: Shanghai is eight hours ahead, all year."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta

from huixue.kernel.policies import LedgerPolicy

SHANGHAI = timedelta(hours=8)


def midnight_before(instant: datetime) -> datetime:
    """The start of the business day, in Shanghai, that an instant lies in."""
    local = instant + SHANGHAI
    return local.replace(hour=0, minute=0, second=0, microsecond=0) - SHANGHAI


def day_of(now: datetime) -> date:
    return (now + SHANGHAI).date()


def gone_at(last_day: str) -> datetime:
    """The first instant after a lot's last day."""
    day = date.fromisoformat(last_day) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - SHANGHAI


def last_day(today: date, policy: LedgerPolicy, kind: str) -> str:
    expiry = policy.expiry_of.get(kind, policy.expiry)
    if expiry.method == "never":
        return "never"
    if expiry.method == "fixed_date":
        return str(expiry.on)
    if expiry.method == "days":
        return str(today + timedelta(days=expiry.after))
    year, month = today.year, today.month
    for _ in range(expiry.after):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    length = {"month_end": 1, "quarter_end": 3, "half_year_end": 6, "year_end": 12}[expiry.method]
    while month % length:
        month += 1
    return f"{year}-{month:02}-{calendar.monthrange(year, month)[1]}"


def window_of(day: date, window: str) -> str:
    week = "{}-W{:02}".format(*day.isocalendar()[:2])
    return {
        "day": day.isoformat(), "week": week, "month": day.isoformat()[:7], "year": str(day.year),
        "total": "total",
    }[window]  # fmt: skip
