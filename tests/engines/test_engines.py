"""The engines under the tests: the product's own tables on each of them, apart from one another, gone afterwards."""

from __future__ import annotations

import os
import sys
from dataclasses import astuple
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.engines import child, dynamodb_local
from tests.engines.clock import FrozenClock
from tests.engines.cloudformation import resources
from tests.engines.tables import DATA_TEMPLATE, TableNames, create_tables

KEY = {"pk": {"S": "m"}, "sk": {"S": "E"}}


def test_without_a_marker_the_engine_is_moto(dynamodb_engine: str | None) -> None:
    assert dynamodb_engine is None


@pytest.mark.exact_engines
def test_exact_engines_are_real_servers(dynamodb_engine: str) -> None:
    assert dynamodb_engine.startswith("http://127.0.0.1:")


@pytest.mark.exact_engines
def test_tables_have_the_keys_and_indexes_of_the_template(
    dynamodb: Any, tables: TableNames
) -> None:
    wanted = resources(DATA_TEMPLATE)["OrdersTable"]["Properties"]

    made = dynamodb.describe_table(TableName=tables.orders)["Table"]

    assert made["KeySchema"] == wanted["KeySchema"]
    assert {index["IndexName"]: index["KeySchema"] for index in made["GlobalSecondaryIndexes"]} == {
        index["IndexName"]: index["KeySchema"] for index in wanted["GlobalSecondaryIndexes"]
    }


@pytest.mark.parametrize("again", [1, 2])
def test_every_test_gets_empty_tables_of_its_own(
    dynamodb: Any, tables: TableNames, again: int
) -> None:
    before = dynamodb.get_item(TableName=tables.points, Key=KEY)
    dynamodb.put_item(TableName=tables.points, Item=KEY)

    assert "Item" not in before
    assert set(dynamodb.list_tables()["TableNames"]) == set(astuple(tables))


def test_a_template_without_one_of_the_tables_is_refused(dynamodb: Any, tmp_path: Path) -> None:
    template = tmp_path / "data.yaml"
    template.write_text("Resources: {}")

    with pytest.raises(LookupError, match=r"data\.yaml has no MembersTable"):
        create_tables(dynamodb, "x", template)


def test_no_credentials_of_this_machine_reach_a_test() -> None:
    assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
    assert os.environ["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert "AWS_PROFILE" not in os.environ


def test_the_clock_stands_still_until_it_is_moved(frozen_clock: FrozenClock) -> None:
    before = frozen_clock.now()

    frozen_clock.advance(timedelta(days=1))

    assert frozen_clock.now() - before == timedelta(days=1)


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        FrozenClock(datetime(2026, 11, 20))  # noqa: DTZ001 - the very thing refused


def test_a_child_that_ends_at_once_says_why(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "raise SystemExit('no such engine')")

    with (
        pytest.raises(RuntimeError, match="no such engine"),
        child.running(command, port=child.free_port(), folder=tmp_path, env={}),
    ):
        pytest.fail("it never ran")


def test_a_child_ends_with_its_block(tmp_path: Path) -> None:
    port = child.free_port()
    listen = (
        "import socket, time\n"
        f"server = socket.create_server(('127.0.0.1', {port}))\n"
        "time.sleep(600)\n"
    )

    with child.running(
        (sys.executable, "-c", listen), port=port, folder=tmp_path, env={}
    ) as process:
        assert process.poll() is None

    assert process.poll() is not None


def test_an_absent_engine_is_skipped_with_its_reason_unless_the_environment_insists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(dynamodb_local.REQUIRED, raising=False)
    monkeypatch.setenv("PATH", os.devnull)

    assert "no `java`" in (dynamodb_local.missing() or "")
    with pytest.raises(pytest.skip.Exception, match="left out"):
        dynamodb_local.skip_or_fail_if_missing()
    monkeypatch.setenv(dynamodb_local.REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match="insists on it"):
        dynamodb_local.skip_or_fail_if_missing()
