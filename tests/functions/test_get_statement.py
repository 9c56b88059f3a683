from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huixue.kernel.calendar import business_date
from tests.functions.http import Answered, asked, assert_problem, call, event_of, pointers
from tests.functions.orders import bring, number, order, pump
from tests.functions.stage import Stage


def statement(stage: Stage, member: str, month: str) -> Answered:
    return call(stage, "get_statement", token=stage.token(member), path={"month": month})


def this_month() -> date:
    return business_date(datetime.now(UTC)).replace(day=1)


def test_a_month_opens_says_what_happened_and_closes(shared_stage: Stage) -> None:
    bring([order(number(1)), order(number(2), state="shipped", paid_fen=5_099)])
    for wanted in (number(1), number(2)):
        body = {"platform": "taobao", "order_number": wanted}
        call(shared_stage, "submit_order", token=shared_stage.token("mem_a"), body=body)
    pump(shared_stage)
    event = event_of("get_statement/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token('mem_a')}"
    event["pathParameters"] = {"month": f"{this_month():%Y-%m}"}

    found = asked(shared_stage, "get_statement", event)

    assert found.status == 200
    assert found.body == {
        "month": f"{this_month():%Y-%m}", "opening": 0, "closing": 178,
        "by_scene": [
            {"scene": "order_pending", "points": 0, "count": 1, "pending_points": 50},
            {"scene": "order_accrual", "points": 178, "count": 1},
        ],
        "at_opening": {"available": 0, "pending": 0, "held": 0, "debt": 0},
        "at_closing": {"available": 178, "pending": 50, "held": 0, "debt": 0},
    }  # fmt: skip


def test_it_costs_one_query_of_her_partition(shared_stage: Stage) -> None:
    statement(shared_stage, "mem_a", "2026-01")
    shared_stage.calls.clear()

    statement(shared_stage, "mem_a", "2026-01")

    of_session, *calls = shared_stage.calls
    assert of_session == "dynamodb.GetItem"
    assert calls == ["dynamodb.BatchGetItem", "dynamodb.Query"]


@pytest.mark.parametrize("month", ["0001-01", "2020-02"])
def test_a_month_without_entries_is_nought(shared_stage: Stage, month: str) -> None:
    found = statement(shared_stage, "mem_new", month).body

    assert (found["opening"], found["by_scene"], found["closing"]) == (0, [], 0)


@pytest.mark.parametrize("month", ["next", "9999-12"])
def test_a_month_to_come_is_not_there(shared_stage: Stage, month: str) -> None:
    coming = (this_month() + timedelta(days=32)).strftime("%Y-%m")

    found = statement(shared_stage, "mem_a", coming if month == "next" else month)

    assert_problem(found, 404, "NOT_FOUND")


@pytest.mark.parametrize(
    "month",
    ["", "2026", "2026-1", "2026-13", "2026-00", "0000-01", "26-01", "2026-11-01", "2026/11",
     "２０２６-11", "2026-11 ", "-026-11", "x" * 9000, "\ud800", "\0"],
)  # fmt: skip
def test_what_is_no_month_is_named(shared_stage: Stage, month: str) -> None:
    found = statement(shared_stage, "mem_a", month)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["{month}"]


def test_the_refused_event_names_no_month(shared_stage: Stage) -> None:
    event = event_of("get_statement/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    assert_problem(asked(shared_stage, "get_statement", event), 400, "FIELDS_INVALID")
