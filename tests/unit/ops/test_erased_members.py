"""What operators are told about a member who was erased, and that nothing is written for her."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from huixue.kernel.ids import ProgrammeId
from huixue.members.erasing import erase_member
from huixue.members.erasure_store import MemberErasure
from tests.engines.tables import TableNames
from tests.unit.ops.ledger_stage import ANNA, BERTA, NOTES, LedgerStage
from tests.unit.ops.operating import operated


@pytest.fixture
def at(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LedgerStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("LOGNAME", "zoe")
    stage = LedgerStage(operated(dynamodb, tables))
    stage.give(80)
    stage.give(20, BERTA)
    return stage


def erased(at: LedgerStage) -> str:
    """Anna is erased; the sentence that says when."""
    now = datetime.now(UTC)
    store = MemberErasure(at.stage.database, at.stage.deployment.output("MembersTableName"))
    erase_member(
        ANNA, ProgrammeId("demo"), store=store, ledger=at.ledger, now=now, announce=lambda _: None
    )
    return f"erased on {now:%Y-%m-%d}"


@pytest.mark.parametrize(
    "command",
    [
        ("adjust", ANNA, "50", *NOTES),
        ("adjust", ANNA, "50", *NOTES, "--dry-run"),
        ("adjust", ANNA, "100000", *NOTES),
        ("freeze", ANNA),
        ("tag", ANNA, "region", "上海"),
        ("tag", ANNA, "region", "上海", "--remove"),
        ("member", ANNA),
    ],
)
def test_every_command_refuses_and_says_when_she_was_erased(
    at: LedgerStage, command: tuple[str, ...]
) -> None:
    when = erased(at)
    before = at.items()

    said = at.said(*command, code=1)

    assert f"MEMBER_ERASED: she was {when}: nothing can be done for her" in said
    assert "Leave her out" in said
    assert at.items() == before
    assert at.told("adjustments", "--all") == []


def test_what_she_had_is_still_told_and_that_it_only_expires(at: LedgerStage) -> None:
    when = erased(at)
    month = f"{datetime.now(UTC):%Y-%m}"

    for command in (("balance", ANNA), ("entries", ANNA), ("statement", ANNA, month)):
        assert f"{ANNA} was {when}: her points can only expire." in at.said(*command)
    assert at.told("balance", ANNA)["erased_at"][:10] in when
    assert "erased_at" in at.told("statement", ANNA, month)
    assert "erased_at" not in at.told("balance", BERTA)
    assert "erased" not in at.said("balance", BERTA)
    [owed] = at.told("liability")["programmes"]
    assert (owed["outstanding"], owed["erased"]) == (100, 80)


def test_a_level_and_a_grant_leave_her_out_by_name(at: LedgerStage, tmp_path: Path) -> None:
    when = erased(at)
    file = tmp_path / "grant.csv"
    file.write_text(f"member_id,points\n{ANNA},5\n{BERTA},5\n", "utf-8")

    level = at.said("set-level", ANNA, "main", "gold", code=1)
    grant = ("grant", str(file), "--reason", "goodwill", "--note-member", "谢谢", "--dry-run")

    assert f"she was {when}" in level
    assert f"{ANNA} was {when}: nothing can be done for her." in at.said(*grant)
    assert at.told(*grant)["erased"] == [ANNA]


def test_what_waits_for_her_can_be_rejected_and_not_be_agreed_to(at: LedgerStage) -> None:
    waiting = at.adjust(100_000, "--id", "a1")
    erased(at)

    approved = at.said("approve", "a1", "--operator", "yan", code=1)
    rejected = at.told("reject", "a1", "--operator", "yan")

    assert waiting["state"] == "proposed"
    assert "MEMBER_ERASED" in approved
    assert rejected["state"] == "rejected"
