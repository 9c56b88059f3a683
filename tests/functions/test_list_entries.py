from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from huixue.edge.requests import cursor_of
from huixue.kernel.calendar import business_date
from huixue.orders.worth import points_of
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.orders import bring, number, order, pump
from tests.functions.stage import Stage

MEMBER = "mem_of_many"
COUNT = 30


@pytest.fixture(scope="module")
def entries(shared_stage: Stage) -> None:
    """Thirty credited orders, one by one."""
    body = {
        "platform": "taobao", "account": "account_of_many", "order_number": number(1),
        "paid_amount_fen": 10_001,
    }  # fmt: skip
    bring([
        order(number(n), account="account_of_many", paid_fen=10_000 + n)
        for n in range(1, COUNT + 1)
    ])  # fmt: skip
    call(shared_stage, "start_order_sync", token=shared_stage.token(MEMBER), body=body)
    pump(shared_stage)


def page(stage: Stage, **query: str) -> Any:
    return call(stage, "list_entries", token=stage.token(MEMBER), query=query).body


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("limit", [1, 6, 7, 20, 29, 30, 31, 100])
def test_pages_of_any_size_hold_every_entry_once_newest_first(
    shared_stage: Stage, limit: int
) -> None:
    found, query = [], {"limit": str(limit)}
    while True:
        answer = page(shared_stage, **query)
        assert len(answer["items"]) <= limit
        found += answer["items"]
        if "next_cursor" not in answer:
            break
        query["cursor"] = answer["next_cursor"]

    assert [entry["entry_id"] for entry in found] == [f"ent_{n}" for n in range(len(found), 0, -1)]
    assert [entry["scene"] for entry in found].count("order_accrual") == COUNT
    balances = [entry["balance_after"] for entry in found]
    assert balances[-1] == found[-1]["points"]
    assert all(
        newer["balance_after"] == older["balance_after"] + newer["points"]
        for newer, older in pairwise(found)
    )


@pytest.mark.usefixtures("entries")
def test_twenty_are_a_page_where_no_limit_is_named(shared_stage: Stage) -> None:
    assert len(page(shared_stage)["items"]) == 20


@pytest.mark.usefixtures("entries")
def test_an_entry_explains_itself(shared_stage: Stage) -> None:
    event = event_of("list_entries/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token(MEMBER)}"

    entry = asked(shared_stage, "list_entries", event).body["items"][0]

    assert set(entry) == {
        "entry_id", "points", "balance_after", "scene", "note", "source", "business_date",
        "recorded_at", "explanation",
    }  # fmt: skip
    assert entry["scene"] == "order_accrual"
    assert entry["note"] == f"订单 {entry['source']['order_hint']} 获得积分"
    assert set(entry["source"]) == {"kind", "line_id", "platform", "order_hint"}
    recorded_at = datetime.fromisoformat(entry["recorded_at"])
    assert recorded_at.utcoffset() == timedelta(hours=8)
    assert entry["business_date"] == business_date(datetime.now(UTC)).isoformat()
    assert points_of(entry["explanation"]) == entry["points"] == 100


def test_waiting_points_clawbacks_and_debt_are_entries_too(shared_stage: Stage) -> None:
    token, wanted = shared_stage.token("mem_refund"), number(500)
    for snapshot in (
        order(wanted, state="paid"), order(wanted), order(wanted, refunded_fen=17_880),
    ):  # fmt: skip
        bring([snapshot])
        body = {"platform": "taobao", "order_number": wanted}
        call(shared_stage, "submit_order", token=token, body=body)
        pump(shared_stage)

    items = call(shared_stage, "list_entries", token=token, query={}).body["items"]

    shown = [(each["scene"], each["points"], each.get("pending_points", 0)) for each in items]
    assert shown == [
        ("order_clawback", -178, 0),
        ("order_accrual", 178, -178),
        ("order_pending", 0, 178),
    ]


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    "cursor",
    [
        "", "garbage", "=", "%00", "é", "WzEsIngiXQ", cursor_of("x"), cursor_of("line#x#0001"),
        cursor_of(""), cursor_of("x" * 257), cursor_of("\ud800"), cursor_of("\0"), cursor_of("订"),
        "Wzk", "eyJhIjoxfQ", "WzIsImEiXQ", "WzEsMV0", "W1tb" * 2000, "A" * 9000,
    ],
)  # fmt: skip
def test_a_cursor_that_is_none_of_ours_is_refused(shared_stage: Stage, cursor: str) -> None:
    query = {"cursor": cursor}

    found = call(shared_stage, "list_entries", token=shared_stage.token(MEMBER), query=query)

    assert_problem(found, 400, "CURSOR_INVALID")


def test_the_refused_event_carries_such_a_cursor(shared_stage: Stage) -> None:
    event = event_of("list_entries/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    assert_problem(asked(shared_stage, "list_entries", event), 400, "CURSOR_INVALID")
