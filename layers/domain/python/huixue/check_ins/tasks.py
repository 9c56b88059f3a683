"""Tasks: which of them something that a member did fulfils, and under which key each is entered. Pure."""

from __future__ import annotations

from datetime import datetime

from huixue.check_ins.days import business_date
from huixue.kernel.calendar import window_key
from huixue.kernel.check_ins import CheckInRules, Task, TaskKind


def fulfilled(
    rules: CheckInRules, kind: TaskKind, subject: str, done_at: datetime
) -> list[tuple[Task, str]]:
    """The tasks that are open at `done_at` and that this fulfils, each with the source key of its entry: once for
    ever, or once in the business day, ISO week or month of `done_at` (CI-M7)."""
    return [
        (task, task_key(rules, task, done_at))
        for task in rules.tasks
        if task.kind == kind and task.subject in {None, subject} and is_open(task, done_at)
    ]


def is_open(task: Task, at: datetime) -> bool:
    """From `starts_at` on and before `ends_at`."""
    begun = task.starts_at is None or task.starts_at <= at
    return begun and (task.ends_at is None or at < task.ends_at)


def task_key(rules: CheckInRules, task: Task, at: datetime) -> str:
    """One key for each window: whatever it is done with, and however often, a window is entered once."""
    if task.period == "once":
        return f"task#{task.task_id}#once"
    return f"task#{task.task_id}#{window_key(business_date(rules, at), task.period)}"
