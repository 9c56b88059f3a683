from __future__ import annotations

from datetime import UTC, datetime, timedelta

from huixue.kernel.calendar import business_date
from huixue.points.records import due_shard
from tests.functions.http import event_of
from tests.functions.ledgers import given
from tests.functions.orders import names, waiting
from tests.functions.stage import Stage


def test_a_run_looks_at_every_shard_and_sends_a_message_for_each_that_is_due(
    shared_stage: Stage,
) -> None:
    now = datetime.now(UTC)
    before = now - timedelta(days=40)
    members = [f"mem_over{number}" for number in range(5)]
    for member_id in members:
        given(member_id, 10, f"{business_date(now) - timedelta(days=3)}|order", at=before)
    given("mem_later", 10, "2099-12-31|order", at=before)
    shared_stage.calls.clear()

    done = shared_stage.invoke("start_expiry", event_of("start_expiry/accepted"))

    sent = waiting(shared_stage, "points_expiry_queue_url")
    assert set(names(sent)) == {"AccountsDue"}
    assert done["shards"] == len(sent) == len({due_shard(member_id) for member_id in members})
    assert shared_stage.calls.count("dynamodb.Query") == 64
