from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.engines.clock import FrozenClock
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.seasons import NOON, published
from tests.functions.stage import Stage


@pytest.fixture
def clock(shared_stage: Stage) -> Iterator[FrozenClock]:
    published()
    standing = FrozenClock(NOON)
    with shared_stage.at(standing):
        yield standing


def test_the_guides_that_are_open_come_in_the_order_of_the_file(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    event = event_of("list_guides/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    found = asked(shared_stage, "list_guides", event)

    assert found.body == {
        "items": [
            {"guide_id": "double11", "kind": "promotion", "title": "大促攻略", "state": "open"},
            {
                "guide_id": "masks", "kind": "lesson", "title": "面膜怎么敷", "summary": "三步",
                "tags": {"skin_type": ["dry", "sensitive"]}, "state": "open",
            },
        ]
    }  # fmt: skip
    assert found.headers["cache-control"] == "public, max-age=30"


def test_a_guide_appears_at_its_instant_and_no_copy_outlives_that(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    token = shared_stage.token()
    clock.instant = NOON + timedelta(days=1, seconds=-12)
    before = call(shared_stage, "list_guides", token=token)
    clock.instant = NOON + timedelta(days=1)

    after = call(shared_stage, "list_guides", token=token)

    assert before.headers["cache-control"] == "public, max-age=12"
    assert [each["guide_id"] for each in after.body["items"]] == ["double11", "masks", "soon"]


def test_without_a_session_there_is_no_list(shared_stage: Stage) -> None:
    found = asked(shared_stage, "list_guides", event_of("list_guides/refused"))

    assert_problem(found, 401, "UNAUTHENTICATED")
