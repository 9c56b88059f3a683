"""Ending a cycle of check-ins early: who loses what is known before, and can be made up for."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huixue.check_ins.days import business_date
from huixue.check_ins.sheets import EMPTY, Sheet, marked, text_of
from huixue.kernel.ids import MemberId
from huixue.points import movements
from huixue.points.model import Account
from huixue.points.moving import entered
from infra.ops.errors import OperatorError
from infra.ops.grant_files import read_grant
from infra.ops.season_losses import losses, write_grant
from tests.engines.tables import TableNames
from tests.unit.check_ins.made import RULE, endless, nov, rules, sheet_of
from tests.unit.ops.ledger_stage import ANNA, BERTA, LedgerStage
from tests.unit.ops.season_stage import SeasonStage, season_stage


@pytest.fixture
def at(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SeasonStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    stage = season_stage(dynamodb, tables, tmp_path)
    stage.told("publish", str(stage.file(("cycle: month", "cycle: endless"))))
    return stage


def today(at: SeasonStage) -> date:
    return business_date(at.doors.rules.rules("demo"), datetime.now(UTC))


def check_in(at: SeasonStage, member_id: MemberId, sheet: Sheet) -> None:
    key = f"check_in#{sheet.newest}"
    entered(
        member_id, "demo", key, {},
        lambda _, policy, __: [
            movements.reward(
                key, "check_in", 2, today(at), policy, {}, check_in_sheet=text_of(sheet)
            )
        ],
        desk=LedgerStage(at.operated).doors.desk,
    )  # fmt: skip


def cut(at: SeasonStage) -> Path:
    soon = today(at) + timedelta(days=2)  # tomorrow may begin within a minute
    return at.file(("  cycle: month", f"  starts_on: {soon}\n  ends_cycle: true\n  cycle: month"))


def test_the_dry_run_says_who_loses_what_and_writes_a_grant(
    at: SeasonStage, tmp_path: Path
) -> None:
    check_in(at, ANNA, marked(EMPTY, today(at), "checked_in"))
    file = tmp_path / "compensation.csv"

    told = at.told("publish", str(cut(at)), "--dry-run", "--compensation", str(file))
    said = at.said("publish", str(cut(at)), "--dry-run")

    assert told["cycle_cut_on"] == (today(at) + timedelta(days=2)).isoformat()
    assert [each["member_id"] for each in told["losses"]] == [ANNA]
    assert sorted((one["kind"], one["days"]) for one in told["losses"][0]["milestones"]) == [
        ("consecutive", 3), ("consecutive", 7), ("consecutive", 14), ("consecutive", 21),
        ("cumulative", 10), ("cumulative", 20), ("cumulative", 28),
    ]  # fmt: skip
    # of 3, 10, 25, 50, 10, 30 and 60 points one day in 3, 7, 14, 21, 10, 20, 28, at least one each
    assert [(row.member_id, row.points) for row in read_grant(file)] == [(ANNA, 9)]
    assert "1 members lose 7 milestones" in said
    assert "the running cycle ends the day before" in said


def test_a_cut_that_was_published_and_is_edited_is_told_with_the_same_losses(
    at: SeasonStage,
) -> None:
    check_in(at, ANNA, marked(EMPTY, today(at), "checked_in"))
    before = at.told("publish", str(cut(at)), "--dry-run")
    at.told("publish", str(cut(at)))
    edited = cut(at)
    edited.write_text(
        edited.read_text("utf-8").replace("base_points: 2", "base_points: 3"), "utf-8"
    )

    told = at.told("publish", str(edited), "--dry-run")

    assert told["cycle_cut_on"] == before["cycle_cut_on"]
    assert told["losses"] == before["losses"] != []


def test_where_nobody_loses_anything_there_is_nothing_to_compensate(
    at: SeasonStage, tmp_path: Path
) -> None:
    file = tmp_path / "compensation.csv"

    said = at.said("publish", str(cut(at)), "--dry-run", "--compensation", str(file), code=1)

    assert "nobody loses anything" in said
    assert not file.exists()


def test_compensation_is_said_before_a_publication_not_with_it(
    at: SeasonStage, tmp_path: Path
) -> None:
    said = at.said("publish", str(cut(at)), "--compensation", str(tmp_path / "c.csv"), code=1)

    assert "Use it with --dry-run" in said
    assert len(at.doors.rules.rules("demo").versions) == 1


def account(member_id: str, sheet: str, **changes: Any) -> Account:
    return Account(
        member_id=MemberId(member_id), programme_id="demo", check_in_sheet=sheet, **changes
    )


def test_others_programmes_merged_and_erased_accounts_are_left_out() -> None:
    running = rules(endless())
    sheet = sheet_of([nov(8), nov(9), nov(10)], running)
    accounts = [
        account("mem_her", sheet),
        account("mem_none", ""),
        account("mem_merged", sheet, merged_into=BERTA),
        account("mem_erased", sheet, erased_at=datetime(2026, 11, 1, tzinfo=UTC)),
        Account(member_id=BERTA, programme_id="other", check_in_sheet=sheet),
    ]

    found = list(losses(accounts, running, cut_on=nov(11), today=nov(10)))

    assert [each.member_id for each in found] == ["mem_her"]
    # three of seven days for 30 points, three of five for 20
    assert found[0].points == 30 * 3 // 7 + 20 * 3 // 5


def test_a_cut_that_waits_to_come_takes_what_it_took_when_it_was_published() -> None:
    """It is published again with another title or day: losses are those against what runs now."""
    running = rules(endless())
    weekly = replace(RULE, cycle="week", starts_on=nov(12), ends_cycle=True)
    waiting = replace(running, versions=(*running.versions, weekly))
    accounts = [account("mem_her", sheet_of([nov(8), nov(9), nov(10)], running))]

    for cut_on in (nov(12), nov(13)):
        first = list(losses(accounts, running, cut_on=cut_on, today=nov(10)))
        assert first
        assert list(losses(accounts, waiting, cut_on=cut_on, today=nov(10))) == first


def test_a_sheet_that_cannot_be_read_is_told() -> None:
    with pytest.raises(OperatorError, match="mem_her cannot be read"):
        list(losses([account("mem_her", "?!")], rules(endless()), cut_on=nov(11), today=nov(10)))


def test_a_grant_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be written"):
        write_grant(tmp_path / "no" / "file.csv", [])


def test_the_grants_columns_are_the_ones_the_command_reads(tmp_path: Path) -> None:
    write_grant(tmp_path / "file.csv", [])

    with (tmp_path / "file.csv").open(encoding="utf-8") as opened:
        assert next(csv.reader(opened)) == ["member_id", "points"]
