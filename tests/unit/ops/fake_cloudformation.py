"""CloudFormation as far as `infra.ops.stacks` and `release` use it: stacks hold a template and parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


def refusal(operation: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationError", "Message": message}}, operation)


@dataclass
class FakeStack:
    status: str
    template: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class FakeCloudFormation:
    """`outputs` are what a stack of that name puts out; `fails` is why its next change ends in a rollback."""

    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    fails: dict[str, str] = field(default_factory=dict)
    refuses: str = ""
    no_change_reason: str = (
        "The submitted information didn't contain changes. Submit different information."
    )
    stacks: dict[str, FakeStack] = field(default_factory=dict)
    change_sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:
        if StackName not in self.stacks:
            raise refusal("DescribeStacks", f"Stack with id {StackName} does not exist")
        stack = self.stacks[StackName]
        return {
            "Stacks": [
                {
                    "StackName": StackName,
                    "StackStatus": stack.status,
                    "Outputs": [
                        {"OutputKey": key, "OutputValue": value}
                        for key, value in stack.outputs.items()
                    ],
                    "Parameters": [
                        {"ParameterKey": key, "ParameterValue": value}
                        for key, value in stack.parameters.items()
                    ],
                }
            ]
        }

    def create_change_set(self, **request: Any) -> dict[str, Any]:
        self.calls.append(f"create {request['ChangeSetType']} {request['StackName']}")
        if self.refuses:
            raise refusal("CreateChangeSet", self.refuses)
        name = request["StackName"]
        if request["ChangeSetType"] == "CREATE":
            self.stacks.setdefault(name, FakeStack(status="REVIEW_IN_PROGRESS"))
        arn = f"arn:{request['ChangeSetName']}"
        self.change_sets[arn] = request
        return {"Id": arn}

    def describe_change_set(self, *, ChangeSetName: str) -> dict[str, Any]:
        request = self.change_sets[ChangeSetName]
        template, parameters = self._wanted(request)
        stack = self.stacks[request["StackName"]]
        if (stack.template, stack.parameters) == (template, parameters):
            return {"Status": "FAILED", "StatusReason": self.no_change_reason, "Changes": []}
        resources = json.loads(template).get("Resources", {}) if template.startswith("{") else {}
        changes = [
            {
                "ResourceChange": {
                    "Action": "Add",
                    "LogicalResourceId": logical_id,
                    "ResourceType": resource["Type"],
                }
            }
            for logical_id, resource in resources.items()
        ]
        return {"Status": "CREATE_COMPLETE", "Changes": changes}

    def get_paginator(self, operation: str) -> FakeCloudFormation:
        assert operation == "describe_change_set"
        return self

    def paginate(self, *, ChangeSetName: str) -> Iterator[dict[str, Any]]:
        yield self.describe_change_set(ChangeSetName=ChangeSetName)

    def execute_change_set(self, *, ChangeSetName: str) -> None:
        request = self.change_sets[ChangeSetName]
        name = request["StackName"]
        self.calls.append(f"execute {name}")
        stack = self.stacks[name]
        if reason := self.fails.pop(name, ""):
            stack.status = "UPDATE_ROLLBACK_COMPLETE"
            self._event(stack, "AFunction", "CREATE_FAILED", reason)
            return
        stack.template, stack.parameters = self._wanted(request)
        stack.outputs = self.outputs.get(name, {})
        stack.status = f"{request['ChangeSetType']}_COMPLETE"
        self._event(stack, name, stack.status, "")

    def describe_stack_events(self, *, StackName: str) -> dict[str, Any]:
        return {"StackEvents": list(reversed(self.stacks[StackName].events))}

    def delete_change_set(self, *, ChangeSetName: str) -> None:
        self.calls.append("delete change set")
        del self.change_sets[ChangeSetName]

    def delete_stack(self, *, StackName: str) -> None:
        self.calls.append(f"delete {StackName}")
        del self.stacks[StackName]

    def _wanted(self, request: dict[str, Any]) -> tuple[str, dict[str, str]]:
        template = request.get("TemplateBody") or request["TemplateURL"]
        given = {one["ParameterKey"]: one["ParameterValue"] for one in request["Parameters"]}
        return template, given

    def _event(self, stack: FakeStack, logical_id: str, status: str, reason: str) -> None:
        stack.events.append(
            {
                "EventId": f"{logical_id}-{len(stack.events)}",
                "LogicalResourceId": logical_id,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
            }
        )
