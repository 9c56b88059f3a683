"""Check-ins told a second time, from sets of dates alone: nothing here is shared with `huixue.check_ins`.

Everything is computed anew from all days each time, forwards, without windows, folding or counters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from huixue.kernel.check_ins import CheckInRule, CheckInRules

ONE = timedelta(days=1)
FORGOTTEN_AFTER = 38
"""Days after which a milestone that nobody gave is not given any more."""
Paid = tuple[str, int, date]
"""Kind, days, and the day on which so many were reached when it was paid."""


def day_of(rules: CheckInRules, instant: datetime) -> date:
    """Counts the boundaries that have passed."""
    zone = ZoneInfo(rules.zone_name)
    day = instant.astimezone(zone).date() - 2 * ONE
    while boundary(rules, day + ONE, zone) <= instant:
        day += ONE
    return day


def boundary(rules: CheckInRules, day: date, zone: ZoneInfo) -> datetime:
    """When a business day begins: at the time of the version in force on it, or of the one in force the day before
    where that is earlier: what has begun goes on."""
    rules_ = (version(rules, day), version(rules, day - ONE))
    minutes = min(each.day_starts_min if each else 0 for each in rules_)
    at = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=zone)
    return at.astimezone(UTC)


def version(rules: CheckInRules, day: date) -> CheckInRule | None:
    found = None
    for rule in rules.versions:
        if rule.starts_on <= day:
            found = rule
    return found


def cycle_name(rules: CheckInRules, day: date) -> tuple[object, ...]:
    """Two days have the same name when they are in the same cycle."""
    part, began, last = 0, date.min, None
    rule = None
    for each in rules.versions:
        if each.starts_on > day:
            break
        kind = (each.cycle, each.cycle_days)
        if last is None or each.ends_cycle or kind != last:
            part, began = part + 1, each.starts_on
        last, rule = kind, each
    if rule is None:
        return ("nothing",)
    if rule.cycle == "week":
        return (part, "week", *day.isocalendar()[:2])
    if rule.cycle == "month":
        return (part, "month", day.year, day.month)
    if rule.cycle == "rolling":
        return (part, "block", (day - began).days // rule.cycle_days)
    return (part, "endless")


@dataclass(slots=True)
class ReferenceDays:
    """One member."""

    rules: CheckInRules
    marks: dict[date, str] = field(default_factory=dict)
    paid: set[Paid] = field(default_factory=set)
    names: dict[tuple[int, date], tuple[object, ...]] = field(default_factory=dict)
    """Of cycles, once worked out under the rules of that identity; whoever changes the rules empties it."""

    def failed(self, day: date) -> bool:
        return any(each.first <= day <= each.last for each in self.rules.outages)

    def cycles(self) -> list[list[date]]:
        """Marked days, by cycle."""
        out: dict[tuple[object, ...], list[date]] = {}
        for day in sorted(self.marks):
            out.setdefault(self.cycle(day), []).append(day)
        return list(out.values())

    def cycle(self, day: date) -> tuple[object, ...]:
        key = (id(self.rules), day)
        if key not in self.names:
            self.names[key] = cycle_name(self.rules, day)
        return self.names[key]

    def runs(self) -> list[list[date]]:
        """Marked days in a row: a missed day ends a run, an outage does not, a new cycle does."""
        out: list[list[date]] = []
        for cycle in self.cycles():
            run: list[date] = []
            for day in cycle:
                if run and not self.bridged(run[-1], day):
                    out.append(run)
                    run = []
                run.append(day)
            out.append(run)
        return out

    def bridged(self, one: date, other: date) -> bool:
        return all(self.failed(day) for day in between(one, other))

    def streak(self, today: date) -> int:
        end = today if today in self.marks else today - ONE
        here = self.cycle(today)
        for run in self.runs():
            known = [day for day in run if day <= end]
            if not known or self.cycle(known[-1]) != here:
                continue
            if known[-1] == end or all(self.failed(day) for day in between(known[-1], end + ONE)):
                return len(known)
        return 0

    def mark(self, day: date, kind: str) -> set[tuple[str, int, int]]:
        """Marks it, and says what is to be paid: kind, days, points."""
        self.marks[day] = kind
        settled = max(self.marks) - FORGOTTEN_AFTER * ONE
        out: set[tuple[str, int, int]] = set()
        groups = [("consecutive", run) for run in self.runs() if day in run]
        groups += [("cumulative", cycle) for cycle in self.cycles() if day in cycle]
        for name, days in groups:
            had = {n for kind_, n, on in self.paid if kind_ == name and on in days}
            for n, on in enumerate(days, start=1):
                points = self.worth(name, on, n)
                if points is not None and n not in had and on >= settled:
                    out.add((name, n, points))
                    self.paid.add((name, n, on))
        return out

    def worth(self, name: str, on: date, n: int) -> int | None:
        rule = version(self.rules, on)
        assert rule is not None
        milestones = rule.consecutive if name == "consecutive" else rule.cumulative
        return {each.days: each.points for each in milestones}.get(n)

    def protected(self, today: date) -> set[date]:
        """Unmarked days of outages that follow a marked day of their own cycle without a missed day between."""
        out: set[date] = set()
        for outage in self.rules.outages:
            for day in between(outage.first - ONE, min(outage.last, today) + ONE):
                before = [each for each in self.marks if each < day]
                if day in self.marks or not before:
                    continue
                last = max(before)
                same = self.cycle(last) == self.cycle(day)
                if same and self.bridged(last, day):
                    out.add(day)
        return out


def between(one: date, other: date) -> Iterator[date]:
    """The days after one and before the other."""
    day = one + ONE
    while day < other:
        yield day
        day += ONE
