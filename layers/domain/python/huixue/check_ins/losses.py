"""What members lose when a running cycle is ended early: for the operator, before he does it (CI-E2). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from huixue.check_ins.awards import milestone_at
from huixue.check_ins.days import DAY, Cycle, cycle_of
from huixue.check_ins.sheets import MAX_MILESTONE_DAYS, AwardKind, before, parsed
from huixue.kernel.check_ins import CheckInRules, Milestone


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A milestone that she has begun and could still have reached, and that the cut takes from her."""

    kind: AwardKind
    days: int
    points: int
    title: str
    has_days: int
    """Days towards it that she has today."""


def lost(sheet_text: str, rules: CheckInRules, cut_on: date, today: date) -> tuple[Lost, ...]:
    """Milestones that end with the cycle running the day before `cut_on`, under the rules without the cut. None of
    those that she can still reach before, of those out of her reach anyway, and where she has no day towards them."""
    cycle = cycle_of(rules, today)
    if cycle is None or not cycle.holds(cut_on) or cut_on <= today:
        return ()
    sheet = parsed(sheet_text)
    begins = today + DAY if today in sheet.marks else today
    run, total = before(sheet, rules, begins)
    found: list[tuple[AwardKind, int]] = [("consecutive", run), ("cumulative", total)]
    return tuple(
        Lost(
            kind=kind, days=each.days, points=each.points, title=each.title, has_days=has,
        )
        for kind, has in found
        if has
        for each in _taken(rules, kind, has, begins, cut_on, cycle)
    )  # fmt: skip


def _taken(
    rules: CheckInRules, kind: AwardKind, has: int, begins: date, cut_on: date, cycle: Cycle
) -> Iterator[Milestone]:
    """Milestones of days from the cut on to the end of the cycle, if she missed none."""
    reached_before = has + (cut_on - begins).days
    most = min(MAX_MILESTONE_DAYS, has + (cycle.last - begins).days + 1)
    for days in range(reached_before + 1, most + 1):
        on = begins + DAY * (days - has - 1)
        each = milestone_at(rules, kind, on, days)
        if each is not None:
            yield each
