"""Programmes on a real table, with whatever client `dynamodb` is."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer import Typer
from typer.testing import CliRunner

from huixue.dynamodb.database import Database
from huixue.dynamodb.writes import ConditionFailedError
from huixue.programme.model import ProgrammeChangedError, ProgrammeNotFoundError
from huixue.programme.ports import PublishedVersion
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import Published, current, publish, version
from infra.ops.deployment import save_local
from infra.ops.errors import OperatorError
from infra.ops.project import CHECKOUT
from infra.ops.publish import publish as publish_command
from tests.engines.tables import TableNames
from tests.stores.stages import local_stage
from tests.unit.programme.programmes import demo

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DEMO = CHECKOUT / "infra" / "demo" / "programme.yaml"
CHEAPER = msgspec.structs.replace(demo(), title="另一个")


@pytest.fixture
def store(dynamodb: Any, tables: TableNames) -> DynamoDbProgrammes:
    return DynamoDbProgrammes(Database(dynamodb), tables.programmes)


def test_a_programme_reads_back_as_it_was_published(store: DynamoDbProgrammes) -> None:
    published = publish(demo(), store=store, now=NOW)

    assert published == Published(version=1, changed=True)
    assert current("demo", store=store) == (1, demo())
    assert version("demo", 1, store=store) == demo()
    read = store.current("demo")
    assert read is not None
    assert read.published_at == NOW


def test_old_versions_are_kept_and_the_same_content_changes_nothing(
    store: DynamoDbProgrammes, dynamodb: Any, tables: TableNames
) -> None:
    publish(demo(), store=store, now=NOW)
    publish(CHEAPER, store=store, now=NOW + timedelta(days=1))
    before = dynamodb.scan(TableName=tables.programmes)["Items"]

    again = publish(CHEAPER, store=store, now=NOW + timedelta(days=2))

    assert again == Published(version=2, changed=False)
    assert dynamodb.scan(TableName=tables.programmes)["Items"] == before
    assert version("demo", 1, store=store) == demo()
    assert current("demo", store=store) == (2, CHEAPER)
    assert publish(demo(), store=store, now=NOW) == Published(version=3, changed=True)


def test_what_was_never_published_is_not_found(store: DynamoDbProgrammes) -> None:
    publish(demo(), store=store, now=NOW)

    for programme_id in ("other", "", "DEMO", "demo#", "x" * 3000):
        with pytest.raises(ProgrammeNotFoundError):
            current(programme_id, store=store)
    with pytest.raises(ProgrammeNotFoundError):
        version("demo", 2, store=store)


def test_neither_an_old_version_nor_a_skipped_one_can_be_added(store: DynamoDbProgrammes) -> None:
    publish(demo(), store=store, now=NOW)
    publish(CHEAPER, store=store, now=NOW)

    for number in (1, 2, 4):
        with pytest.raises(ConditionFailedError):
            store.add(PublishedVersion(version=number, programme=demo(), published_at=NOW))

    assert current("demo", store=store) == (2, CHEAPER)
    assert store.version("demo", 4) is None


def test_a_version_once_written_is_never_written_again(
    store: DynamoDbProgrammes, dynamodb: Any, tables: TableNames
) -> None:
    publish(demo(), store=store, now=NOW)
    publish(CHEAPER, store=store, now=NOW)
    key = {"pk": {"S": "P#demo"}, "sk": {"S": "CURRENT"}}
    dynamodb.delete_item(TableName=tables.programmes, Key=key)

    with pytest.raises(ConditionFailedError):
        store.add(PublishedVersion(version=1, programme=CHEAPER, published_at=NOW))

    assert version("demo", 1, store=store) == demo()


def test_the_command_publishes_to_the_stage_and_prints_what_programs_read(
    store: DynamoDbProgrammes,
    tables: TableNames,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path))
    save_local(local_stage({"ProgrammesTableName": tables.programmes}))
    app = Typer()
    app.command()(publish_command)

    def run(*options: str) -> Any:
        return CliRunner().invoke(app, [str(DEMO), *options], catch_exceptions=False)

    tried = json.loads(run("--dry-run", "--json").output)
    assert (tried["version"], tried["changed"], tried["dry_run"]) == (1, True, True)
    assert store.current("demo") is None
    assert "Published demo version 1" in run().output
    assert "demo version 1 is in force already" in run().output
    assert json.loads(run("--json").output) == {
        "programme_id": "demo",
        "version": 1,
        "changed": False,
        "dry_run": False,
        "differences": [],
    }
    assert current("demo", store=store)[0] == 1


def test_the_command_says_what_to_do_where_the_table_is_not_there(
    dynamodb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path))
    save_local(local_stage({"ProgrammesTableName": "nowhere"}))

    with pytest.raises(OperatorError) as refused:
        publish_command(DEMO)

    assert "ResourceNotFoundException" in str(refused.value)
    assert "run the command again" in refused.value.next_step


@pytest.mark.exact_engines
def test_of_versions_published_at_once_one_wins_and_the_others_are_told(
    store: DynamoDbProgrammes,
) -> None:
    programmes = [msgspec.structs.replace(demo(), title=f"第{number}个") for number in range(8)]

    def try_to_publish(number: int) -> int | None:
        try:
            return publish(programmes[number], store=store, now=NOW).version
        except ProgrammeChangedError:
            return None

    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(try_to_publish, range(8)))

    won = {number: programmes[index] for index, number in enumerate(versions) if number}
    assert sorted(won) == list(range(1, len(won) + 1))
    assert {number: version("demo", number, store=store) for number in won} == won
    assert current("demo", store=store)[0] == max(won)
