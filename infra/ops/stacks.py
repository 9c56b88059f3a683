"""One CloudFormation stack through a change set: make it, show it, run it, follow it. boto3 alone."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from infra.ops.errors import OperatorError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef

_NOTHING_CHANGED = ("didn't contain changes", "no updates are to be performed")
_CHANGE_SET_TIMEOUT_S = 300
_STACK_TIMEOUT_S = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlan:
    """What is wanted: the template lies in a bucket (`template_url`) or, when small, goes along."""

    name: str
    parameters: Mapping[str, str]
    template_body: str | None = None
    template_url: str | None = None
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    action: str
    logical_id: str
    resource_type: str
    replacement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    stack: str
    arn: str
    creates_stack: bool
    changes: Sequence[Change]


OnEvent = Callable[["StackEventTypeDef"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacks:
    """`poll_s` is how long it sleeps between looks: long on AWS, short beside a local engine."""

    client: CloudFormationClient
    poll_s: float = 3.0
    sleep: Callable[[float], None] = time.sleep

    def outputs(self, name: str) -> dict[str, str] | None:
        """Outputs of a deployed stack; None where there is none."""
        stack = self.describe(name)
        if stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS":
            return None
        return {
            output["OutputKey"]: output["OutputValue"]
            for output in stack.get("Outputs", [])
            if "OutputKey" in output and "OutputValue" in output
        }

    def describe(self, name: str) -> StackTypeDef | None:
        try:
            return self.client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def change_set(self, plan: StackPlan) -> ChangeSet | None:
        """Make a change set; None where the stack already is what is wanted. Nothing is deployed yet.

        Raises `OperatorError` where CloudFormation refuses the template or the stack cannot take changes.
        """
        creates = self._is_new(plan.name)
        source: dict[str, str] = {}
        if plan.template_url is not None:
            source["TemplateURL"] = plan.template_url
        elif plan.template_body is not None:
            source["TemplateBody"] = plan.template_body
        try:
            made = self.client.create_change_set(
                StackName=plan.name,
                ChangeSetName=f"huixue-{uuid.uuid4().hex}",
                ChangeSetType="CREATE" if creates else "UPDATE",
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": value}
                    for key, value in sorted(plan.parameters.items())
                ],
                Tags=[{"Key": key, "Value": value} for key, value in sorted(plan.tags.items())],
                **source,  # type: ignore[arg-type]  # one of two optional strings
            )
        except ClientError as error:
            raise _refused(plan.name, str(error)) from error
        return self._awaited(plan.name, made["Id"], creates=creates)

    def execute(self, change_set: ChangeSet, on_event: OnEvent) -> dict[str, str]:
        """Run a change set to its end, telling every event; the stack's outputs.

        Raises `OperatorError` with the reasons CloudFormation gave where the stack was rolled back.
        """
        seen = self._event_ids(change_set.stack)
        self.client.execute_change_set(ChangeSetName=change_set.arn)
        reasons: list[str] = []
        for _ in range(int(_STACK_TIMEOUT_S / self.poll_s)):
            for event in self._new_events(change_set.stack, seen):
                on_event(event)
                reason = event.get("ResourceStatusReason", "")
                if event.get("ResourceStatus", "").endswith("_FAILED") and reason:
                    reasons.append(f"{event.get('LogicalResourceId', '?')}: {reason}")
            stack = self.describe(change_set.stack)
            status = stack["StackStatus"] if stack else "gone"
            if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                return self.outputs(change_set.stack) or {}
            if not status.endswith("_IN_PROGRESS"):
                raise _failed(change_set.stack, status, reasons)
            self.sleep(self.poll_s)
        raise _failed(change_set.stack, "still in progress after an hour", reasons)

    def discard(self, change_set: ChangeSet) -> None:
        """Take a change set back; a stack that was only to be created by it goes with it."""
        self.client.delete_change_set(ChangeSetName=change_set.arn)
        if change_set.creates_stack:
            self.client.delete_stack(StackName=change_set.stack)

    def _is_new(self, name: str) -> bool:
        stack = self.describe(name)
        if stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS":
            return True
        status = stack["StackStatus"]
        if status in ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):
            raise OperatorError(
                f"stack {name} is {status} and takes no changes",
                next_step=f"Look at its events, then `aws cloudformation delete-stack --stack-name {name}`.",
            )
        if status.endswith("_IN_PROGRESS"):
            raise OperatorError(
                f"stack {name} is {status}: somebody else is deploying",
                next_step="Wait until it is done, then run the command again.",
            )
        return False

    def _awaited(self, stack: str, arn: str, *, creates: bool) -> ChangeSet | None:
        for _ in range(int(_CHANGE_SET_TIMEOUT_S / self.poll_s)):
            found = self.client.describe_change_set(ChangeSetName=arn)
            status, reason = found["Status"], found.get("StatusReason", "")
            if status == "CREATE_COMPLETE":
                return ChangeSet(
                    stack=stack, arn=arn, creates_stack=creates, changes=self._changes(arn)
                )
            if status == "FAILED":
                self.client.delete_change_set(ChangeSetName=arn)
                if any(words in reason.lower() for words in _NOTHING_CHANGED):
                    return None
                raise _refused(stack, reason)
            self.sleep(self.poll_s)
        raise _refused(stack, "the change set was not ready after five minutes")

    def _changes(self, arn: str) -> list[Change]:
        changes: list[Change] = []
        for page in self.client.get_paginator("describe_change_set").paginate(ChangeSetName=arn):
            for entry in page.get("Changes", []):
                change = entry.get("ResourceChange", {})
                changes.append(
                    Change(
                        action=change.get("Action", ""),
                        logical_id=change.get("LogicalResourceId", ""),
                        resource_type=change.get("ResourceType", ""),
                        replacement=change.get("Replacement", ""),
                    )
                )
        return changes

    def _event_ids(self, stack: str) -> set[str]:
        try:
            events = self.client.describe_stack_events(StackName=stack)["StackEvents"]
        except ClientError:
            return set()  # a stack in review has none yet
        return {event["EventId"] for event in events}

    def _new_events(self, stack: str, seen: set[str]) -> list[StackEventTypeDef]:
        """Events not told yet, oldest first. One page (the newest hundred) outruns any poll."""
        page = self.client.describe_stack_events(StackName=stack)["StackEvents"]
        fresh = [event for event in page if event["EventId"] not in seen]
        seen.update(event["EventId"] for event in fresh)
        return list(reversed(fresh))


def _refused(stack: str, reason: str) -> OperatorError:
    return OperatorError(
        f"CloudFormation refused the change set of {stack}: {reason}",
        next_step="Correct what it names, then run the command again; nothing was changed.",
    )


def _failed(stack: str, status: str, reasons: Sequence[str]) -> OperatorError:
    told = "\n".join(f"  {reason}" for reason in reasons) or "  (no reason was given)"
    return OperatorError(
        f"stack {stack} is {status}:\n{told}",
        next_step="Correct the first reason, then run the command again.",
    )
