"""What a draft would have given, and that finding it out writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from huixue.dynamodb.database import Database
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.levels import set_verified_level
from huixue.members.model import Member
from huixue.members.store import DynamoDbMembers
from huixue.programme.rules import programme_from
from infra.ops import stores
from infra.ops.errors import OperatorError
from infra.ops.simulate import SimulationReport, simulation, yuan
from tests.engines.tables import TableNames
from tests.unit.ops.operating import NOW, Operated, operated
from tests.unit.ops.shop import Shop, days_ago, refusing_writes
from tests.unit.orders.world import TERMS, line
from tests.unit.programme.programmes import demo_data

A, B, C = MemberId("mem_a"), MemberId("mem_b"), MemberId("mem_c")
Data = dict[str, Any]


@pytest.fixture
def stage(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Operated:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return operated(dynamodb, tables)


@pytest.fixture
def shop(stage: Operated) -> Shop:
    return Shop(stage)


def drafted(stage: Operated, change: Callable[[Data], None], days: int = 30) -> SimulationReport:
    """Through a client that refuses to write."""
    data = demo_data()
    change(data)
    return simulation(
        programme_from(data), days, deployment=stage.deployment,
        database=Database(refusing_writes(stage.dynamodb)), now=NOW, console=Console(quiet=True),
    )  # fmt: skip


def taobao(data: Data) -> Data:
    selling: Data = data["rooms"][0]["platforms"][0]
    return selling


def double(data: Data) -> None:
    taobao(data)["points_per_yuan"] = 2


def test_a_higher_rate_is_counted_for_every_owned_line_of_the_days_and_nothing_is_written(
    stage: Operated, shop: Shop
) -> None:
    shop.put(line(), line("shipped", 900), member=A)
    shop.put(line("closed"), member=B)
    shop.put(line(paid_at=days_ago(31)), member=B)
    before = stage.everything()

    found = drafted(stage, double)

    replayed = found.replayed
    assert (replayed.points_now, replayed.points_draft) == (187, 375)
    assert (found.due_now, found.due_draft) == (178, 357)
    assert (replayed.lines, replayed.lines_changed) == (3, 2)
    assert (replayed.members, replayed.members_affected) == (2, 1)
    assert [(each.member_id, each.points) for each in replayed.gainers] == [(A, 188)]
    assert (found.cost_milli_fen, found.published_version) == (188 * 1000, 1)
    assert len(found.differences) == 1
    assert stage.everything() == before


def test_the_difference_costs_what_the_draft_says_a_point_costs(
    stage: Operated, shop: Shop
) -> None:
    shop.put(line(), member=A)

    def dearer(data: Data) -> None:
        double(data)
        data["points"] = {"cost_fen_per_point": "2.5"}

    found = drafted(stage, dearer)

    assert found.cost_milli_fen == 179 * 2500
    assert yuan(found.cost_milli_fen) == "+4.48"


def test_a_release_takes_no_points_away_but_makes_them_wait(stage: Operated, shop: Shop) -> None:
    shop.put(line(confirmed_at=days_ago(2)), member=A)

    found = drafted(stage, lambda data: taobao(data).update(release_after_days=7))

    assert found.replayed.points_now == found.replayed.points_draft == 178
    assert (found.due_now, found.due_draft) == (178, 0)


def test_credited_types_campaigns_and_platforms_of_the_draft_count(
    stage: Operated, shop: Shop
) -> None:
    shop.put(line(trade_type="gift"), member=A)
    shop.put(line(paid_at=days_ago(3)), member=B)

    def draft(data: Data) -> None:
        taobao(data)["credited_types"] = ["gift"]
        data["campaigns"] = [{
            "campaign_id": "late", "title": "加倍", "kind": "multiply", "value": 300,
            "starts_at": "2026-11-16", "ends_at": "2026-11-18",
        }]  # fmt: skip

    found = drafted(stage, draft)

    points = {each.member_id: each.points_draft for each in found.replayed.gainers}
    assert points == {A: 178, B: 536}
    gone = drafted(stage, lambda data: data["rooms"].pop(0))
    assert (gone.replayed.points_draft, len(gone.replayed.losers)) == (0, 1)


def test_staff_of_the_draft_get_nothing(stage: Operated, shop: Shop) -> None:
    account_ref = stores.keyed_hash(stage.deployment).account_ref("taobao", "林小二")
    shop.put(replace(line(), account_ref=account_ref), member=A)
    shop.put(line(), member=B)
    staff = [{"platform": "taobao", "account": "林小二"}]

    found = drafted(stage, lambda data: data.update(staff_accounts=staff))

    assert [(each.member_id, each.points) for each in found.replayed.losers] == [(A, -178)]
    assert "林小二" not in str(found)


def test_a_level_counts_that_she_had_when_the_order_became_hers(
    stage: Operated, shop: Shop
) -> None:
    members = DynamoDbMembers(stage.database, stage.deployment.output("MembersTableName"))
    for member_id, set_at in ((A, NOW), (B, NOW.replace(hour=5))):
        members.create(
            Member(
                member_id=member_id, programme_id=ProgrammeId("demo"), openids={}, created_at=NOW
            )
        )
        set_verified_level(member_id, "main", "silver", "operator", "ops", set_at, store=members)
        shop.put(line(), member=member_id)
    shop.put(line(), member=C, terms=replace(TERMS, level="gold", multiplier_percent=120))

    def draft(data: Data) -> None:
        taobao(data)["levels"] = [
            {"level": "silver", "multiplier_percent": 200},
            {"level": "gold", "multiplier_percent": 300},
        ]

    found = drafted(stage, draft)

    changes = {each.member_id: (each.points_now, each.points_draft) for each in found.replayed.gainers}  # fmt: skip
    assert changes == {A: (178, 357), C: (214, 536)}


def test_lines_nobody_claimed_yet_are_told_apart(stage: Operated, shop: Shop) -> None:
    shop.put(line(), member=None)
    shop.put(line(room="other/main"), member=None)
    shop.put(line(room=None), member=None)

    found = drafted(stage, double)

    assert (found.unclaimed_lines, found.unclaimed_points_now) == (1, 178)
    assert found.unclaimed_points_draft == 357
    assert found.replayed.lines == 0


def test_the_command_shows_it_and_takes_only_valid_drafts_of_published_programmes(
    stage: Operated, shop: Shop, tmp_path: Path
) -> None:
    shop.put(line(paid_at=datetime.now(UTC) - timedelta(days=10)), member=A)
    data = demo_data()
    double(data)
    right, wrong, other = (tmp_path / name for name in ("right.yaml", "wrong.yaml", "other.yaml"))
    right.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    wrong.write_text(yaml.safe_dump(data | {"rooms": []}, allow_unicode=True), "utf-8")
    other.write_text(yaml.safe_dump(data | {"programme_id": "new"}, allow_unicode=True), "utf-8")
    before = stage.everything()

    done = stage.run("simulate", str(right), "--json")
    shown = stage.run("simulate", str(right))
    refused = [stage.run("simulate", str(each)) for each in (wrong, other)]

    assert (done.exit_code, shown.exit_code) == (0, 0), done.output
    assert json.loads(done.stdout)["gainers"][0]["member_id"] == A
    assert "Nothing was written" in shown.stdout
    assert [each.exit_code for each in refused] == [1, 1]
    assert "rooms" in refused[0].stderr
    assert "no programme new is published" in refused[1].stderr
    assert stage.everything() == before


def test_a_draft_of_no_published_programme_is_refused(stage: Operated) -> None:
    with pytest.raises(OperatorError, match="no programme none"):
        drafted(stage, lambda data: data.update(programme_id="none"))
