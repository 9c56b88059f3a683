from __future__ import annotations

import json

from tests.functions.http import call, event_of
from tests.functions.orders import failed, number, pump, sqs_event, waiting
from tests.functions.stage import Stage
from tests.functions.uploads import csv_of, row, state_of, uploaded


def test_a_chunk_that_is_gone_comes_back(shared_stage: Stage) -> None:
    event = event_of("import_rows/accepted")

    assert failed(shared_stage.invoke("import_rows", event)) == [event["Records"][0]["messageId"]]


def test_a_chunk_whose_number_is_text_comes_back(shared_stage: Stage) -> None:
    event = event_of("import_rows/refused")

    assert failed(shared_stage.invoke("import_rows", event)) == [event["Records"][0]["messageId"]]


def test_a_chunk_delivered_again_is_counted_once(shared_stage: Stage) -> None:
    message = uploaded(shared_stage, "imp_twice", csv_of([row(number(n)) for n in range(1, 8)]))
    shared_stage.invoke("plan_import", sqs_event([message]))
    (chunk,) = waiting(shared_stage, "import_chunks_queue_url")
    assert json.loads(chunk)["detail"]["chunk"] == 0

    for receive_count in (1, 2, 3):
        event = sqs_event([chunk], receive_count=receive_count)
        assert failed(shared_stage.invoke("import_rows", event)) == []

    done = state_of("imp_twice")
    assert (done.status, done.orders_new, done.orders_changed) == ("done", 7, 0)


def test_an_imported_order_can_be_claimed_and_its_points_are_the_files(
    shared_stage: Stage,
) -> None:
    message = uploaded(shared_stage, "imp_claimed", csv_of([row(number(50), paid="99.99")]))
    shared_stage.invoke("plan_import", sqs_event([message]))
    token = shared_stage.token("mem_a")
    body = {"platform": "taobao", "order_number": number(50)}

    call(shared_stage, "submit_order", token=token, body=body)
    pump(shared_stage)

    assert call(shared_stage, "get_points", token=token).body["available"] == 99
