from __future__ import annotations

from typing import Any

import pytest

from tests.functions.http import call, event_of
from tests.functions.orders import bring, failed, number, order, pump, sqs_event, waiting
from tests.functions.stage import Stage


def test_orders_that_are_gone_or_anothers_credit_nothing(shared_stage: Stage) -> None:
    before = shared_stage.contents()

    assert failed(shared_stage.invoke("credit_points", event_of("credit_points/accepted"))) == []

    assert shared_stage.contents() == before


def test_a_version_of_tomorrow_waits_for_tomorrow(shared_stage: Stage) -> None:
    event = event_of("credit_points/refused")

    found = failed(shared_stage.invoke("credit_points", event))

    assert found == [event["Records"][0]["messageId"]]


def test_a_message_in_any_number_credits_once_and_counts_it(
    shared_stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    bring([order(number(1))])
    body = {"platform": "taobao", "order_number": number(1)}
    call(shared_stage, "submit_order", token=shared_stage.token("mem_a"), body=body)
    shared_stage.invoke(
        "match_claims", sqs_event(waiting(shared_stage, "claims_to_match_queue_url"))
    )
    (message,) = waiting(shared_stage, "points_credit_queue_url")
    capsys.readouterr()

    for _ in range(3):
        event: dict[str, Any] = sqs_event([message] * 3)
        assert failed(shared_stage.invoke("credit_points", event)) == []
    pump(shared_stage)

    points = call(shared_stage, "get_points", token=shared_stage.token("mem_a")).body
    entries = call(shared_stage, "list_entries", token=shared_stage.token("mem_a"), query={}).body
    assert (points["lifetime"], len(entries["items"])) == (178, 1)
    assert capsys.readouterr().out.count('"PointsCredited":[178') == 1
