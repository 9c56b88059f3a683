"""Rule 7: a role of its own for each function, with exact actions on exact resources."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.house.rules.functions import functions_of

SAM_POLICIES: Mapping[str, str] = {
    "SQSPollerPolicy": "what an event source mapping needs of its queue, and exact",
    "SQSSendMessagePolicy": "its `SendMessage*` stands for SendMessage and SendMessageBatch only",
}
"""SAM policy templates that may be used, with the reason."""


def statements(template: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every Allow statement of the template, wherever it stands, with the resource it belongs to."""
    for logical_id, body in template.get("Resources", {}).items():
        for statement in _statements_in(body):
            if statement.get("Effect", "Allow") == "Allow":
                yield logical_id, statement


def wildcards(template: Mapping[str, Any], allowed: Mapping[str, str]) -> Iterator[str]:
    """`allowed`: a resource as the template writes it (JSON) → the reason why it must be open."""
    for logical_id, statement in statements(template):
        for action in _listed(statement.get("Action")):
            if "*" in action:
                yield f"{logical_id}: name exact actions instead of {action}"
        if "NotAction" in statement or "NotResource" in statement:
            yield f"{logical_id}: say what is allowed, not what is not (NotAction, NotResource)"
        for resource in _listed(statement.get("Resource")):
            text = json.dumps(resource)
            if "*" in text and text not in allowed:
                yield f"{logical_id}: name the exact resource instead of {text}, or list it here with its reason"


def roles(template: Mapping[str, Any]) -> Iterator[str]:
    for logical_id, function in functions_of(template).items():
        if "Role" in function:
            yield f"{logical_id}: take Role out; SAM makes a role for each function from its Policies"
        for policy in _listed(function.get("Policies")):
            if isinstance(policy, str):
                yield f"{logical_id}: write statements instead of the managed policy {policy}"
            elif "Statement" not in policy:
                yield from (
                    f"{logical_id}: write statements instead of {name}"
                    for name in policy
                    if name not in SAM_POLICIES
                )


def partitions(name: str, text: str) -> Iterator[str]:
    """Both partitions: ARNs are built from ${AWS::Partition}."""
    for number, line in enumerate(text.splitlines(), 1):
        if "arn:aws" in line:
            yield f"{name}:{number}: write arn:${{AWS::Partition}} instead of arn:aws"


def _statements_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Statement":
                yield from (entry for entry in _listed(inner) if isinstance(entry, dict))
            else:
                yield from _statements_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _statements_in(inner)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


CALLS: Mapping[str, str] = {
    "get_item": "dynamodb:GetItem",
    "batch_get_item": "dynamodb:BatchGetItem",
    "query": "dynamodb:Query",
    "scan": "dynamodb:Scan",
    "put_item": "dynamodb:PutItem",
    "update_item": "dynamodb:UpdateItem",
    "delete_item": "dynamodb:DeleteItem",
    "batch_write_item": "dynamodb:BatchWriteItem",
    "send_message_batch": "sqs:SendMessage",
    "get_secret_value": "secretsmanager:GetSecretValue",
    "get_object": "s3:GetObject",
    "put_object": "s3:PutObject",
}
"""Calls of our clients and the actions they need."""


def unused(
    template: Mapping[str, Any], calls: Mapping[str, set[str]], without_call: Mapping[str, str]
) -> Iterator[str]:
    """`calls`: logical id of a function → client calls its code can come to; `without_call`: action → why it is
    granted though no code calls it."""
    for logical_id, names in calls.items():
        needed = {CALLS[name] for name in names if name in CALLS}
        own = (found for holder, found in statements(template) if holder == logical_id)
        granted = {action for statement in own for action in _listed(statement.get("Action"))}
        yield from (
            f"{logical_id}: take {action} out, its code never comes to call that"
            for action in sorted(granted - needed - set(without_call))
        )
