"""Verified levels on a real table, and the command that sets them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from huixue.dynamodb.database import Database
from huixue.members.levels import level_of, set_verified_level, verified_levels
from huixue.members.store import DynamoDbMembers
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import publish
from infra.ops.deployment import save_local
from infra.ops.levels import set_level
from tests.engines.tables import TableNames
from tests.stores.stages import local_stage
from tests.unit.members.signing_in import NOW, door_of, identity
from tests.unit.programme.programmes import demo


@pytest.fixture
def database(dynamodb: Any) -> Database:
    return Database(dynamodb)


@pytest.fixture
def store(database: Database, tables: TableNames) -> DynamoDbMembers:
    return DynamoDbMembers(database, tables.members)


def test_levels_read_back_newest_wins_and_merged_members_count(store: DynamoDbMembers) -> None:
    door = door_of(store)
    early = door.sign_in(identity("o1")).member_id
    survivor = door.sign_in(identity("o2", "u", app_id="wx2")).member_id
    later = NOW + timedelta(microseconds=1)

    set_verified_level(early, "main", "gold", "operator", "ann", later, store=store)
    set_verified_level(early, "main", "silver", "import", "ann", NOW, store=store)
    set_verified_level(survivor, "main", "diamond", "import", "ann", NOW, store=store)
    set_verified_level(survivor, "guest", None, "import", "ann", NOW, store=store)

    assert level_of(early, "main", store=store) == "gold"
    assert level_of(survivor, "main", store=store) == "diamond"
    door.sign_in(identity("o1", "u"))
    assert level_of(survivor, "main", store=store) == "gold"
    levels = verified_levels(early, store=store)
    assert {room: (level.level, level.source) for room, level in levels.items()} == {
        "main": ("gold", "operator")
    }


def test_the_command_sets_one_level_or_a_files_and_exits_1_where_a_row_is_wrong(
    store: DynamoDbMembers,
    database: Database,
    tables: TableNames,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path))
    outputs = {"MembersTableName": tables.members, "ProgrammesTableName": tables.programmes}
    save_local(local_stage(outputs))
    publish(demo(), store=DynamoDbProgrammes(database, tables.programmes), now=NOW)
    member = door_of(store).sign_in(identity("o1")).member_id
    file = tmp_path / "levels.csv"
    file.write_text(f"member_id,room,level\n{member},main,diamond\nm9,main,gold\n", "utf-8")
    app = Typer()
    app.command()(set_level)

    one = CliRunner().invoke(app, [member, "main", "gold", "--json"], catch_exceptions=False)
    assert (one.exit_code, json.loads(one.stdout)["set"]) == (0, 1)
    assert verified_levels(member, store=store)["main"].source == "operator"
    dry = CliRunner().invoke(app, ["--file", str(file), "--dry-run"], catch_exceptions=False)
    assert (dry.exit_code, level_of(member, "main", store=store)) == (1, "gold")
    many = CliRunner().invoke(app, ["--file", str(file)], catch_exceptions=False)

    assert many.exit_code == 1
    assert "1 of 2 levels set." in many.stdout
    assert "line 3, member_id: expected" in many.stderr
    assert verified_levels(member, store=store)["main"].source == "import"
    assert level_of(member, "main", store=store) == "diamond"
