from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from huixue.edge import bootstrap
from huixue.edge.messages import encoded
from huixue.kernel.check_ins import TaskKind
from huixue.kernel.events import TaskDone
from huixue.kernel.ids import MemberId
from tests.functions.check_ins import NOON, Her, member, published
from tests.functions.http import event_of
from tests.functions.orders import failed
from tests.functions.stage import Stage


@pytest.fixture
def her(shared_stage: Stage) -> Iterator[Her]:
    published()
    with member(shared_stage) as her:
        yield her


def event(her: Her, *done: tuple[TaskKind, str, datetime]) -> dict[str, Any]:
    template = event_of("reward_tasks/accepted")["Records"][0]
    records = []
    for n, (kind, subject, at) in enumerate(done):
        message = TaskDone(
            member_id=her.member_id, programme_id="demo", kind=kind, subject=subject, done_at=at,
            correlation_id=f"request-{n}",
        )  # fmt: skip
        records.append({**template, "messageId": f"message-{n}", "body": encoded(message)})
    return {"Records": records}


def handled(her: Her, *done: tuple[TaskKind, str, datetime]) -> None:
    with her.stage.at(her.clock):
        assert failed(her.stage.invoke("reward_tasks", event(her, *done))) == []


def test_the_example_is_taken_and_nobody_of_that_name_has_a_task(shared_stage: Stage) -> None:
    published()

    assert failed(shared_stage.invoke("reward_tasks", event_of("reward_tasks/accepted"))) == []


def test_a_version_of_tomorrow_waits_for_tomorrow(shared_stage: Stage) -> None:
    refused = event_of("reward_tasks/refused")

    found = failed(shared_stage.invoke("reward_tasks", refused))

    assert found == [refused["Records"][0]["messageId"]]


def test_one_reading_fulfils_every_task_that_it_fits_once(her: Her) -> None:
    for _ in range(3):
        handled(her, ("guide", "lesson", NOON), ("guide", "lesson", NOON))

    assert her.entries() == {"task#read#2026-11-20": 5, "task#lesson#once": 7}
    assert her.balance() == 12


def test_a_task_of_the_day_is_entered_for_the_day_it_was_done_however_late(her: Her) -> None:
    yesterday = NOON - timedelta(days=1)

    handled(her, ("guide", "other", NOON), ("guide", "another", NOON + timedelta(hours=1)))
    handled(her, ("guide", "other", yesterday))

    assert her.entries() == {"task#read#2026-11-20": 5, "task#read#2026-11-19": 5}


def test_the_points_have_a_lot_class_of_their_own(her: Her) -> None:
    handled(her, ("profile", "profile", NOON))

    (lot,) = bootstrap.ledger().account(MemberId(her.member_id)).lots
    assert lot.endswith("|check_in")


def test_what_no_task_is_for_brings_nothing(her: Her) -> None:
    handled(her, ("follow", "mp", NOON), ("reservation", "st-1", NOON))

    assert her.entries() == {}


def test_the_log_names_the_request_and_no_words_of_hers(her: Her) -> None:
    handled(her, ("profile", "profile", NOON))

    said = [each for each in her.stage.log_lines() if each.get("message") == "TaskDone"][-1]
    assert (said["correlation_id"], said["outcome"]) == ("request-0", 1)
    assert "完善资料" not in json.dumps(said, ensure_ascii=False)


def test_for_who_was_erased_it_is_void(her: Her) -> None:
    bootstrap.ledger().erase(her.id, NOON)

    handled(her, ("profile", "profile", NOON))

    assert her.entries() == {}
