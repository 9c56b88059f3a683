"""What is deployed where, and what is said where nothing is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest

from infra.ops import deployment
from infra.ops.deployment import Deployment, LocalRecord
from infra.ops.errors import OperatorError
from infra.ops.stacks import Stacks
from tests.unit.ops.fake_cloudformation import FakeCloudFormation, FakeStack

RECORD = LocalRecord(
    deployment=Deployment(
        stage="local",
        region="us-east-1",
        endpoint_url="http://127.0.0.1:8788",
        outputs={"ApiUrl": "http://127.0.0.1:8787", "OrdersTableName": "orders"},
    ),
    address="http://127.0.0.1:8787",
    sandbox_url="http://127.0.0.1:8787/sandbox",
    port=8787,
    pid=os.getpid(),
    engine_pid=os.getpid(),
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path))
    return tmp_path


def test_a_record_comes_back_as_it_was_written() -> None:
    deployment.save_local(RECORD)

    assert deployment.load_local() == RECORD
    assert deployment.load("local") == RECORD.deployment


def test_where_nothing_was_started_the_next_step_is_told() -> None:
    assert deployment.load_local() is None
    with pytest.raises(OperatorError) as refused:
        deployment.load("local")
    assert "huixue up" in refused.value.next_step


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"stage": "local"}'])
def test_a_broken_record_is_named(state: Path, content: str) -> None:
    (state / "local.json").write_text(content, "utf-8")

    with pytest.raises(OperatorError, match=r"local\.json"):
        deployment.load("local")


def test_an_output_of_a_newer_template_asks_for_a_deployment() -> None:
    with pytest.raises(OperatorError) as refused:
        RECORD.deployment.output("NewName")

    assert RECORD.deployment.output("OrdersTableName") == "orders"
    assert "huixue up" in refused.value.next_step


def test_local_clients_reach_the_engine_and_no_account() -> None:
    client = RECORD.deployment.client("dynamodb")

    assert client.meta.endpoint_url == "http://127.0.0.1:8788"
    client.close()


def cloud(*kinds: str) -> Stacks:
    names = deployment.stack_names("prod")
    found = {
        names[kind]: FakeStack(status="UPDATE_COMPLETE", outputs={f"{kind}Queue": kind})
        for kind in kinds
    }
    return Stacks(client=cast("Any", FakeCloudFormation(stacks=found)))


def test_a_stage_on_aws_is_read_from_its_stacks() -> None:
    stacks = cloud("data", "main", "observability")

    found = deployment.from_stacks("prod", "eu-west-1", stacks)

    assert set(found.outputs) == {"dataQueue", "mainQueue", "observabilityQueue"}
    assert (found.region, found.endpoint_url) == ("eu-west-1", None)


def test_a_stage_is_there_even_if_nobody_watches_it() -> None:
    assert "mainQueue" in deployment.from_stacks("prod", "eu-west-1", cloud("data", "main")).outputs


@pytest.mark.parametrize("kinds", [(), ("data",)])
def test_a_stage_that_is_not_deployed_says_how_to_deploy_it(kinds: tuple[str, ...]) -> None:
    with pytest.raises(OperatorError) as refused:
        deployment.from_stacks("prod", "eu-west-1", cloud(*kinds))

    assert "huixue deploy --stage prod" in refused.value.next_step
