from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huixue.edge import bootstrap, ledger_jobs
from huixue.kernel.calendar import business_date
from huixue.kernel.ids import MemberId
from tests.functions.http import call, event_of
from tests.functions.ledgers import given
from tests.functions.orders import failed, pump, sqs_event, waiting
from tests.functions.stage import Stage

NOW = datetime.now(UTC)
AWAY = NOW - timedelta(days=40)
OVER = f"{business_date(NOW) - timedelta(days=3)}|order"
SOON = f"{business_date(NOW) + timedelta(days=5)}|order"


def test_a_shard_without_anything_due_changes_nothing(shared_stage: Stage) -> None:
    before = shared_stage.contents()

    assert failed(shared_stage.invoke("expire_points", event_of("expire_points/accepted"))) == []

    assert shared_stage.contents() == before


def test_a_version_of_tomorrow_waits_for_tomorrow(shared_stage: Stage) -> None:
    event = event_of("expire_points/refused")

    found = failed(shared_stage.invoke("expire_points", event))

    assert found == [event["Records"][0]["messageId"]]


def test_what_is_over_is_entered_once_and_seen_before_and_after(
    shared_stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    given("mem_over", 30, OVER, at=AWAY)
    given("mem_over", 12, SOON, at=AWAY)
    token = shared_stage.token("mem_over")
    before = call(shared_stage, "get_points", token=token).body
    assert before["available"] == 12
    shared_stage.invoke("start_expiry", event_of("start_expiry/accepted"))
    (message,) = waiting(shared_stage, "points_expiry_queue_url")

    for _ in range(3):
        event = sqs_event([message, message])
        assert failed(shared_stage.invoke("expire_points", event)) == []
    pump(shared_stage)

    after = call(shared_stage, "get_points", token=token).body
    _, entries = bootstrap.ledger().whole(MemberId("mem_over"))
    assert after["available"] == 12
    assert [each.points for each in entries if each.scene == "expiry"] == [-30]
    told = [
        (each.points, each.days_before) for each in ledger_jobs.notices_of(MemberId("mem_over"))
    ]
    assert told == [(12, 7)]
    printed = capsys.readouterr().out
    assert printed.count('"PointsExpired":[30') == 1
    assert printed.count('"NoticesRecorded":[1') == 1
    assert "ExpiryFailed" not in printed


def test_an_account_of_a_programme_that_is_gone_is_named_and_stops_nobody(
    shared_stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    given("mem_fine", 5, OVER, at=AWAY)
    given("mem_lost", 5, OVER, at=AWAY)
    shared_stage.dynamodb.update_item(
        TableName=shared_stage.tables.points,
        Key={"pk": {"S": "mem_lost"}, "sk": {"S": "ACCOUNT"}},
        UpdateExpression="SET programme_id = :gone",
        ExpressionAttributeValues={":gone": {"S": "gone"}},
    )

    shared_stage.invoke("start_expiry", event_of("start_expiry/accepted"))
    pump(shared_stage)

    assert bootstrap.ledger().account(MemberId("mem_fine")).balance == 0
    assert '"ExpiryFailed":[1' in capsys.readouterr().out
    lines = [each for each in shared_stage.log_lines() if each.get("member_id") == "mem_lost"]
    assert {each["code"] for each in lines} == {"PROGRAMME_NOT_FOUND"}
