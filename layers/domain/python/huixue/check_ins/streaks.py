"""Streaks: days in a row, counted from the days themselves, and why they are no longer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from huixue.check_ins.days import DAY, Cycle, cycle_of, is_outage
from huixue.check_ins.sheets import Sheet
from huixue.kernel.check_ins import CheckInRules

ResetReason = Literal["missed", "new_cycle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Why a streak does not reach further back: on `day` she did not check in, or a new cycle began with it."""

    reason: ResetReason
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """The days that make it, oldest first, so that everybody can count them (CI-E3)."""

    length: int = 0
    days: tuple[date, ...] = ()
    """Those of them that the sheet still names; `length` counts older ones too."""
    protected: tuple[date, ...] = ()
    """Days of an outage that she did not check in on and that broke nothing."""
    reset: Reset | None = None
    """None: there was nothing before it, or it reaches back further than the sheet names days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Marked days that belong together, oldest first: position `before + 1`, `before + 2` …"""

    days: tuple[date, ...]
    before: int = 0
    """Days of it that were folded away."""

    def holds(self, day: date) -> bool:
        return bool(self.days) and self.days[0] <= day <= self.days[-1]


def streak_on(sheet: Sheet, rules: CheckInRules, today: date) -> Streak:
    """Her streak as it stands on the business day `today`: to today where she has checked in, else to yesterday,
    since the day is not over. It never reaches over the beginning of a cycle."""
    cycle = cycle_of(rules, today)
    if cycle is None:
        return Streak()
    step = today if today in sheet.marks else today - DAY
    days: list[date] = []
    protected: list[date] = []
    first = cycle.first if sheet.first is None else max(cycle.first, sheet.first)
    while step >= first and (step in sheet.marks or is_outage(rules, step)):
        (days if step in sheet.marks else protected).append(step)
        step -= DAY
    folded = 0
    if sheet.first is not None and step == sheet.first - DAY and cycle.first < sheet.first:
        folded = sheet.run
    length = len(days) + folded
    bridged = [day for day in protected if folded or (days and day > days[-1])]
    return Streak(
        length=length, days=tuple(reversed(days)),
        protected=tuple(reversed(bridged if length else [])),
        reset=None if folded else _reset(sheet, rules, step, cycle, length),
    )  # fmt: skip


def _reset(
    sheet: Sheet, rules: CheckInRules, step: date, cycle: Cycle, length: int
) -> Reset | None:
    """`step` is the first day, looking back, that does not belong to the streak."""
    if step < cycle.first and _alive(sheet, rules, step):
        return Reset(reason="new_cycle", day=cycle.first)
    earlier = [day for day in sheet.marks if day < step]
    if not earlier and not sheet.run and not sheet.total:
        return None
    if not length and earlier:
        step = max(earlier) + DAY  # the day that ended it, however long ago
        while is_outage(rules, step):
            step += DAY
    return Reset(reason="missed", day=step)


def _alive(sheet: Sheet, rules: CheckInRules, day: date) -> bool:
    """Whether a streak reached the end of `day`."""
    while day not in sheet.marks and is_outage(rules, day):
        day -= DAY
    return day in sheet.marks


def run_holding(sheet: Sheet, rules: CheckInRules, day: date) -> Run:
    """The run that the marked day `day` belongs to, both ways, inside its cycle."""
    cycle = cycle_of(rules, day)
    newest = sheet.newest
    if cycle is None or sheet.first is None or newest is None:
        return Run(days=())
    back: list[date] = []
    step = day
    while step >= max(cycle.first, sheet.first) and (step in sheet.marks or is_outage(rules, step)):
        if step in sheet.marks:
            back.append(step)
        step -= DAY
    reaches_back = step == sheet.first - DAY and cycle.first < sheet.first
    folded = sheet.run if reaches_back else 0
    ahead: list[date] = []
    step = day + DAY
    while step <= min(cycle.last, newest) and (step in sheet.marks or is_outage(rules, step)):
        if step in sheet.marks:
            ahead.append(step)
        step += DAY
    return Run(days=(*reversed(back), *ahead), before=folded)


def cycle_holding(sheet: Sheet, rules: CheckInRules, day: date) -> Run:
    """All marked days of the cycle that `day` lies in, in a row or not."""
    cycle = cycle_of(rules, day)
    if cycle is None or sheet.first is None:
        return Run(days=())
    days = tuple(sorted(each for each in sheet.marks if cycle.holds(each)))
    return Run(days=days, before=sheet.total if cycle.first < sheet.first else 0)
