"""Check-ins and tasks → the shapes of `check_in_wire.py`."""

from __future__ import annotations

from collections.abc import Sequence

from huixue.check_ins import months
from huixue.edge import check_in_wire as wire
from huixue.edge.api import Answer, repeated
from huixue.edge.check_in_desk import CheckedIn, TaskView
from huixue.edge.presenting import local


def check_in(done: CheckedIn) -> Answer:
    """201 the first time, 200 with Idempotency-Hit afterwards."""
    body = wire.CheckIn(
        date=done.day, points=done.points, streak=done.streak, rewards=_rewards(done),
        next_reward=_next(done.next_reward),
    )  # fmt: skip
    return repeated(body) if done.repeated else Answer(status=201, body=body)


def made_up(done: CheckedIn) -> Answer:
    body = wire.MadeUpDay(
        date=done.day, points=done.points, streak=done.streak, rewards=_rewards(done),
        next_reward=_next(done.next_reward), price=done.price,
    )  # fmt: skip
    return repeated(body) if done.repeated else Answer(status=201, body=body)


def _rewards(done: CheckedIn) -> list[wire.CheckInReward]:
    return [
        wire.CheckInReward(
            kind=each.kind, points=each.points, days=each.days, title=each.title
        )
        for each in done.rewards
    ]  # fmt: skip


def _next(found: months.NextReward | None) -> wire.NextReward | None:
    if found is None:
        return None
    return wire.NextReward(
        days_left=found.days_left, points=found.points, kind=found.kind, days=found.days,
        date=found.on, title=found.title or None,
    )  # fmt: skip


def task_list(views: Sequence[TaskView]) -> wire.MemberTaskList:
    return wire.MemberTaskList(items=[_task(each) for each in views])


def _task(view: TaskView) -> wire.MemberTask:
    task = view.task
    return wire.MemberTask(
        task_id=task.task_id, kind=task.kind, title=task.title, points=task.points,
        period=task.period, subject=task.subject,
        state="open" if view.done_at is None else "done",
        done_at=local(view.done_at) if view.done_at is not None else None,
    )  # fmt: skip
