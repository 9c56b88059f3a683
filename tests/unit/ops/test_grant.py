"""`huixue grant`: a file, its preview, and nothing but what was previewed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.ops.errors import OperatorError
from infra.ops.grant_files import read_grant
from tests.engines.tables import TableNames
from tests.unit.ops.ledger_stage import ANNA, BERTA, CARLA, LedgerStage
from tests.unit.ops.operating import operated

WHY = ("--reason", "campaign", "--note-member", "双11补发")


@pytest.fixture
def at(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LedgerStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("LOGNAME", "zoe")
    return LedgerStage(operated(dynamodb, tables))


def file_of(folder: Path, *lines: str, header: str = "member_id,points") -> Path:
    file = folder / "grant.csv"
    file.write_text("\n".join([header, *lines]) + "\n", "utf-8-sig")
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return file_of(tmp_path, f"{ANNA},100", f"{BERTA},50", "mem_nobody,7")


def test_a_dry_run_shows_what_it_comes_to_and_writes_nothing(at: LedgerStage, file: Path) -> None:
    told = at.told("grant", str(file), *WHY, "--dry-run")
    said = at.said("grant", str(file), *WHY, "--dry-run")

    counted = {"members": 2, "asked": 150, "credited": 150, "capped": 0, "entered_before": 0}
    assert {name: told[name] for name in counted} == counted
    assert (told["unknown"], told["needs_second_operator"]) == (["mem_nobody"], False)
    assert [(each["member_id"], each["credited"]) for each in told["top"]] == [(ANNA, 100), (BERTA, 50)]  # fmt: skip
    assert f"--preview {told['preview']}" in said
    assert "left out: mem_nobody" in said
    assert at.items() == []


def test_it_is_entered_as_previewed_and_again_enters_nothing(at: LedgerStage, file: Path) -> None:
    seen = at.told("grant", str(file), *WHY, "--dry-run")["preview"]

    first = at.told("grant", str(file), *WHY, "--preview", seen)
    again = at.said("grant", str(file), *WHY, "--preview", seen)

    assert (first["entered"], first["state"]) == (2, "done")
    assert "2 members had theirs already" in again
    assert (at.balance(ANNA), at.balance(BERTA)) == (100, 50)


def test_without_a_preview_nothing_is_entered(at: LedgerStage, file: Path) -> None:
    said = at.said("grant", str(file), *WHY, code=1)

    assert "--dry-run" in said
    assert at.items() == []


def test_another_result_than_previewed_is_refused_before_anything_is_written(
    at: LedgerStage, file: Path
) -> None:
    said = at.said("grant", str(file), *WHY, "--preview", "0123456789abcdef", code=1)

    assert "PREVIEW_STALE" in said
    assert at.items() == []


def test_a_large_grant_is_run_once_another_operator_agreed(at: LedgerStage, tmp_path: Path) -> None:
    file = file_of(tmp_path, f"{ANNA},600", f"{BERTA},600", f"{CARLA},600")
    command = ("grant", str(file), *WHY)
    told = at.told(*command, "--dry-run")
    assert told["needs_second_operator"]

    waits = at.told(*command, "--preview", told["preview"])
    assert (waits["state"], at.balance()) == ("proposed", 0)
    agreed = at.said("approve", waits["id"], "--operator", "yan")
    done = at.told(*command, "--preview", told["preview"])

    assert "run the grant again with the same --preview" in agreed
    assert (done["entered"], at.balance(CARLA)) == (3, 600)


def test_merged_members_get_theirs_where_their_points_are_now(at: LedgerStage, file: Path) -> None:
    at.give(1, BERTA)
    at.merge(BERTA, ANNA)
    seen = at.told("grant", str(file), *WHY, "--dry-run")["preview"]

    at.told("grant", str(file), *WHY, "--preview", seen)

    assert (at.balance(ANNA), at.balance(BERTA)) == (151, 0)


@pytest.mark.parametrize(
    ("lines", "header", "told"),
    [
        ([f"{ANNA},0"], "member_id,points", "line 2: points"),
        ([f"{ANNA},1.5"], "member_id,points", "line 2: points"),
        ([f"{ANNA},-5"], "member_id,points", "line 2: points"),
        ([f"{ANNA},٣"], "member_id,points", "line 2: points"),
        ([f"{ANNA},1", f"{ANNA},1"], "member_id,points", "line 3: mem_anna has a row already"),
        ([",1"], "member_id,points", "line 2: member_id"),
        ([f"{ANNA}"], "member_id,points", "line 2: points"),
        ([f"{ANNA},1"], "member,points", "must name the columns"),
        ([], "member_id,points", "no rows"),
        (['"'], "member_id,points", "no CSV"),
    ],
)
def test_a_file_that_is_no_grant_is_refused_by_its_lines(
    tmp_path: Path, lines: list[str], header: str, told: str
) -> None:
    with pytest.raises(OperatorError) as refused:
        read_grant(file_of(tmp_path, *lines, header=header))

    assert told in str(refused.value)


def test_a_file_may_have_other_columns_blank_lines_and_chinese_encoding(tmp_path: Path) -> None:
    file = tmp_path / "grant.csv"
    file.write_bytes(f"points , name,member_id\n5,安娜,{ANNA}\n\n7,贝,{BERTA}\n".encode("gb18030"))

    assert [(row.member_id, row.points) for row in read_grant(file)] == [(ANNA, 5), (BERTA, 7)]


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError):
        read_grant(tmp_path / "nowhere.csv")
