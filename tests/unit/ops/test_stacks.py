"""A stack through a change set: made, shown, run, followed; and nothing where nothing changed."""

from __future__ import annotations

from typing import Any, cast

import pytest

from infra.ops.errors import OperatorError
from infra.ops.stacks import ChangeSet, StackPlan, Stacks
from tests.unit.ops.fake_cloudformation import FakeCloudFormation, FakeStack

NAME = "huixue-test"
PLAN = StackPlan(
    name=NAME,
    parameters={"Stage": "test"},
    template_body='{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}',
    tags={"huixue:stage": "test"},
)


def stacks_on(client: FakeCloudFormation) -> Stacks:
    return Stacks(client=cast("Any", client), poll_s=1.0, sleep=lambda _: None)


def made(stacks: Stacks) -> ChangeSet:
    change_set = stacks.change_set(PLAN)
    assert change_set is not None
    return change_set


def test_a_first_deployment_creates_the_stack_and_tells_its_outputs() -> None:
    client = FakeCloudFormation(outputs={NAME: {"ApiUrl": "https://x"}})
    stacks = stacks_on(client)
    told: list[str] = []

    change_set = made(stacks)
    outputs = stacks.execute(change_set, lambda event: told.append(event["LogicalResourceId"]))

    assert change_set.creates_stack
    assert [change.logical_id for change in change_set.changes] == ["Queue"]
    assert outputs == {"ApiUrl": "https://x"}
    assert told == [NAME]


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information.",
        "No updates are to be performed.",
    ],
)
def test_a_stack_that_is_as_wanted_is_left_alone(reason: str) -> None:
    client = FakeCloudFormation(no_change_reason=reason)
    stacks = stacks_on(client)
    stacks.execute(made(stacks), lambda _: None)
    client.calls.clear()

    assert stacks.change_set(PLAN) is None
    assert client.calls == [f"create UPDATE {NAME}", "delete change set"]
    assert client.change_sets.keys() == {next(iter(client.change_sets))}


def test_a_change_set_that_fails_for_another_reason_is_no_no_change() -> None:
    client = FakeCloudFormation(no_change_reason="Transform AWS::Serverless-2016-10-31 failed")
    stacks = stacks_on(client)
    stacks.execute(made(stacks), lambda _: None)

    with pytest.raises(OperatorError, match="Transform AWS::Serverless-2016-10-31 failed"):
        stacks.change_set(PLAN)


def test_a_refused_template_names_the_reason() -> None:
    client = FakeCloudFormation(refuses="rule PlatformsAreReal failed")

    with pytest.raises(OperatorError, match="rule PlatformsAreReal failed"):
        stacks_on(client).change_set(PLAN)


def test_a_rollback_tells_why() -> None:
    client = FakeCloudFormation(fails={NAME: "no such bucket"})
    stacks = stacks_on(client)

    with pytest.raises(OperatorError, match="AFunction: no such bucket"):
        stacks.execute(made(stacks), lambda _: None)


def test_a_declined_first_deployment_leaves_no_stack_behind() -> None:
    client = FakeCloudFormation()
    stacks = stacks_on(client)

    stacks.discard(made(stacks))

    assert client.stacks == {}
    assert client.change_sets == {}


def test_a_declined_update_leaves_the_stack() -> None:
    client = FakeCloudFormation()
    stacks = stacks_on(client)
    client.stacks[NAME] = FakeStack(status="UPDATE_COMPLETE", template="old")

    stacks.discard(made(stacks))

    assert client.stacks[NAME].template == "old"


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_FAILED"])
def test_a_stack_that_takes_no_changes_is_not_touched(status: str) -> None:
    client = FakeCloudFormation(stacks={NAME: FakeStack(status=status)})

    with pytest.raises(OperatorError, match=status):
        stacks_on(client).change_set(PLAN)

    assert client.calls == []


def test_a_stack_in_review_counts_as_not_there() -> None:
    client = FakeCloudFormation(stacks={NAME: FakeStack(status="REVIEW_IN_PROGRESS")})
    stacks = stacks_on(client)

    assert stacks.outputs(NAME) is None
    assert made(stacks).creates_stack


def test_a_stack_that_is_not_there_has_no_outputs() -> None:
    assert stacks_on(FakeCloudFormation()).outputs(NAME) is None
