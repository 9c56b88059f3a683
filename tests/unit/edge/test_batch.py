from __future__ import annotations

import io
import json
from itertools import combinations
from typing import Any

import pytest

from huixue.edge.batch import queue_entry
from huixue.edge.messages import encoded
from huixue.kernel.errors import (
    ContentionError,
    HuixueError,
    MemberErasedError,
    MisconfiguredError,
    UnavailableError,
)
from huixue.kernel.events import OrdersChanged, RowsPlanned
from tests.functions.orders import failed, sqs_event

SUBSETS = [
    frozenset(subset) for size in range(5) for subset in combinations(("0", "1", "2", "3"), size)
]


def message(of: str) -> str:
    return encoded(OrdersChanged(member_id=of, order_refs=("ref",), correlation_id="c"))


def handled(act: Any, event: dict[str, Any]) -> list[str]:
    return failed(queue_entry(OrdersChanged, act)(event, None))


@pytest.mark.parametrize(
    "error",
    [
        UnavailableError("x"), ContentionError("x"), MisconfiguredError("x"), HuixueError("x"),
        RuntimeError("x"), KeyError("x"), AssertionError("x"),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
@pytest.mark.parametrize("bad", SUBSETS, ids=lambda bad: "".join(sorted(bad)) or "none")
def test_exactly_what_failed_comes_again(
    log: io.StringIO, bad: frozenset[str], error: Exception
) -> None:
    done = []

    def act(got: OrdersChanged, redelivered: bool) -> None:
        if got.member_id in bad:
            raise error
        done.append(got.member_id)

    assert handled(act, sqs_event([message(each) for each in "0123"])) == sorted(bad)
    assert done == sorted({*"0123"} - bad)


def test_work_for_a_member_who_was_erased_is_void_and_acknowledged(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    def act(got: OrdersChanged, redelivered: bool) -> None:
        raise MemberErasedError("she was erased", member_id=got.member_id)

    assert handled(act, sqs_event([message("1"), message("2")])) == []
    assert [(line["level"], line["message"]) for line in lines(log)] == [("INFO", "void")] * 2
    assert "MessageFailed" not in capsys.readouterr().out


GOOD = json.loads(message("1"))
POISON = {
    "empty": "",
    "no JSON": "{",
    "no object": "[]",
    "null": "null",
    "no UTF-8": "\ud800",
    "another name": json.dumps(GOOD | {"name": "RowsPlanned"}),
    "no name": json.dumps({"version": 1, "detail": GOOD["detail"]}),
    "a later version": json.dumps(GOOD | {"version": 2}),
    "a version as text": json.dumps(GOOD | {"version": "1"}),
    "a version that is true": json.dumps(GOOD | {"version": True}),
    "no detail": json.dumps({"name": "OrdersChanged", "version": 1}),
    "an empty detail": json.dumps(GOOD | {"detail": {}}),
    "a missing field": json.dumps(GOOD | {"detail": {"member_id": "1", "order_refs": ["r"]}}),
    "a wrong type": json.dumps(GOOD | {"detail": GOOD["detail"] | {"order_refs": "ref"}}),
    "a wrong type inside": json.dumps(GOOD | {"detail": GOOD["detail"] | {"order_refs": [1]}}),
    "deeply nested": '{"name":"OrdersChanged","version":1,"detail":' + "[" * 100_000,
    "huge": json.dumps("x" * 900_000),
}


@pytest.mark.parametrize("kind", POISON)
def test_a_poisoned_message_is_reported_alone_and_never_written_down(
    log: io.StringIO, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = []
    bodies = [message("first"), POISON[kind], message("last")]

    found = handled(lambda got, _: done.append(got.member_id), sqs_event(bodies))

    assert found == ["1"]
    assert done == ["first", "last"]
    (line,) = [line for line in lines(log) if line["level"] == "ERROR"]
    assert (line["code"], line["permanent"]) == ("MESSAGE_MALFORMED", True)
    assert '"MessageParked":[1' in capsys.readouterr().out
    assert len(log.getvalue()) < 20_000


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize(("receive_count", "redelivered"), [(1, False), (2, True), (5, True)])
def test_whoever_acts_knows_whether_it_may_have_been_tried(
    log: io.StringIO, receive_count: int, redelivered: bool
) -> None:
    seen = []

    handled(
        lambda _, again: seen.append(again), sqs_event([message("1")], receive_count=receive_count)
    )

    assert seen == [redelivered]


def test_records_that_are_none_of_sqs_are_reported_alone(log: io.StringIO) -> None:
    event = sqs_event([message("0"), message("1"), message("2")])
    del event["Records"][0]["attributes"]
    del event["Records"][1]["body"]

    assert handled(lambda *_: None, event) == ["0", "1"]


@pytest.mark.parametrize(
    ("error", "level", "metric"),
    [
        (UnavailableError("x"), "WARNING", None),
        (MisconfiguredError("x"), "ERROR", "MessageParked"),
        (HuixueError("x"), "ERROR", "MessageFailed"),
        (RuntimeError("x"), "ERROR", "MessageFailed"),
    ],
)
def test_what_a_person_must_mend_is_counted(
    log: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    level: str,
    metric: str | None,
) -> None:
    def act(_: OrdersChanged, __: bool) -> None:
        raise error

    handled(act, sqs_event([message("1")]))

    assert [line["level"] for line in lines(log)] == [level]
    out = capsys.readouterr().out
    assert (metric is None and "Message" not in out) or f'"{metric}":[1' in out


def test_what_was_done_is_logged_with_its_correlation(log: io.StringIO) -> None:
    event = sqs_event([message("1")])

    for outcome, shown in (
        ("finished before", "finished before"),
        (3, 3),
        (None, None),
        (object(), "object"),
    ):
        handled(lambda *_, found=outcome: found, event)
        line = lines(log)[-1]
        assert (line["message"], line["correlation_id"]) == ("OrdersChanged", "c")
        assert line.get("outcome") == shown


def test_each_queue_takes_its_own_kind_alone(log: io.StringIO) -> None:
    other = encoded(RowsPlanned(import_id="i", chunk=0, correlation_id="i"))

    assert handled(lambda *_: None, sqs_event([other])) == ["0"]
