from __future__ import annotations

import json

from tests.functions.http import call, event_of
from tests.functions.orders import bring, failed, names, number, order, pump, sqs_event, waiting
from tests.functions.stage import Stage


def submitted(stage: Stage, member: str, order_number: str) -> tuple[str, str]:
    """The claim's id and its message."""
    pump(stage)
    body = {"platform": "taobao", "order_number": order_number}
    found = call(stage, "submit_order", token=stage.token(member), body=body)
    (message,) = waiting(stage, "claims_to_match_queue_url")
    return found.body["claim_id"], message


def test_the_accepted_event_is_handled_and_its_claim_survives(shared_stage: Stage) -> None:
    """The message carries the whole claim: nothing of it had been stored before."""
    event = event_of("match_claims/accepted")
    claim = json.loads(event["Records"][0]["body"])["detail"]

    assert failed(shared_stage.invoke("match_claims", event)) == []

    token, path = shared_stage.token(claim["member_id"]), {"claim_id": claim["claim_id"]}
    found = call(shared_stage, "get_order", token=token, path=path)
    assert found.body["order_hint"] == claim["order_hint"]


def test_a_message_that_is_none_comes_back_alone(shared_stage: Stage) -> None:
    event = event_of("match_claims/refused")

    found = failed(shared_stage.invoke("match_claims", event))

    assert found == [event["Records"][1]["messageId"]]


def test_a_match_asks_for_its_credit(shared_stage: Stage) -> None:
    bring([order(number(1))])
    _, message = submitted(shared_stage, "mem_a", number(1))

    assert failed(shared_stage.invoke("match_claims", sqs_event([message]))) == []

    assert names(waiting(shared_stage, "points_credit_queue_url")) == ["OrdersChanged"]


def test_the_same_message_five_times_gives_one_credit(shared_stage: Stage) -> None:
    bring([order(number(2))])
    _, message = submitted(shared_stage, "mem_b", number(2))

    for receive_count in range(1, 6):
        event = sqs_event([message, message], receive_count=receive_count)
        assert failed(shared_stage.invoke("match_claims", event)) == []
    pump(shared_stage)

    points = call(shared_stage, "get_points", token=shared_stage.token("mem_b")).body
    assert points["lifetime"] == 178


def test_an_order_that_comes_later_finds_the_claim_that_waits(shared_stage: Stage) -> None:
    claim_id, message = submitted(shared_stage, "mem_c", number(3))
    shared_stage.invoke("match_claims", sqs_event([message]))

    bring([order(number(3))])
    pump(shared_stage)

    token = shared_stage.token("mem_c")
    found = call(shared_stage, "get_order", token=token, path={"claim_id": claim_id})
    assert found.body["status"] == "credited"
