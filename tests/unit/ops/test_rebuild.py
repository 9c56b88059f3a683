"""`huixue rebuild` and `freeze`: entries are the truth, and what they come to can be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engines.tables import TableNames
from tests.unit.ops.ledger_stage import ANNA, BERTA, LedgerStage
from tests.unit.ops.operating import operated


@pytest.fixture
def at(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LedgerStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return LedgerStage(operated(dynamodb, tables))


def account_item(at: LedgerStage, member_id: str = ANNA) -> dict[str, Any]:
    key = {"pk": {"S": member_id}, "sk": {"S": "ACCOUNT"}}
    item: dict[str, Any] = at.stage.dynamodb.get_item(TableName=at.table, Key=key)["Item"]
    return item


def test_a_sound_account_is_said_to_be_sound(at: LedgerStage) -> None:
    at.give(80)
    before = at.items()

    said = at.said("rebuild", ANNA)
    at.said("rebuild", ANNA, "--apply")

    assert "is what its entries come to" in said
    assert at.items() == before


def test_a_corrupted_balance_is_shown_and_restored_to_the_last_field(at: LedgerStage) -> None:
    at.give(80)
    at.spend(30)
    right = account_item(at)
    at.break_item(ANNA, "ACCOUNT", "balance", 9_999)
    at.break_item(ANNA, "ACCOUNT", "lots", {"M": {"never|order": {"N": "7"}}})

    told = at.told("rebuild", ANNA, "--diff", code=1)
    assert told["differences"]["balance"] == {"stands": 9_999, "comes_to": 50}
    assert not told["applied"]
    assert account_item(at)["balance"] == {"N": "9999"}
    applied = at.told("rebuild", ANNA, "--apply")

    assert applied["applied"]
    restored = account_item(at)
    assert int(restored["version"]["N"]) == int(right["version"]["N"]) + 1
    assert restored | {"version": right["version"]} == right
    assert at.told("audit")["violations"] == []


def test_an_account_that_is_gone_is_restored_with_its_programme_and_mergers(
    at: LedgerStage,
) -> None:
    at.give(80)
    at.give(20, BERTA)
    at.merge(BERTA, ANNA)
    right = [account_item(at, each) for each in (ANNA, BERTA)]
    for member_id in (ANNA, BERTA):
        key = {"pk": {"S": member_id}, "sk": {"S": "ACCOUNT"}}
        at.stage.dynamodb.delete_item(TableName=at.table, Key=key)

    for member_id in (ANNA, BERTA):
        at.told("rebuild", member_id, "--apply")

    restored = [account_item(at, each) for each in (ANNA, BERTA)]
    for now, then in zip(restored, right, strict=True):
        assert now | {"version": then["version"]} == then


def test_an_account_that_cannot_be_read_is_told_and_made_anew_once_it_is_deleted(
    at: LedgerStage,
) -> None:
    at.give(80)
    at.break_item(ANNA, "ACCOUNT", "recent", 7)

    said = at.said("rebuild", ANNA, "--apply", code=1)
    key = {"pk": {"S": ANNA}, "sk": {"S": "ACCOUNT"}}
    at.stage.dynamodb.delete_item(TableName=at.table, Key=key)
    at.told("rebuild", ANNA, "--apply")

    assert "make no sense" in said
    assert at.balance() == 80


def test_broken_entries_are_said_and_nothing_is_written(at: LedgerStage) -> None:
    entry = at.give(80)
    at.spend(30)
    at.break_item(ANNA, f"E#{entry.source_key}", "points", 81)
    before = at.items()

    said = at.said("rebuild", ANNA, code=1)
    refused = at.said("rebuild", ANNA, "--apply", code=1)

    assert "broken themselves" in said
    assert "Nothing was written" in refused
    assert at.items() == before


def test_a_freeze_of_the_audit_is_lifted_once_the_account_is_sound(at: LedgerStage) -> None:
    at.give(80)
    at.break_item(ANNA, "ACCOUNT", "balance", 79)
    assert at.told("audit", "--freeze", code=1)["frozen"] == [ANNA]
    assert at.told("balance", ANNA)["frozen"] == "audit"

    assert "not sound" in at.said("unfreeze", ANNA, code=1)
    assert at.told("rebuild", ANNA, "--apply")["freeze_lifted"]

    assert at.told("balance", ANNA)["frozen"] is None
    assert at.balance() == 80


def test_a_freeze_of_another_reason_stays(at: LedgerStage) -> None:
    at.give(80)
    at.told("freeze", ANNA)
    at.break_item(ANNA, "ACCOUNT", "balance", 79)

    assert not at.told("rebuild", ANNA, "--apply")["freeze_lifted"]

    assert at.told("balance", ANNA)["frozen"] == "operator"


def test_a_member_is_frozen_and_lifted_and_both_may_be_repeated(at: LedgerStage) -> None:
    at.give(80)

    for _ in range(2):
        assert at.told("freeze", ANNA, "--reason", "refunds")["frozen"] == "refunds"
    version = at.ledger.account(ANNA).version
    assert "Lifted: it was refunds" in at.said("unfreeze", ANNA)
    assert "was not frozen" in at.said("unfreeze", ANNA)

    assert version == 2
    assert at.ledger.account(ANNA).frozen is None


def test_force_lifts_what_the_audit_froze_although_it_is_not_sound(at: LedgerStage) -> None:
    at.give(80)
    at.break_item(ANNA, "ACCOUNT", "balance", 79)
    at.told("audit", "--freeze", code=1)

    at.told("unfreeze", ANNA, "--force")

    assert at.ledger.account(ANNA).frozen is None


REFUSED: list[tuple[list[str], str]] = [
    (["rebuild", "mem_nobody"], "NOT_FOUND"),
    (["rebuild", ANNA, "--diff", "--apply"], "Choose one"),
    (["freeze", ANNA], "NOT_FOUND"),
    (["freeze", ANNA, "--reason", "because"], "no reason to freeze"),
    (["unfreeze", "mem_nobody"], "NOT_FOUND"),
]


def test_what_cannot_be_done_is_refused(at: LedgerStage) -> None:
    said = [at.said(*arguments, code=1) for arguments, _ in REFUSED]

    assert [told for (_, told), each in zip(REFUSED, said, strict=True) if told not in each] == []


def test_a_member_without_points_is_no_mistake(at: LedgerStage) -> None:
    at.said("rebuild", ANNA)
