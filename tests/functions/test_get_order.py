from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from huixue.kernel.calendar import business_date
from huixue.kernel.snapshots import OrderSnapshot
from huixue.orders.worth import points_of
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.orders import bring, number, order, pump
from tests.functions.stage import Stage

NUMBERS = count(100)


def claimed(stage: Stage, snapshots: list[OrderSnapshot], member: str = "mem_a") -> Any:
    if snapshots:
        bring(snapshots)
    wanted = snapshots[0].order_number if snapshots else number(999)
    body = {"platform": "taobao", "order_number": wanted}
    claim_id = call(stage, "submit_order", token=stage.token(member), body=body).body["claim_id"]
    pump(stage)
    return call(stage, "get_order", token=stage.token(member), path={"claim_id": claim_id}).body


def test_a_credited_claim_says_everything_its_points_are_made_of(shared_stage: Stage) -> None:
    snapshot = order(number(1), paid_fen=17_899)

    found = claimed(shared_stage, [snapshot])

    assert snapshot.paid_at is not None
    assert set(found) == {
        "claim_id", "platform", "order_hint", "claimed_at", "paid_on", "status", "lines",
    }  # fmt: skip
    assert found["paid_on"] == business_date(snapshot.paid_at).isoformat()
    assert (found["order_hint"], found["status"]) == ("3000…01", "credited")
    (line,) = found["lines"]
    assert set(line) == {"line_id", "title", "amount_fen", "status", "points", "explanation"}
    assert (line["amount_fen"], line["status"], line["points"]) == (17_899, "credited", 178)
    explanation: Mapping[str, object] = line["explanation"]
    assert points_of(explanation) == 178


@pytest.mark.parametrize(
    ("changes", "status", "reason", "points"),
    [
        ({"state": "unpaid"}, "unpaid", None, 0),
        ({"state": "paid"}, "pending", None, 178),
        ({"state": "shipped"}, "pending", None, 178),
        ({"state": "unknown"}, "parked", None, 0),
        ({"state": "confirmed", "refunded_fen": 7_880}, "credited", None, 100),
        ({"state": "confirmed", "refunded_fen": 17_880}, "rejected", "REFUNDED", 0),
        ({"state": "closed"}, "rejected", "REFUNDED", 0),
    ],
)
def test_what_became_of_an_order_has_its_word(
    shared_stage: Stage, changes: dict[str, Any], status: str, reason: str | None, points: int
) -> None:
    wanted = number(next(NUMBERS))

    found = claimed(shared_stage, [order(wanted, **changes)], member=f"mem_{wanted}")

    assert (found["status"], found.get("reason")) == (status, reason)
    assert found["lines"][0]["points"] == points
    assert "next_check_at" not in found


def test_an_order_that_closed_without_being_paid_is_rejected_as_such(shared_stage: Stage) -> None:
    snapshot = replace(order(number(next(NUMBERS)), state="unpaid"), state="closed")

    found = claimed(shared_stage, [snapshot], member="mem_closed")

    assert (found["status"], found["reason"]) == ("rejected", "CLOSED")
    assert "paid_on" not in found


def test_an_order_out_of_its_window_is_rejected_without_lines(shared_stage: Stage) -> None:
    found = claimed(shared_stage, [order(number(50), paid_days_ago=91)])

    assert (found["status"], found["reason"], found["lines"]) == ("rejected", "OUT_OF_WINDOW", [])


def test_a_refund_after_the_credit_is_clawed_back(shared_stage: Stage) -> None:
    member, wanted = "mem_refund", number(60)
    claimed(shared_stage, [order(wanted)], member)

    partly = claimed(shared_stage, [order(wanted, refunded_fen=7_880)], member)
    wholly = claimed(shared_stage, [order(wanted, refunded_fen=17_880)], member)

    assert (partly["status"], partly["lines"][0]["points"]) == ("partially_clawed_back", 100)
    assert (wholly["status"], wholly["lines"][0]["points"]) == ("clawed_back", 0)


def test_of_lines_with_different_states_the_first_of_the_contract_is_shown(
    shared_stage: Stage,
) -> None:
    wanted = number(70)
    lines = [order(wanted, line="1"), order(wanted, line="2", state="shipped")]

    found = claimed(shared_stage, lines, "mem_lines")

    assert found["status"] == "pending"
    assert {line["status"] for line in found["lines"]} == {"credited", "pending"}


def test_an_absent_order_waits_until_its_next_check(shared_stage: Stage) -> None:
    found = claimed(shared_stage, [], "mem_absent")

    assert set(found) == {
        "claim_id", "platform", "order_hint", "claimed_at", "status", "lines", "next_check_at",
    }  # fmt: skip
    assert (found["status"], found["lines"]) == ("waiting", [])


def test_a_claim_of_nobody_is_not_found(shared_stage: Stage) -> None:
    event = event_of("get_order/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    assert_problem(asked(shared_stage, "get_order", event), 404, "NOT_FOUND")


def test_the_accepted_event_is_a_request_for_one_claim(shared_stage: Stage) -> None:
    event = event_of("get_order/accepted")
    claim_id = claimed(shared_stage, [order(number(80))], "mem_event")["claim_id"]
    event["headers"]["authorization"] = f"Bearer {shared_stage.token('mem_event')}"
    event["pathParameters"]["claim_id"] = claim_id

    assert asked(shared_stage, "get_order", event).body["claim_id"] == claim_id
