"""Rules about queues and other triggers: nothing is retried for ever, nothing is lost in silence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.house.rules.functions import functions_of

MIN_RECEIVES = 5
DEAD_LETTERS_KEPT_S = 14 * 24 * 3600
VISIBILITY_FACTOR = 6
_SCHEDULES = frozenset({"Schedule", "ScheduleV2", "EventBridgeRule"})
_STREAMS = frozenset({"DynamoDB", "Kinesis"})


def queues_of(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        logical_id: body.get("Properties", {})
        for logical_id, body in template.get("Resources", {}).items()
        if body["Type"] == "AWS::SQS::Queue"
    }


def target_of(value: Any) -> str:
    """The logical id behind a `Ref` or `GetAtt`; empty for anything else."""
    if isinstance(value, dict):
        if "Ref" in value:
            return str(value["Ref"])
        if "Fn::GetAtt" in value:
            attribute = value["Fn::GetAtt"]
            return str(attribute[0] if isinstance(attribute, list) else attribute.split(".")[0])
    return ""


def events_of(
    template: Mapping[str, Any], *kinds: str
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Logical id, function properties, event properties of each event of these types."""
    for logical_id, properties in functions_of(template).items():
        for event in properties.get("Events", {}).values():
            if event["Type"] in kinds:
                yield logical_id, properties, event.get("Properties", {})


def queue_events(template: Mapping[str, Any]) -> Iterator[str]:
    """Rules 3 and 5: partial answers, a batch size, a bound on concurrency, and time for six tries."""
    queues = queues_of(template)
    for logical_id, function, event in events_of(template, "SQS"):
        if event.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{logical_id}: its queue event needs FunctionResponseTypes [ReportBatchItemFailures]"
        if "BatchSize" not in event:
            yield f"{logical_id}: its queue event needs a BatchSize"
        if "MaximumConcurrency" not in event.get("ScalingConfig", {}):
            yield f"{logical_id}: its queue event needs ScalingConfig.MaximumConcurrency"
        queue = target_of(event.get("Queue"))
        if queue not in queues:
            yield f"{logical_id}: its queue {queue or event.get('Queue')} is not in this template"
            continue
        timeout_s = function.get(
            "Timeout", template.get("Globals", {}).get("Function", {}).get("Timeout", 3)
        )
        needed_s = VISIBILITY_FACTOR * timeout_s + event.get("MaximumBatchingWindowInSeconds", 0)
        visible_s = queues[queue].get("VisibilityTimeout", 30)
        if visible_s < needed_s:
            yield (
                f"{queue}: VisibilityTimeout is {visible_s} s, {logical_id} needs at least {needed_s} s"
                f" ({VISIBILITY_FACTOR} × {timeout_s} s and the batching window)"
            )


def dead_letters(template: Mapping[str, Any], observability: Mapping[str, Any]) -> Iterator[str]:
    """Rule 4: every working queue parks after 5 or more receives, where it is kept 14 days and rings."""
    queues = queues_of(template)
    parked: set[str] = set()
    for name, properties in queues.items():
        policy = properties.get("RedrivePolicy")
        if policy:
            parked.add(target_of(policy.get("deadLetterTargetArn")))
            if int(policy.get("maxReceiveCount", 0)) < MIN_RECEIVES:
                yield f"{name}: maxReceiveCount must be at least {MIN_RECEIVES}"
    failed_events = set(_failure_destinations(template))
    rung = set(_alarmed(template, observability))
    for name, properties in queues.items():
        if "RedrivePolicy" not in properties:
            if name not in parked | failed_events:
                yield f"{name}: it has no RedrivePolicy and is nobody's dead-letter queue"
            if properties.get("MessageRetentionPeriod") != DEAD_LETTERS_KEPT_S:
                yield f"{name}: dead letters are kept 14 days, MessageRetentionPeriod {DEAD_LETTERS_KEPT_S}"
            if name not in rung:
                yield f"{name}: infra/observability.yaml has no alarm on its ApproximateNumberOfMessagesVisible"
    yield from (
        f"{name}: the dead-letter queue is not in this template" for name in parked - set(queues)
    )


def asynchronous(template: Mapping[str, Any]) -> Iterator[str]:
    """Rule 6: what is called on a schedule or a stream has bounded attempts, a maximum age and a place to fail to."""
    for logical_id, function, _ in events_of(template, *_SCHEDULES):
        config = function.get("EventInvokeConfig", {})
        for key in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds"):
            if key not in config:
                yield f"{logical_id}: a scheduled function needs EventInvokeConfig.{key}"
        if "OnFailure" not in config.get("DestinationConfig", {}):
            yield f"{logical_id}: a scheduled function needs EventInvokeConfig.DestinationConfig.OnFailure"
    for logical_id, _, _ in events_of(template, *_STREAMS):
        yield f"{logical_id}: no streams, the local engine loses their failed records; use a queue"


def _failure_destinations(template: Mapping[str, Any]) -> Iterator[str]:
    for function in functions_of(template).values():
        destinations = function.get("EventInvokeConfig", {}).get("DestinationConfig", {})
        yield target_of(destinations.get("OnFailure", {}).get("Destination"))


def _alarmed(template: Mapping[str, Any], observability: Mapping[str, Any]) -> Iterator[str]:
    """Queues whose depth has an alarm: template output → parameter of the same name → alarm dimension."""
    depths = [
        json.dumps(body["Properties"])
        for body in observability.get("Resources", {}).values()
        if body["Type"] == "AWS::CloudWatch::Alarm"
        and body["Properties"].get("MetricName") == "ApproximateNumberOfMessagesVisible"
    ]
    for output, body in template.get("Outputs", {}).items():
        mention = json.dumps({"Ref": output})
        if any(mention in depth for depth in depths):
            yield target_of(body["Value"])
