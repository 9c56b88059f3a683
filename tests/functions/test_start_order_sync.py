from __future__ import annotations

from itertools import count
from typing import Any

from tests.functions.http import Answered, asked, assert_problem, call, event_of, pointers
from tests.functions.orders import bring, names, number, order, pump, waiting
from tests.functions.stage import Stage

NUMBERS = count(1)


def start(stage: Stage, member: str, **changes: Any) -> Answered:
    body = {
        "platform": "taobao", "account": f"account_of_{member}", "order_number": number(1),
        "paid_amount_fen": 17_880,
    }  # fmt: skip
    return call(stage, "start_order_sync", token=stage.token(member), body=body | changes)


def test_a_sync_is_taken_at_once_and_a_message_sent(shared_stage: Stage) -> None:
    pump(shared_stage)
    event = event_of("start_order_sync/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token('mem_a')}"

    found = asked(shared_stage, "start_order_sync", event)

    assert found.status == 202
    assert found.body == {"sync_id": found.body["sync_id"], "status": "running"}
    assert "idempotency-hit" not in found.headers
    assert names(waiting(shared_stage, "order_syncs_queue_url")) == ["OrderSyncRequested"]


def test_the_same_sync_again_shows_what_became_of_it(shared_stage: Stage) -> None:
    wanted = number(next(NUMBERS))
    bring([order(wanted, account="account_of_b")])
    first = start(shared_stage, "b", order_number=wanted)

    running = start(shared_stage, "b", order_number=wanted)
    pump(shared_stage)
    done = start(shared_stage, "b", order_number=wanted)

    assert (first.status, running.status, done.status) == (202, 200, 200)
    assert running.headers["idempotency-hit"] == done.headers["idempotency-hit"] == "true"
    assert running.body == first.body
    assert done.body == first.body | {"status": "done"}


def test_after_too_many_proofs_that_did_not_hold_she_waits(shared_stage: Stage) -> None:
    for amount in (1, 2, 3):
        assert start(shared_stage, "guesser", paid_amount_fen=amount).status == 202
        pump(shared_stage)
    before = shared_stage.contents()

    refused = start(shared_stage, "guesser", paid_amount_fen=4)

    assert_problem(refused, 429, "TOO_MANY_TRIES")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert shared_stage.contents() == before


def test_an_amount_that_is_no_whole_number_is_named(shared_stage: Stage) -> None:
    event = event_of("start_order_sync/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    found = asked(shared_stage, "start_order_sync", event)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["/paid_amount_fen"]
