from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from huixue.edge import bootstrap, observability
from huixue.edge.messages import encoded
from huixue.kernel.ids import MemberId
from huixue.points.audit_runs import planned
from tests.functions.http import event_of
from tests.functions.ledgers import given
from tests.functions.orders import failed, sqs_event
from tests.functions.stage import Stage
from tests.house.checkout import OBSERVABILITY, TEMPLATE, load_template

NOW = datetime.now(UTC)


def audit(stage: Stage, run: str) -> None:
    bodies = [encoded(each) for each in planned(run)]
    assert failed(stage.invoke("audit_ledger", sqs_event(bodies))) == []


def metrics_in(printed: str) -> list[dict[str, Any]]:
    """What CloudWatch would read of it: namespace, dimensions, name and values, one metric each."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith('{"_aws"')]
    return [
        {
            "namespace": each["Namespace"],
            "name": metric["Name"],
            "values": line[metric["Name"]],
            "dimensions": {name: line[name] for name in each["Dimensions"][0]},
        }
        for line in lines
        for each in line["_aws"]["CloudWatchMetrics"]
        for metric in each["Metrics"]
    ]


def test_a_segment_of_an_empty_ledger_is_sound(shared_stage: Stage) -> None:
    assert failed(shared_stage.invoke("audit_ledger", event_of("audit_ledger/accepted"))) == []


def test_a_version_of_tomorrow_waits_for_tomorrow(shared_stage: Stage) -> None:
    event = event_of("audit_ledger/refused")

    found = failed(shared_stage.invoke("audit_ledger", event))

    assert found == [event["Records"][0]["messageId"]]


def test_a_sound_ledger_says_zero_so_that_the_alarm_has_something_to_see(
    shared_stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    given("mem_sound", 10, "2099-12-31|order", at=NOW)
    capsys.readouterr()

    audit(shared_stage, "now-sound")

    (metric,) = metrics_in(capsys.readouterr().out)
    assert metric["name"] == "LedgerViolation"
    assert sum(metric["values"]) == 0


def test_a_corrupted_balance_stops_her_redemptions_and_rings_the_alarm_of_the_template(
    shared_stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    function = load_template(TEMPLATE)["Resources"]["AuditLedgerFunction"]["Properties"]
    service = function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", service)
    given("mem_broken", 10, "2099-12-31|order", at=NOW)
    shared_stage.dynamodb.update_item(
        TableName=shared_stage.tables.points,
        Key={"pk": {"S": "mem_broken"}, "sk": {"S": "ACCOUNT"}},
        UpdateExpression="SET balance = :more",
        ExpressionAttributeValues={":more": {"N": "1000"}},
    )
    capsys.readouterr()
    observability.metrics.cache_clear()  # the service is read when it is first asked for

    audit(shared_stage, "now-broken")

    frozen = bootstrap.ledger().account(MemberId("mem_broken")).frozen
    assert frozen is not None
    assert frozen.reason == "audit"
    (metric,) = metrics_in(capsys.readouterr().out)
    assert sum(metric["values"]) >= 1
    alarm = load_template(OBSERVABILITY)["Resources"]["LedgerViolationAlarm"]["Properties"]
    assert metric["namespace"] == alarm["Namespace"]
    assert metric["name"] == alarm["MetricName"]
    assert metric["dimensions"] == {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
    assert (alarm["Statistic"], alarm["Period"], alarm["Threshold"]) == ("Sum", 300, 0)
    assert alarm["TreatMissingData"] == "notBreaching"
    (line,) = [each for each in shared_stage.log_lines() if each.get("member_id") == "mem_broken"]
    assert line["broken_rules"] == len(line["shown"]) >= 1
