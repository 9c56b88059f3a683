"""One line for what a function said; nothing for what nobody reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from infra.ops.logs import line_from

AT_MS = 1_795_292_042_000


def event(message: object) -> dict[str, object]:
    text = message if isinstance(message, str) else json.dumps(message)
    return {"timestamp": AT_MS, "message": text}


@pytest.mark.parametrize(
    "message",
    [
        "START RequestId: 1 Version: $LATEST",
        "REPORT RequestId: 1\tDuration: 20 ms",
        "",
        {"_aws": {"Timestamp": 1}, "SweepRepaired": 0},
        {"time": "2026-11-21T20:14:02Z", "type": "platform.report", "record": {}},
    ],
)
def test_metrics_and_the_runtimes_own_records_are_left_out(message: object) -> None:
    assert line_from(event(message)) is None


def test_a_structured_line_is_told_apart_into_what_is_read_first_and_the_rest() -> None:
    line = line_from(
        event(
            {
                "level": "ERROR",
                "location": "_acted:61",
                "message": "failed",
                "service": "imports",
                "request_id": "r1",
                "exception": "Traceback …",
            }
        )
    )

    assert line is not None
    assert (line.level, line.service, line.message) == ("ERROR", "imports", "failed")
    assert line.rest == '{"request_id": "r1"}'
    assert line.exception == "Traceback …"
    assert line.said_at == datetime.fromtimestamp(AT_MS / 1000, UTC)


@pytest.mark.parametrize("message", ["Task timed out after 15.00 seconds", "[1, 2]", "{broken"])
def test_a_line_that_is_not_ours_counts_as_a_failure(message: str) -> None:
    line = line_from(event(message))

    assert line is not None
    assert (line.level, line.message) == ("ERROR", message)
