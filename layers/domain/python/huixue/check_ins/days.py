"""Which business day an instant belongs to, and which rule and cycle a business day does. Pure.

Everything here follows from the instant and the published rules alone: whatever a member's own clock says, and
whenever she is asked again, the day is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from huixue.kernel.check_ins import CheckInRule, CheckInRules, CycleKind, Outage

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """The days that streaks and counts are counted in; `last` is the calendar's own last day where there is none."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def business_date(rules: CheckInRules, instant: datetime) -> date:
    """The business day of an instant in the programme's zone, by the day boundary of the version in force.

    A version counts from its own boundary on its first day; so a day on which the boundary moves is longer or shorter,
    and no instant belongs to two days. Before the first version days begin at midnight."""
    for rule in reversed(rules.versions):
        day = _day_of(instant, rules.zone_name, rule.day_starts_min)
        if day >= rule.starts_on:
            return day
    return _day_of(instant, rules.zone_name, 0)


def _day_of(instant: datetime, zone_name: str, day_starts_min: int) -> date:
    """The latest day that has begun: also where a clock is put back over the boundary, days only go on."""
    zone = ZoneInfo(zone_name)
    near = instant.astimezone(zone).date()
    return near if day_begins_at(near, zone_name, day_starts_min) <= instant else near - DAY


def day_begins_at(day: date, zone_name: str, day_starts_min: int) -> datetime:
    """The first instant of a business day that begins so many minutes after midnight."""
    at = time(day_starts_min // 60, day_starts_min % 60, tzinfo=ZoneInfo(zone_name))
    return datetime.combine(day, at).astimezone(UTC)


def rule_on(rules: CheckInRules, day: date) -> CheckInRule | None:
    """The version in force on a business day; None before the first."""
    return next((each for each in reversed(rules.versions) if each.starts_on <= day), None)


def cycle_of(rules: CheckInRules, day: date) -> Cycle | None:
    """The cycle a business day lies in; None before the first version.

    A version begins a cycle of its own where it says so, where its kind of cycle is another than before, and where it
    counts blocks of days: those are counted from its first day."""
    at = _index_on(rules, day)
    if at is None:
        return None
    rule = rules.versions[at]
    begun = next(each for each in range(at, -1, -1) if _begins_anew(rules, each))
    counted_from = rules.versions[begun].starts_on
    natural = _natural(rule.cycle, rule.cycle_days, counted_from, day)
    later = range(at + 1, len(rules.versions))
    cuts = [rules.versions[n].starts_on - DAY for n in later if _begins_anew(rules, n)]
    return Cycle(first=max(natural.first, counted_from), last=min([natural.last, *cuts]))


def _index_on(rules: CheckInRules, day: date) -> int | None:
    begun = [n for n, each in enumerate(rules.versions) if each.starts_on <= day]
    return begun[-1] if begun else None


def _begins_anew(rules: CheckInRules, at: int) -> bool:
    rule = rules.versions[at]
    before = rules.versions[at - 1] if at else None
    return (
        before is None
        or rule.ends_cycle
        or rule.cycle != before.cycle
        or (rule.cycle == "rolling" and rule.cycle_days != before.cycle_days)
    )


def _natural(kind: CycleKind, cycle_days: int, counted_from: date, day: date) -> Cycle:
    match kind:
        case "week":
            first = day - timedelta(days=day.weekday())
            return Cycle(first=first, last=first + timedelta(days=6))
        case "month":
            first = day.replace(day=1)
            return Cycle(first=first, last=(first + timedelta(days=31)).replace(day=1) - DAY)
        case "rolling":
            first = day - timedelta(days=(day - counted_from).days % max(1, cycle_days))
            return Cycle(first=first, last=first + timedelta(days=max(1, cycle_days) - 1))
        case "endless":
            return Cycle(first=date.min, last=date.max)


def is_outage(rules: CheckInRules, day: date) -> bool:
    """Whether the service failed members on that business day: it then breaks no streak."""
    return outage_on(rules, day) is not None


def outage_on(rules: CheckInRules, day: date) -> Outage | None:
    """The one that was declared first, where several hold the day."""
    return next((each for each in rules.outages if each.first <= day <= each.last), None)
