from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from huixue.edge import bootstrap, clients, pool_desks
from huixue.orders.ports import Place
from tests.functions.http import call, event_of
from tests.functions.orders import bring, number, order, pump, sqs_event, waiting
from tests.functions.stage import QUEUES, Stage


def swept(stage: Stage) -> dict[str, object]:
    """One run that begins a round, whatever an earlier one left to rest."""
    pool_desks.sweep_desk().cursor.save(Place())
    done = stage.invoke("sweep_orders", event_of("sweep_orders/accepted"))
    assert set(done) == {"due_claims", "due_releases", "repairs", "round_finished"}
    assert isinstance(done, dict)
    return done


def lose_all_messages(stage: Stage) -> None:
    for setting in QUEUES:
        while waiting(stage, setting):
            continue


def an_hour_ago(order_number: str) -> None:
    """The order got its owner then: what is younger is still on its way."""
    pool, ref = bootstrap.orders(), clients.keyed_hash().order_ref("taobao", order_number)
    stored = pool.orders([ref])[ref]
    assert stored.ownership is not None
    ownership = replace(stored.ownership, owned_at=datetime.now(UTC) - timedelta(hours=1))
    pool.save(replace(stored, ownership=ownership))


def test_where_nothing_was_lost_there_is_nothing_to_repair(shared_stage: Stage) -> None:
    assert swept(shared_stage) == {
        "due_claims": 0, "due_releases": 0, "repairs": 0, "round_finished": True,
    }  # fmt: skip


def test_a_lost_credit_is_found_and_made_good(shared_stage: Stage) -> None:
    bring([order(number(1))])
    token = shared_stage.token("mem_a")
    body = {"platform": "taobao", "order_number": number(1)}
    call(shared_stage, "submit_order", token=token, body=body)
    shared_stage.invoke(
        "match_claims", sqs_event(waiting(shared_stage, "claims_to_match_queue_url"))
    )
    lose_all_messages(shared_stage)
    an_hour_ago(number(1))
    assert call(shared_stage, "get_points", token=token).body["available"] == 0

    repaired = swept(shared_stage)
    pump(shared_stage)

    assert repaired["repairs"] == 1
    assert call(shared_stage, "get_points", token=token).body["available"] == 178
    assert swept(shared_stage)["repairs"] == 0


def test_a_run_without_time_left_ends_at_once(shared_stage: Stage) -> None:
    event = event_of("sweep_orders/accepted")

    done = shared_stage.invoke("sweep_orders", event, remaining_ms=0)

    assert (done["due_claims"], done["due_releases"], done["repairs"]) == (0, 0, 0)
    assert not done["round_finished"]
