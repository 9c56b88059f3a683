from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from huixue.edge import check_in_desk
from huixue.kernel.events import TaskDone
from tests.functions.check_ins import NOON, Her, member, published
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.stage import Stage


@pytest.fixture
def her(shared_stage: Stage) -> Iterator[Her]:
    published()
    with member(shared_stage) as her:
        yield her


def read(her: Her, guide_id: str) -> int:
    with her.stage.at(her.clock):
        return check_in_desk.reward(
            TaskDone(
                member_id=her.member_id,
                programme_id="demo",
                kind="guide",
                subject=guide_id,
                done_at=her.clock.now(),
                correlation_id="x",
            )
        )


def test_open_tasks_in_the_order_of_the_season(her: Her) -> None:
    found = her.asks("list_tasks")

    assert found.status == 200
    assert found.body["items"][:2] == [
        {
            "task_id": "read", "kind": "guide", "title": "读一篇攻略", "points": 5,
            "period": "day", "state": "open",
        },
        {
            "task_id": "lesson", "kind": "guide", "title": "读小课堂", "points": 7,
            "period": "once", "state": "open", "subject": "lesson",
        },
    ]  # fmt: skip
    assert [each["task_id"] for each in found.body["items"]] == ["read", "lesson", "profile"]


def test_the_example_is_answered(her: Her) -> None:
    event = event_of("list_tasks/accepted")
    event["headers"]["authorization"] = f"Bearer {her.stage.token(her.member_id)}"

    assert asked(her.stage, "list_tasks", event).status == 200


def test_what_is_done_says_when_until_its_period_is_over(her: Her) -> None:
    read(her, "lesson")

    today = her.asks("list_tasks").body["items"]
    her.clock.advance(timedelta(days=1))
    tomorrow = her.asks("list_tasks").body["items"]

    assert [each["state"] for each in today] == ["done", "done", "open"]
    assert today[0]["done_at"] == NOON.isoformat().replace("T04:00:00+00:00", "T12:00:00+08:00")
    assert [each["state"] for each in tomorrow] == ["open", "done", "open"]


def test_a_programme_without_a_season_has_no_tasks(shared_stage: Stage) -> None:
    found = call(shared_stage, "list_tasks", token=shared_stage.token("mem_z", "other"))

    assert (found.status, found.body) == (200, {"items": []})


def test_without_a_session_there_is_no_list(shared_stage: Stage) -> None:
    found = asked(shared_stage, "list_tasks", event_of("list_tasks/refused"))

    assert_problem(found, 401, "UNAUTHENTICATED")
