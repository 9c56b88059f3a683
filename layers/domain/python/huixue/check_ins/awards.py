"""Which milestones a mark brings: those that its run and its cycle have reached and were not given yet. Pure.

Level-triggered: what counts is what the days come to now. So a day made up for, or an outage declared later, that joins
two runs brings what is missing and nothing twice; and since a milestone is that of the version in force on the day on
which its number of days is reached, a new version never pays for days before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from huixue.check_ins.days import rule_on
from huixue.check_ins.sheets import REACH_DAYS, AwardKind, Given, Sheet
from huixue.check_ins.streaks import Run, cycle_holding, run_holding
from huixue.kernel.check_ins import CheckInRules, Milestone


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """A milestone that was reached: an entry of its own beside the base reward (CI-M3)."""

    kind: AwardKind
    days: int
    points: int
    title: str = ""
    on: date
    """The day on which its number of days was reached."""


def due(sheet: Sheet, rules: CheckInRules, day: date) -> list[Award]:
    """What is to be given for the marked day `day`, by kind and days."""
    runs: list[tuple[AwardKind, Run]] = [
        ("consecutive", run_holding(sheet, rules, day)),
        ("cumulative", cycle_holding(sheet, rules, day)),
    ]
    return [award for kind, run in runs for award in _due(sheet, rules, kind, run)]


def _due(sheet: Sheet, rules: CheckInRules, kind: AwardKind, run: Run) -> Iterator[Award]:
    given = {each.days for each in sheet.given if each.kind == kind and run.holds(each.on)}
    horizon = horizon_of(sheet)
    for n, on in enumerate(run.days, start=run.before + 1):
        milestone = milestone_at(rules, kind, on, n) if on >= horizon else None
        if milestone is not None and n not in given:
            yield Award(kind=kind, days=n, points=milestone.points, title=milestone.title, on=on)


def milestone_at(rules: CheckInRules, kind: AwardKind, day: date, days: int) -> Milestone | None:
    """The milestone of so many days under the version in force on `day`."""
    rule = rule_on(rules, day)
    if rule is None:
        return None
    milestones = rule.consecutive if kind == "consecutive" else rule.cumulative
    return next((each for each in milestones if each.days == days), None)


def horizon_of(sheet: Sheet) -> date:
    """Milestones reached before it are settled, whether they were given or not."""
    newest = sheet.newest
    return date.min if newest is None else newest - timedelta(days=REACH_DAYS)


def with_given(sheet: Sheet, rules: CheckInRules, awards: list[Award]) -> Sheet:
    """The sheet that remembers these as well. Each is kept by the day on which its days are reached now (days made
    up for in front of it move that day back), and forgotten once that day is settled."""
    new = {Given(kind=each.kind, days=each.days, on=each.on) for each in awards}
    horizon, kept = horizon_of(sheet), set[Given]()
    for given in sheet.given | new:
        on = _reached_on(sheet, rules, given)
        if on >= horizon:
            kept.add(replace(given, on=on))
    return replace(sheet, given=frozenset(kept))


def _reached_on(sheet: Sheet, rules: CheckInRules, given: Given) -> date:
    holding = run_holding if given.kind == "consecutive" else cycle_holding
    run = holding(sheet, rules, given.on)
    at = given.days - run.before - 1
    if at < 0:
        return date.min
    return run.days[at] if at < len(run.days) else given.on
