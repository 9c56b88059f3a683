"""Rules and sheets for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from huixue.check_ins.marking import checked_in, made_up
from huixue.kernel.check_ins import CheckInRule, CheckInRules, MakeUp, Milestone, Outage

FIRST = date(2026, 9, 1)
MAKE_UP = MakeUp(within_days=31, per_month=31, prices=(0,))
RULE = CheckInRule(
    starts_on=FIRST, cycle="month", base_points=2,
    consecutive=(Milestone(days=3, points=10), Milestone(days=7, points=30, title="一周")),
    cumulative=(Milestone(days=5, points=20),), make_up=MAKE_UP,
)  # fmt: skip


def rules(*versions: CheckInRule, outages: Iterable[Outage] = ()) -> CheckInRules:
    return CheckInRules(programme_id="demo", versions=versions or (RULE,), outages=tuple(outages))


def endless(**changes: object) -> CheckInRule:
    return replace(RULE, cycle="endless", **changes)  # type: ignore[arg-type]  # a test names what it changes


def nov(day: int) -> date:
    return date(2026, 11, day)


def outage(first: date, last: date | None = None) -> Outage:
    declared = datetime(first.year, first.month, first.day, 4, tzinfo=UTC)
    return Outage(first=first, last=last or first, reason="down", declared_at=declared)


def sheet_of(days: Iterable[date], at: CheckInRules | None = None) -> str:
    """The text after check-ins on these days, each on its day."""
    text = ""
    for day in days:
        text = checked_in(text, at or rules(), day).sheet
    return text


def after_make_up(text: str, day: date, today: date, at: CheckInRules | None = None) -> str:
    return made_up(text, at or rules(), day, today=today, joined_on=FIRST).sheet
