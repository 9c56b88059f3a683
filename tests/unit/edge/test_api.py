from __future__ import annotations

import io
import json
from typing import Any, cast

import msgspec
import pytest

from huixue.edge.api import Answer, http_entry, repeated
from huixue.edge.requests import Request
from huixue.edge.wire import Health
from huixue.kernel.errors import (
    ContentionError,
    HuixueError,
    MisconfiguredError,
    TooManyTriesError,
    UnavailableError,
)

EVENT = {"requestContext": {"requestId": "a-request"}}
NUMBER = "1" * 16


def answered(act: Any, event: object = EVENT) -> tuple[dict[str, Any], Any]:
    answer = http_entry(act)(cast("dict[str, Any]", event), None)
    return answer, json.loads(answer["body"]) if answer["body"] else None


def raising(error: Exception) -> Any:
    def act(request: Request) -> Answer:
        raise error

    return act


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_an_answer_is_json_that_nobody_keeps(log: io.StringIO) -> None:
    answer, body = answered(lambda _: Answer(status=202, body=Health(status="ok")))

    assert (answer["statusCode"], body) == (202, {"status": "ok"})
    assert answer["headers"] == {"content-type": "application/json", "cache-control": "no-store"}
    assert lines(log)[-1]["status"] == 202


def test_a_repeated_request_says_so(log: io.StringIO) -> None:
    answer, _ = answered(lambda _: repeated(Health(status="ok")))

    assert (answer["statusCode"], answer["headers"]["idempotency-hit"]) == (200, "true")


class _OursAloneError(HuixueError):
    code = "NOBODY_KNOWS_THIS_CODE"


@pytest.mark.parametrize(
    ("error", "status", "code", "wait_s"),
    [
        (UnavailableError("x", retry_after_s=7), 503, "UNAVAILABLE", "7"),
        (ContentionError("x"), 503, "CONTENTION", "1"),
        (MisconfiguredError("x"), 503, "MISCONFIGURED", "30"),
        (TooManyTriesError("x", retry_after_s=99), 429, "TOO_MANY_TRIES", "99"),
        (_OursAloneError("x"), 500, "INTERNAL", None),
        (RuntimeError(f"order {NUMBER}"), 500, "INTERNAL", None),
        (KeyError(NUMBER), 500, "INTERNAL", None),
        (RecursionError(), 500, "INTERNAL", None),
    ],
)
def test_whatever_is_raised_ends_in_a_problem_document(
    log: io.StringIO, error: Exception, status: int, code: str, wait_s: str | None
) -> None:
    answer, body = answered(raising(error))

    assert (answer["statusCode"], body["status"], body["code"]) == (status, status, code)
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert answer["headers"].get("retry-after") == wait_s
    assert NUMBER not in answer["body"]
    assert body["request_id"] == "a-request"


@pytest.mark.parametrize("error", [RuntimeError("boom"), _OursAloneError("boom")])
def test_what_should_not_happen_is_logged_with_its_trace(
    log: io.StringIO, error: Exception
) -> None:
    answered(raising(error))

    (line,) = lines(log)
    assert (line["level"], line["status"]) == ("ERROR", 500)
    assert "boom" in line["exception"]
    assert type(error).__name__ in line["exception"]


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (UnavailableError("x"), "WARNING"),
        (MisconfiguredError("x"), "ERROR"),
        (TooManyTriesError("x", retry_after_s=1), "INFO"),
    ],
)
def test_a_refusal_is_as_loud_as_it_needs_somebody(
    log: io.StringIO, error: Exception, level: str
) -> None:
    answered(raising(error))

    assert [line["level"] for line in lines(log)] == [level]


def test_a_log_line_is_found_by_the_id_the_member_was_told(log: io.StringIO) -> None:
    _, body = answered(raising(UnavailableError("x")))

    assert lines(log)[-1]["api_request_id"] == body["request_id"] == "a-request"


class _Odd(msgspec.Struct):
    value: object


def test_an_answer_that_is_no_json_is_our_fault_and_still_a_problem(log: io.StringIO) -> None:
    answer, body = answered(lambda _: Answer(status=200, body=_Odd(value=object())))

    assert (answer["statusCode"], body["code"]) == (500, "INTERNAL")


@pytest.mark.parametrize("event", [{}, {"headers": None, "requestContext": None}])
def test_an_event_without_anything_is_answered(log: io.StringIO, event: object) -> None:
    answer, _ = answered(lambda _: Answer(status=200, body=Health(status="ok")), event)

    assert answer["statusCode"] == 200
