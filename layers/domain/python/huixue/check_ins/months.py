"""One month of a member's check-ins, and what is to come, all from the same days (CI-M6, CI-E3). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from huixue.check_ins import awards
from huixue.check_ins.awards import Award, milestone_at
from huixue.check_ins.days import DAY, Cycle, cycle_of, is_outage, outage_on
from huixue.check_ins.sheets import AwardKind, Mark, Sheet, before, marked, parsed
from huixue.check_ins.streaks import Reset, streak_on
from huixue.kernel.check_ins import CheckInRules

DayMark = Literal["checked_in", "made_up", "protected"]
Coming = tuple[date, tuple[Award, ...]]
AHEAD_DAYS = 400
"""How far ahead the next reward is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextReward:
    """The next milestone, if she checks in every day from now on."""

    days_left: int
    """Check-ins until then, that one included."""
    on: date
    kind: AwardKind
    days: int
    points: int
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthView:
    month: date
    """Its first day."""
    days: Mapping[date, DayMark] = field(default_factory=dict)
    """Days of the month that have a mark; a protected one is a day of an outage that broke no streak."""
    reasons: Mapping[date, str] = field(default_factory=dict)
    """Why the service failed members, by protected day."""
    milestones: Mapping[date, tuple[Award, ...]] = field(default_factory=dict)
    """By days of the month still to come: what they bring if she checks in every day."""
    streak: int = 0
    """As of today, whatever the month."""
    streak_days: tuple[date, ...] = ()
    """The days that make the streak, as far as they are still named."""
    reset: Reset | None = None
    next_reward: NextReward | None = None


def month_view(
    sheet_text: str,
    rules: CheckInRules,
    month: date,
    today: date,
    joined_on: date | None = None,
    older: Mapping[date, Mark] | None = None,
) -> MonthView:
    """The calendar's part that is hers. `older`: marks of `needed_days` that her sheet no longer names. Days before
    `joined_on` are never protected: she was not there to be failed."""
    sheet = parsed(sheet_text)
    streak = streak_on(sheet, rules, today)
    first = month.replace(day=1)
    coming = _until_told(ahead(sheet, rules, today), first)
    days = dict(_days(sheet, rules, first, today, joined_on, older or {}))
    return MonthView(
        month=first,
        days=days,
        reasons=dict(_reasons(rules, days)),
        milestones={day: each for day, each in coming if each and _in_month(day, first)},
        streak=streak.length,
        streak_days=streak.days,
        reset=streak.reset,
        next_reward=_next_reward(coming),
    )


def _until_told(coming: Iterable[Coming], first: date) -> list[Coming]:
    """As far as the month and the next reward reach."""
    out: list[Coming] = []
    found = False
    for day, reached in coming:
        found = found or bool(reached)
        out.append((day, reached))
        if found and (day.year, day.month) > (first.year, first.month):
            break
    return out


def next_reward(sheet_text: str, rules: CheckInRules, today: date) -> NextReward | None:
    """None where none comes within `AHEAD_DAYS`."""
    return _next_reward(ahead(parsed(sheet_text), rules, today))


def _in_month(day: date, first: date) -> bool:
    return (day.year, day.month) == (first.year, first.month)


def _days(
    sheet: Sheet, rules: CheckInRules, first: date, today: date, joined_on: date | None,
    older: Mapping[date, Mark],
) -> Iterator[tuple[date, DayMark]]:  # fmt: skip
    day = first
    marks: Mapping[date, DayMark] = {**older, **sheet.marks}
    while _in_month(day, first):
        if day in marks:
            yield day, marks[day]
        elif day <= today and _is_protected(marks, sheet, rules, day, joined_on):
            yield day, "protected"
        if day == date.max:
            return
        day += DAY


def needed_days(rules: CheckInRules, month: date) -> list[date]:
    """The days whose marks a month is made of: its own, and, where it begins in an outage, back to the day before that:
    what came before says whether the outage protected anything."""
    day, needed = month.replace(day=1), list[date]()
    while is_outage(rules, day):
        day -= DAY
    while day < month or _in_month(day, month):
        needed.append(day)
        if day == date.max:
            break
        day += DAY
    return needed


def _reasons(rules: CheckInRules, days: Mapping[date, DayMark]) -> Iterator[tuple[date, str]]:
    for day, mark in days.items():
        outage = outage_on(rules, day)
        if mark == "protected" and outage is not None:
            yield day, outage.reason


def _is_protected(
    marks: Mapping[date, DayMark], sheet: Sheet, rules: CheckInRules, day: date,
    joined_on: date | None,
) -> bool:  # fmt: skip
    """An outage protects a streak that was alive when it began, inside one cycle."""
    cycle = cycle_of(rules, day)
    if cycle is None or (joined_on is not None and day < joined_on):
        return False
    while day >= cycle.first and day not in marks and is_outage(rules, day):
        day -= DAY
    if day < cycle.first:
        return False
    folded = sheet.first is not None and day == sheet.first - DAY and cycle.first < sheet.first
    return day in marks or (folded and sheet.run > 0)


def ahead(sheet: Sheet, rules: CheckInRules, today: date) -> Iterator[Coming]:
    """Days from the next one that she can check in on, and the milestones each brings if she misses none. The first of
    them brings what is due from before as well (an outage was declared, two members became one)."""
    newest = sheet.newest
    day = today if newest is None else max(today, newest + DAY)
    due = tuple(awards.due(marked(sheet, day, "checked_in"), rules, day))
    cycle: Cycle | None = None
    run = total = 0
    for n in range(AHEAD_DAYS):
        if cycle is None or not cycle.holds(day):
            cycle = cycle_of(rules, day)
            run, total = before(sheet, rules, day) if n == 0 else (0, 0)
        if cycle is not None:
            run, total = run + 1, total + 1
            yield day, due if n == 0 else _reached(rules, day, run, total)
        if day == date.max:
            return
        day += DAY


def _reached(rules: CheckInRules, day: date, run: int, total: int) -> tuple[Award, ...]:
    counts: tuple[tuple[AwardKind, int], ...] = (("consecutive", run), ("cumulative", total))
    found = [(kind, milestone_at(rules, kind, day, days)) for kind, days in counts]
    return tuple(
        Award(kind=kind, days=each.days, points=each.points, title=each.title, on=day)
        for kind, each in found
        if each is not None
    )


def _next_reward(
    coming: Iterator[Coming] | list[tuple[date, tuple[Award, ...]]],
) -> NextReward | None:
    for n, (day, reached) in enumerate(coming, start=1):
        if reached:
            best = max(reached, key=lambda each: each.points)
            return NextReward(
                days_left=n, on=day, kind=best.kind, days=best.days, points=best.points,
                title=best.title,
            )  # fmt: skip
    return None
