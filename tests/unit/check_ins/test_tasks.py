from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from huixue.check_ins.tasks import fulfilled, is_open, task_key
from huixue.kernel.check_ins import Task, TaskPeriod
from tests.unit.check_ins.made import RULE, rules

AT = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
"""01:00 of the 21st in Shanghai."""
READ = Task(task_id="read", kind="guide", title="读", points=5)


@pytest.mark.parametrize(
    ("period", "key"),
    [
        ("once", "task#read#once"), ("day", "task#read#2026-11-21"),
        ("week", "task#read#2026-W47"), ("month", "task#read#2026-11"),
    ],
)  # fmt: skip
def test_a_period_has_one_key(period: TaskPeriod, key: str) -> None:
    assert task_key(rules(), replace(READ, period=period), AT) == key


def test_the_day_is_the_business_day() -> None:
    late = rules(replace(RULE, day_starts_min=240))

    assert task_key(late, replace(READ, period="day"), AT) == "task#read#2026-11-20"


def test_a_task_is_for_its_kind_and_its_subject() -> None:
    lesson = replace(READ, task_id="lesson", subject="lesson")
    found = replace(rules(), tasks=(READ, lesson, replace(READ, task_id="x", kind="follow")))

    assert [task.task_id for task, _ in fulfilled(found, "guide", "lesson", AT)] == [
        "read",
        "lesson",
    ]
    assert [key for _, key in fulfilled(found, "guide", "other", AT)] == ["task#read#once"]
    assert fulfilled(found, "reservation", "lesson", AT) == []


def test_a_task_is_open_from_its_start_to_before_its_end() -> None:
    task = replace(READ, starts_at=AT, ends_at=AT + timedelta(hours=1))

    assert [
        is_open(task, AT + timedelta(minutes=each)) for each in (-1, 0, 59, 60)
    ] == [False, True, True, False]  # fmt: skip
    assert fulfilled(replace(rules(), tasks=(task,)), "guide", "a", AT - timedelta(days=1)) == []
