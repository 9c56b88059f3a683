from __future__ import annotations

import io
import json
from typing import Any

import pytest

from huixue.edge.observability import Counts, logger, metrics, watched
from tests.functions.stage import FunctionContext


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_metrics_are_written_once_the_function_ends(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    def entry(event: dict[str, Any], context: Any) -> str:
        Counts().count("ClaimThrottled")
        Counts().count("ClaimThrottled", 4)
        assert written(capsys) == []
        return "done"

    assert watched(entry)({}, FunctionContext()) == "done"

    (line,) = written(capsys)
    assert line["ClaimThrottled"] == [1, 4]
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Huixue"


def test_metrics_are_written_even_where_the_function_fails(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    def entry(event: dict[str, Any], context: Any) -> None:
        Counts().count("MessageFailed")
        raise RuntimeError("x")

    with pytest.raises(RuntimeError):
        watched(entry)({}, FunctionContext())

    assert [line["MessageFailed"] for line in written(capsys)] == [[1]]


def test_nothing_is_written_where_nothing_was_counted(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    watched(lambda event, context: None)({}, FunctionContext())

    assert written(capsys) == []


def test_a_count_of_one_run_is_none_of_the_next(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = watched(lambda event, context: Counts().count("ImportRows", 2))

    handler({}, FunctionContext())
    handler({}, FunctionContext())

    assert [line["ImportRows"] for line in written(capsys)] == [[2], [2]]


def test_a_count_with_dimensions_is_a_metric_of_its_own(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    Counts().count("FeedLag", 7, feed="taobao")

    (line,) = written(capsys)
    assert (line["FeedLag"], line["feed"]) == ([7], "taobao")


def test_log_lines_carry_the_id_of_their_invocation(log: io.StringIO) -> None:
    handler = watched(lambda event, context: logger().info("here"))

    handler({}, FunctionContext(aws_request_id="first"))
    handler({}, FunctionContext(aws_request_id="second"))
    handler({}, None)

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["request_id"] for line in lines] == ["first", "second", "-"]


def test_members_words_are_logged_as_they_are(log: io.StringIO) -> None:
    logger().info("订单")

    assert "订单" in log.getvalue()
    assert metrics() is metrics()
