"""A draft of the rules of check-ins and tasks, as a season file states them, and what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from huixue.check_ins.sheets import MAX_MILESTONE_DAYS
from huixue.kernel.check_ins import CheckInRule, CycleKind, MakeUp, Milestone, Task

MAX_MAKE_UP_DAYS = 31
"""How far back a day may be made up for: a sheet names every day of more than twice that."""
MAX_POINTS = 1_000_000
MAX_CYCLE_DAYS = 366
MAX_DAY_STARTS_MIN = 12 * 60
MAX_MILESTONES = 31
MAX_PER_MONTH = 31
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRule:
    """`CheckInRule` before it is known when it begins: `starts_on` None = with the next cycle, or today where nothing
    was published before."""

    starts_on: date | None = None
    ends_cycle: bool = False
    day_starts_min: int = 0
    cycle: CycleKind = "month"
    cycle_days: int = 0
    base_points: int = 1
    consecutive: tuple[Milestone, ...] = ()
    cumulative: tuple[Milestone, ...] = ()
    make_up: MakeUp | None = None

    def from_day(self, starts_on: date, *, ends_cycle: bool) -> CheckInRule:
        """Milestones in the order of their days, however the file has them."""
        return CheckInRule(
            starts_on=starts_on,
            ends_cycle=ends_cycle,
            day_starts_min=self.day_starts_min,
            cycle=self.cycle,
            cycle_days=self.cycle_days if self.cycle == "rolling" else 0,
            base_points=self.base_points,
            consecutive=tuple(sorted(self.consecutive, key=lambda each: each.days)),
            cumulative=tuple(sorted(self.cumulative, key=lambda each: each.days)),
            make_up=self.make_up,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a draft, in words for the operator; `path` as in the file: `check_ins/starts_on`."""

    path: str
    expected: str
    found: str


def problems_of(draft: DraftRule | None, tasks: Sequence[Task], zone_name: str) -> list[Problem]:
    """Everything that is wrong whatever was published before."""
    found = [*_zone_problems(zone_name), *_task_problems(tasks)]
    return [*found, *_rule_problems(draft)] if draft is not None else found


def _zone_problems(zone_name: str) -> Iterator[Problem]:
    try:
        ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Problem(path="zone", expected="a time zone such as Asia/Shanghai", found=zone_name)


def _rule_problems(draft: DraftRule) -> Iterator[Problem]:
    yield from _within(draft.day_starts_min, 0, MAX_DAY_STARTS_MIN, "day_starts", "minutes")
    yield from _within(draft.base_points, 0, MAX_POINTS, "base_points", "points")
    if draft.cycle == "rolling":
        yield from _within(draft.cycle_days, 2, MAX_CYCLE_DAYS, "cycle_days", "days")
    elif draft.cycle_days:
        yield Problem(
            path="check_ins/cycle_days", expected=f"none with cycle: {draft.cycle}",
            found=str(draft.cycle_days),
        )  # fmt: skip
    yield from _milestone_problems("consecutive", draft.consecutive, draft)
    yield from _milestone_problems("cumulative", draft.cumulative, draft)
    if draft.make_up is not None:
        yield from _make_up_problems(draft.make_up)


def _milestone_problems(
    name: str, milestones: Sequence[Milestone], draft: DraftRule
) -> Iterator[Problem]:
    longest = {"week": 7, "month": 31, "rolling": draft.cycle_days, "endless": MAX_MILESTONE_DAYS}
    most = min(longest[draft.cycle], MAX_MILESTONE_DAYS)
    if len(milestones) > MAX_MILESTONES:
        yield Problem(
            path=f"check_ins/{name}", expected=f"at most {MAX_MILESTONES}",
            found=str(len(milestones)),
        )  # fmt: skip
    seen: set[int] = set()
    for n, each in enumerate(milestones):
        yield from _within(each.days, 1, most, f"{name}/{n}/days", f"days of a {draft.cycle} cycle")
        yield from _within(each.points, 1, MAX_POINTS, f"{name}/{n}/points", "points")
        if each.days in seen:
            yield Problem(
                path=f"check_ins/{name}/{n}/days", expected="each number of days once",
                found=f"{each.days} again",
            )  # fmt: skip
        seen.add(each.days)


def _make_up_problems(make_up: MakeUp) -> Iterator[Problem]:
    yield from _within(make_up.within_days, 1, MAX_MAKE_UP_DAYS, "make_up/within_days", "days")
    yield from _within(make_up.per_month, 1, MAX_PER_MONTH, "make_up/per_month", "days")
    if not make_up.prices:
        yield Problem(
            path="check_ins/make_up/prices", expected="at least one price (0 is free)",
            found="none",
        )  # fmt: skip
    for n, price in enumerate(make_up.prices):
        yield from _within(price, 0, MAX_POINTS, f"make_up/prices/{n}", "points")


def _within(value: int, least: int, most: int, path: str, unit: str) -> Iterator[Problem]:
    if not least <= value <= most:
        yield Problem(
            path=f"check_ins/{path}", expected=f"{least} to {most} {unit}", found=str(value)
        )


def _task_problems(tasks: Sequence[Task]) -> Iterator[Problem]:
    seen: set[str] = set()
    for n, task in enumerate(tasks):
        if _ID.fullmatch(task.task_id) is None:
            yield _task_problem(n, "task_id", "1 to 40 of a-z, 0-9, - and _", task.task_id)
        if task.task_id in seen:
            yield _task_problem(n, "task_id", "each id once", f"{task.task_id} again")
        if not task.title.strip():
            yield _task_problem(n, "title", "a title for members", "none")
        if not 1 <= task.points <= MAX_POINTS:
            yield _task_problem(n, "points", f"1 to {MAX_POINTS} points", str(task.points))
        if task.starts_at and task.ends_at and task.ends_at <= task.starts_at:
            yield _task_problem(n, "ends_at", "an instant after starts_at", str(task.ends_at))
        seen.add(task.task_id)


def _task_problem(n: int, name: str, expected: str, found: str) -> Problem:
    return Problem(path=f"tasks/{n}/{name}", expected=expected, found=found)
