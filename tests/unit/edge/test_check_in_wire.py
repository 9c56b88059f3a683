from __future__ import annotations

import json
from datetime import UTC, date, datetime

import msgspec

from huixue.edge import check_in_wire as wire

DAY = date(2026, 11, 20)


def body_of(value: msgspec.Struct) -> object:
    return json.loads(msgspec.json.encode(value))


def test_what_clients_rely_on_is_always_there() -> None:
    base = wire.CheckInReward(kind="base", points=2)
    found = wire.MadeUpDay(
        date=DAY, points=2, streak=1, rewards=[base], next_reward=None, price=0
    )  # fmt: skip

    assert body_of(found) == {
        "date": "2026-11-20", "points": 2, "streak": 1,
        "rewards": [{"kind": "base", "points": 2}], "next_reward": None, "price": 0,
    }  # fmt: skip


def test_what_a_task_has_not_is_left_out() -> None:
    task = wire.MemberTask(
        task_id="read", kind="guide", title="读", points=5, period="once", state="open"
    )

    assert body_of(task) == {
        "task_id": "read", "kind": "guide", "title": "读", "points": 5, "period": "once",
        "state": "open",
    }  # fmt: skip
    done = msgspec.structs.replace(task, state="done", done_at=datetime(2026, 11, 20, tzinfo=UTC))
    assert body_of(wire.MemberTaskList(items=[done])) == {
        "items": [{**_plain(done), "done_at": "2026-11-20T00:00:00Z"}]
    }


def _plain(task: wire.MemberTask) -> dict[str, object]:
    found = body_of(task)
    assert isinstance(found, dict)
    return found
