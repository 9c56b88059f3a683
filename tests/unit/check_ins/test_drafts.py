from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from huixue.check_ins.drafts import DraftRule, problems_of
from huixue.kernel.check_ins import MakeUp, Milestone, Task

TASK = Task(task_id="read", kind="guide", title="读", points=5)
AT = datetime(2026, 11, 20, tzinfo=UTC)
TWICE = (Milestone(days=3, points=1), Milestone(days=3, points=2))
MANY = tuple(Milestone(days=n, points=1) for n in range(1, 33))


def test_a_draft_without_anything_is_one() -> None:
    assert problems_of(DraftRule(), (), "Asia/Shanghai") == []
    assert problems_of(None, (TASK,), "Asia/Shanghai") == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"day_starts_min": -1}, "day_starts"), ({"day_starts_min": 721}, "day_starts"),
        ({"base_points": -1}, "base_points"), ({"base_points": 1_000_001}, "base_points"),
        ({"cycle": "rolling"}, "cycle_days"), ({"cycle_days": 7}, "cycle_days"),
        ({"cycle": "rolling", "cycle_days": 367}, "cycle_days"),
        ({"consecutive": (Milestone(days=0, points=1),)}, "consecutive/0/days"),
        ({"consecutive": (Milestone(days=32, points=1),)}, "consecutive/0/days"),
        ({"cycle": "week", "cumulative": (Milestone(days=8, points=1),)}, "cumulative/0/days"),
        ({"cycle": "endless", "cumulative": (Milestone(days=2001, points=1),)}, "cumulative/0/days"),
        ({"cumulative": (Milestone(days=2, points=0),)}, "cumulative/0/points"),
        ({"consecutive": TWICE}, "consecutive/1/days"),
        ({"cycle": "endless", "consecutive": MANY}, "consecutive"),
        ({"make_up": MakeUp(within_days=32)}, "make_up/within_days"),
        ({"make_up": MakeUp(within_days=0)}, "make_up/within_days"),
        ({"make_up": MakeUp(per_month=0)}, "make_up/per_month"),
        ({"make_up": MakeUp(prices=())}, "make_up/prices"),
        ({"make_up": MakeUp(prices=(1, -2))}, "make_up/prices/1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(changes: dict[str, Any], path: str) -> None:
    problems = problems_of(replace(DraftRule(), **changes), (), "Asia/Shanghai")

    assert [each.path for each in problems] == [f"check_ins/{path}"]
    assert all(each.expected and each.found for each in problems)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"task_id": "a#b"}, "task_id"), ({"task_id": ""}, "task_id"), ({"title": " "}, "title"),
        ({"points": 0}, "points"), ({"starts_at": AT, "ends_at": AT}, "ends_at"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_task(changes: dict[str, Any], name: str) -> None:
    problems = problems_of(
        None, (TASK, replace(TASK, **{"task_id": "b"} | changes)), "Asia/Shanghai"
    )

    assert [each.path for each in problems] == [f"tasks/1/{name}"]


def test_a_task_is_there_once() -> None:
    (problem,) = problems_of(None, (TASK, TASK), "Asia/Shanghai")

    assert (problem.path, problem.found) == ("tasks/1/task_id", "read again")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_zone_is_one_that_there_is(zone: str) -> None:
    assert [each.path for each in problems_of(None, (), zone)] == ["zone"]


def test_a_rule_has_its_milestones_in_order_and_a_length_only_where_blocks_are_counted() -> None:
    draft = DraftRule(consecutive=(Milestone(days=7, points=1), Milestone(days=3, points=1)))

    rule = draft.from_day(date(2026, 11, 1), ends_cycle=False)

    assert [each.days for each in rule.consecutive] == [3, 7]
    assert rule.cycle_days == 0
