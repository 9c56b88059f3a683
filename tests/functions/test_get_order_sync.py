from __future__ import annotations

from typing import Any

import pytest

from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.orders import bring, number, order, pump
from tests.functions.stage import Stage


def synced(stage: Stage, member: str, **changes: Any) -> Any:
    body = {
        "platform": "taobao", "account": f"account_of_{member}", "order_number": number(1),
        "paid_amount_fen": 17_880,
    } | changes  # fmt: skip
    token = stage.token(member)
    sync_id = call(stage, "start_order_sync", token=token, body=body).body["sync_id"]
    event = event_of("get_order_sync/accepted")
    event["headers"]["authorization"] = f"Bearer {token}"
    event["pathParameters"]["sync_id"] = sync_id
    assert asked(stage, "get_order_sync", event).body["status"] == "running"
    pump(stage)
    found = asked(stage, "get_order_sync", event)
    assert (found.status, found.body["sync_id"]) == (200, sync_id)
    return found.body


def test_a_sync_counts_what_became_of_every_line(shared_stage: Stage) -> None:
    mine: dict[str, Any] = {"account": "account_of_a"}
    bring([
        order(number(1), **mine), order(number(2), **mine), order(number(3), state="paid", **mine),
        order(number(4), refunded_fen=17_880, **mine), order(number(5), account="another"),
        order(number(6), paid_days_ago=120, **mine), order(number(7), account=None),
    ])  # fmt: skip

    found = synced(shared_stage, "a")

    assert found == {
        "sync_id": found["sync_id"], "status": "done", "lines_found": 4, "lines_credited": 2,
        "lines_pending": 1, "lines_skipped": 1,
    }  # fmt: skip
    points = call(shared_stage, "get_points", token=shared_stage.token("a")).body
    assert (points["available"], points["pending"]) == (356, 178)


@pytest.mark.parametrize(
    "changes",
    [
        {"order_number": number(99)},
        {"paid_amount_fen": 17_879},
        {"paid_amount_fen": 0},
        {"account": "another"},
    ],
)
def test_a_proof_that_does_not_hold_fails_without_saying_why(
    shared_stage: Stage, changes: dict[str, object]
) -> None:
    bring([order(number(50), account="account_of_wrong")])
    member = f"wrong{len(str(changes))}"

    found = synced(shared_stage, member, **({"order_number": number(50)} | changes))

    assert found == {
        "sync_id": found["sync_id"], "status": "failed", "lines_found": 0, "lines_credited": 0,
        "lines_pending": 0, "lines_skipped": 0, "reason": "PROOF_FAILED",
        "reason_detail": "账号、订单编号或实付金额不匹配，或订单还没有确认收货",
    }  # fmt: skip


def test_an_account_bound_to_another_member_is_told_after_proof(shared_stage: Stage) -> None:
    bring([order(number(n), account="account_of_two") for n in (60, 61)])
    synced(shared_stage, "first", account="account_of_two", order_number=number(60))

    # her own proof still holds: the first sync could not own what came later
    bring([order(number(62), account="account_of_two")])
    found = synced(shared_stage, "second", account="account_of_two", order_number=number(62))

    assert (found["status"], found["reason"]) == ("failed", "ACCOUNT_BOUND_ELSEWHERE")


def test_a_sync_of_nobody_is_not_found(shared_stage: Stage) -> None:
    event = event_of("get_order_sync/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    assert_problem(asked(shared_stage, "get_order_sync", event), 404, "NOT_FOUND")
