"""That a member has read a guide goes to the tasks' queue, for a guide that can be read and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huixue.edge.messages import decoded
from huixue.kernel.events import TaskDone
from tests.engines.clock import FrozenClock
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.orders import waiting
from tests.functions.seasons import NOON, published
from tests.functions.stage import Stage

QUEUE = "tasks_to_reward_queue_url"


@pytest.fixture
def stage(shared_stage: Stage) -> Iterator[Stage]:
    published()
    waiting(shared_stage, QUEUE)
    with shared_stage.at(FrozenClock(NOON)):
        yield shared_stage


def test_a_guide_that_was_read_is_told_to_the_tasks(stage: Stage) -> None:
    event = event_of("read_guide/accepted")
    event["headers"]["authorization"] = f"Bearer {stage.token('mem_reader')}"

    found = asked(stage, "read_guide", event)

    assert found.status == 202
    assert found.body == {"guide_id": "double11", "read_at": "2026-11-20T12:00:00+08:00"}
    (done,) = told(stage)
    assert (done.member_id, done.programme_id) == ("mem_reader", "demo")
    assert (done.kind, done.subject, done.done_at) == ("guide", "double11", NOON)


def told(stage: Stage) -> list[TaskDone]:
    return [decoded(each, TaskDone) for each in waiting(stage, QUEUE)]


@pytest.mark.parametrize("guide_id", ["none", "summer", "off", "soon", "指南", ""])
def test_what_nobody_can_read_now_is_not_found_and_told_to_nobody(
    stage: Stage, guide_id: str
) -> None:
    path = {"guide_id": guide_id}

    found = call(stage, "read_guide", token=stage.token(), path=path)

    assert_problem(found, 404, "NOT_FOUND")
    assert told(stage) == []


def test_a_guide_that_never_was_is_not_found(stage: Stage) -> None:
    event = event_of("read_guide/refused")
    event["headers"]["authorization"] = f"Bearer {stage.token()}"

    assert_problem(asked(stage, "read_guide", event), 404, "NOT_FOUND")


def test_without_a_session_nothing_is_told(stage: Stage) -> None:
    found = call(stage, "read_guide", path={"guide_id": "double11"})

    assert_problem(found, 401, "UNAUTHENTICATED")
    assert told(stage) == []
