from __future__ import annotations

from tests.functions.http import call, event_of
from tests.functions.orders import bring, failed, number, order, sqs_event, waiting
from tests.functions.stage import Stage


def test_a_sync_that_is_gone_is_no_failure(shared_stage: Stage) -> None:
    before = shared_stage.contents()

    assert failed(shared_stage.invoke("run_order_sync", event_of("run_order_sync/accepted"))) == []

    assert shared_stage.contents() == before


def test_a_message_without_its_sync_comes_back(shared_stage: Stage) -> None:
    event = event_of("run_order_sync/refused")

    found = failed(shared_stage.invoke("run_order_sync", event))

    assert found == [event["Records"][0]["messageId"]]


def test_run_again_and_again_it_counts_the_same(shared_stage: Stage) -> None:
    bring([order(number(n), account="account_of_a") for n in (1, 2, 3)])
    body = {
        "platform": "taobao", "account": "account_of_a", "order_number": number(2),
        "paid_amount_fen": 17_880,
    }  # fmt: skip
    token = shared_stage.token("mem_a")
    sync_id = call(shared_stage, "start_order_sync", token=token, body=body).body["sync_id"]
    (message,) = waiting(shared_stage, "order_syncs_queue_url")

    for receive_count in (1, 2, 3):
        event = sqs_event([message], receive_count=receive_count)
        assert failed(shared_stage.invoke("run_order_sync", event)) == []

    found = call(shared_stage, "get_order_sync", token=token, path={"sync_id": sync_id}).body
    assert (found["status"], found["lines_found"], found["lines_credited"]) == ("done", 3, 3)
    assert call(shared_stage, "get_points", token=token).body["lifetime"] == 3 * 178
