"""Texts of a season file as values: instants in its zone, amounts, minutes. The schema has found nothing before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import end_of_day, from_local_text, start_of_day
from huixue.seasons.model import Target
from infra.ops.season_file import Amount, TargetPart

SHOWN = "a time that clocks of {} show"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def instant(text: str, zone: ZoneInfo) -> datetime:
    """`2026-11-20 20:00` in the zone → aware UTC."""
    return from_local_text(text, zone)


def is_shown(text: str | None, zone: ZoneInfo, weeks: int = 0) -> bool:
    """Whether clocks of the zone show that time: where they are set forward they leave an hour out."""
    if text is None or _is_day(text):
        return True
    local = datetime.fromisoformat(text) + timedelta(weeks=weeks)
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


def beginning(text: str | None, zone: ZoneInfo, weeks: int = 0) -> datetime | None:
    """A day alone begins with its first instant. `weeks` later by the calendar, whatever the clocks do meanwhile."""
    if text is None:
        return None
    if _is_day(text):
        return start_of_day(date.fromisoformat(text) + timedelta(weeks=weeks), zone)
    return _later(text, zone, weeks)


def end(text: str | None, zone: ZoneInfo, weeks: int = 0) -> datetime | None:
    """A day alone is still inside: the end is the next midnight."""
    if text is None:
        return None
    if _is_day(text):
        return end_of_day(date.fromisoformat(text) + timedelta(weeks=weeks), zone)
    return _later(text, zone, weeks)


def fen(amount: Amount) -> int:
    """The schema lets at most two decimals through."""
    return int(Decimal(str(amount)) * 100)


def optional_fen(amount: Amount | None) -> int | None:
    return None if amount is None else fen(amount)


def minutes(text: str) -> int:
    """`04:00` → 240."""
    hours, _, rest = text.partition(":")
    return int(hours) * 60 + int(rest)


def target(part: TargetPart | None) -> Target | None:
    if part is None:
        return None
    return Target(kind=part.kind, path=part.path, app_id=part.app_id, url=part.url, text=part.text)


def _is_day(text: str) -> bool:
    return len(text) == len("2026-11-20")


def _later(text: str, zone: ZoneInfo, weeks: int) -> datetime:
    local = datetime.fromisoformat(text) + timedelta(weeks=weeks)
    return local.replace(tzinfo=zone).astimezone(UTC)
