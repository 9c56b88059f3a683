from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from huixue.check_ins.months import NextReward
from huixue.edge import check_in_presenting as presenting
from huixue.edge.check_in_desk import CheckedIn, Reward, TaskView
from huixue.kernel.check_ins import Task
from tests.unit.check_ins.made import nov

COMING = NextReward(days_left=2, on=nov(22), kind="consecutive", days=7, points=30)
DONE = CheckedIn(
    day=nov(20), made_up=False, price=0, streak=5, next_reward=COMING, repeated=False,
    rewards=(Reward(kind="base", points=2), Reward(kind="cumulative", points=20, days=5, title="五")),
)  # fmt: skip
TASK = Task(task_id="read", kind="guide", title="读", points=5, subject="lesson", period="week")


def body_of(value: msgspec.Struct | bytes) -> object:
    return json.loads(msgspec.json.encode(value))


def test_a_new_day_is_created_and_a_known_one_is_not() -> None:
    first, again = presenting.check_in(DONE), presenting.check_in(replace(DONE, repeated=True))

    assert (first.status, dict(first.headers)) == (201, {})
    assert (again.status, dict(again.headers)) == (200, {"idempotency-hit": "true"})
    assert first.body == again.body


def test_a_day_tells_all_that_it_brought() -> None:
    assert body_of(presenting.check_in(DONE).body) == {
        "date": "2026-11-20", "points": 22, "streak": 5,
        "rewards": [
            {"kind": "base", "points": 2},
            {"kind": "cumulative", "points": 20, "days": 5, "title": "五"},
        ],
        "next_reward": {
            "days_left": 2, "points": 30, "kind": "consecutive", "days": 7, "date": "2026-11-22",
        },
    }  # fmt: skip


def test_a_made_up_day_tells_its_price_too() -> None:
    found = presenting.made_up(replace(DONE, made_up=True, price=10, rewards=(), next_reward=None))

    assert found.status == 201
    assert body_of(found.body) == {
        "date": "2026-11-20", "points": 0, "streak": 5, "rewards": [], "next_reward": None,
        "price": 10,
    }  # fmt: skip


def test_tasks_are_open_or_done_by_the_clock_of_members() -> None:
    done_at = datetime(2026, 11, 20, 4, tzinfo=UTC)
    views = [TaskView(task=TASK, done_at=None), TaskView(task=TASK, done_at=done_at)]

    one, other = presenting.task_list(views).items

    assert (one.state, one.done_at, one.subject, one.period) == ("open", None, "lesson", "week")
    assert other.state == "done"
    assert other.done_at is not None
    assert other.done_at.isoformat() == "2026-11-20T12:00:00+08:00"
