from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from huixue.edge.schedule import RESERVE, schedule_entry
from huixue.kernel.errors import UnavailableError
from tests.functions.stage import FunctionContext


@pytest.mark.parametrize("remaining_ms", [0, 1, 1_000, 39_000, 40_000, 60_000, 300_000, 900_000])
def test_a_run_stops_before_its_function_is_stopped(log: io.StringIO, remaining_ms: int) -> None:
    left = timedelta(milliseconds=remaining_ms)
    may_run = left - min(RESERVE, left / 2)
    seen: list[datetime] = []

    def act(stop_at: datetime) -> dict[str, object]:
        seen.append(stop_at)
        return {}

    before = datetime.now(UTC)
    schedule_entry(act)({}, FunctionContext(remaining_ms=remaining_ms))
    after = datetime.now(UTC)

    assert before + may_run <= seen[0] <= after + may_run
    assert seen[0].utcoffset() == timedelta(0)


def test_what_was_done_is_returned_and_logged(log: io.StringIO) -> None:
    done = schedule_entry(lambda _: {"rows": 3})({}, FunctionContext())

    assert done == {"rows": 3}
    assert json.loads(log.getvalue().splitlines()[-1])["done"] == {"rows": 3}


def test_a_run_that_failed_fails_so_that_an_alarm_sees_it(log: io.StringIO) -> None:
    def act(_: datetime) -> dict[str, object]:
        raise UnavailableError("x")

    with pytest.raises(UnavailableError):
        schedule_entry(act)({}, FunctionContext())
