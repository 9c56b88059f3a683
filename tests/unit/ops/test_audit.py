from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from huixue.kernel.ids import MemberId
from huixue.orders.pricing import quotes_of
from huixue.points.store import LedgerStore
from huixue.points.use_cases import settle
from infra.ops.audit import Audit, audited
from tests.engines.tables import TableNames
from tests.unit.ops.operating import NOW, Operated, operated
from tests.unit.orders.world import HASHES, an_order, ownership
from tests.unit.orders.world import line as order_line
from tests.unit.points.fakes import desk_of

A, B = MemberId("mem_a"), MemberId("mem_b")


@pytest.fixture
def stage(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Operated:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return operated(dynamodb, tables)


@pytest.fixture
def ledger(stage: Operated) -> LedgerStore:
    """A has two credited orders, B one that was taken back."""
    ledger = LedgerStore(stage.database, stage.deployment.output("PointsTableName"))
    for at, (member_id, states) in enumerate([(A, ["confirmed"]), (A, ["confirmed"]),
                                              (B, ["confirmed", "closed"])]):  # fmt: skip
        for state in states:
            ref = HASHES.order_ref("taobao", f"26{at:017}")
            said = an_order(order_line("confirmed" if state == "confirmed" else "closed"), ref=ref)
            owned = {name: getattr(said, name) for name in type(said).__dataclass_fields__}
            quotes = quotes_of(type(said)(**owned | {"ownership": ownership(member_id)}), NOW)
            settle(
                member_id, [ref], quotes=lambda _, quotes=quotes: quotes,
                desk=desk_of(ledger),
            )  # fmt: skip
    return ledger


def break_item(stage: Operated, member_id: str, sk: str, name: str, value: int) -> None:
    stage.dynamodb.update_item(
        TableName=stage.deployment.output("PointsTableName"),
        Key={"pk": {"S": member_id}, "sk": {"S": sk}},
        UpdateExpression="SET #name = :value",
        ConditionExpression="attribute_exists(#name)",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":value": {"N": str(value)}},
    )


def test_an_empty_ledger_is_sound(stage: Operated) -> None:
    done = stage.run("audit", "--json")

    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "accounts": 0, "entries": 0, "points": 0, "violations": [], "frozen": [],
    }  # fmt: skip


def test_a_sound_ledger_is_summed_up_and_said_to_be_sound(
    stage: Operated, ledger: LedgerStore
) -> None:
    done, shown = stage.run("audit", "--json"), stage.run("audit")

    assert (done.exit_code, shown.exit_code) == (0, 0)
    assert json.loads(done.stdout) == {
        "accounts": 2, "entries": 4, "points": 2 * 178, "violations": [], "frozen": [],
    }  # fmt: skip
    assert "2 accounts, 4 entries, 356 points: sound" in shown.stderr


def test_a_balance_that_does_not_recompute_is_named_and_the_exit_code_is_1(
    stage: Operated, ledger: LedgerStore
) -> None:
    break_item(stage, A, "ACCOUNT", "balance", 357)
    before = stage.everything()

    done, shown = stage.run("audit", "--json"), stage.run("audit")

    assert (done.exit_code, shown.exit_code) == (1, 1)
    found = json.loads(done.stdout)["violations"]
    first = {
        "member_id": A, "rule": "balance = what the entries come to", "found": "357", "expected": "356",
    }  # fmt: skip
    assert first in found
    assert {each["member_id"] for each in found} == {A}
    assert "not sound" in shown.stderr
    assert "by hand" in shown.stderr
    assert stage.everything() == before


def test_entries_without_an_account_are_found(stage: Operated, ledger: LedgerStore) -> None:
    stage.dynamodb.delete_item(
        TableName=stage.deployment.output("PointsTableName"),
        Key={"pk": {"S": A}, "sk": {"S": "ACCOUNT"}},
    )

    assert {each.member_id for each in seen(stage).violations} == {A}


def test_an_account_that_is_posted_to_while_the_audit_reads_is_read_again(
    stage: Operated, ledger: LedgerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scan saw the account before, and the entries after, a posting: read by itself the account is sound."""
    account_before = {"pk": {"S": A}, "sk": {"S": "ACCOUNT"}}
    table = stage.deployment.output("PointsTableName")
    right = stage.dynamodb.get_item(TableName=table, Key=account_before)["Item"]
    scan = stage.dynamodb.scan(TableName=table)
    torn = [
        item if item["sk"] != {"S": "ACCOUNT"} or item["pk"] != {"S": A}
        else right | {"balance": {"N": "178"}}
        for item in scan["Items"]
    ]  # fmt: skip

    class TornScan:
        """The stage's client, but for the scan."""

        def __init__(self, client: Any) -> None:
            self._client = client

        def __getattr__(self, name: str) -> Any:
            return getattr(self._client, name)

        def scan(self, **_: Any) -> dict[str, Any]:
            return {"Items": torn}

    class TornDeployment(type(stage.deployment)):  # type: ignore[misc]  # a class known at run time
        def client(self, service: str, **options: Any) -> Any:
            return TornScan(stage.dynamodb)

    deployment = TornDeployment(
        stage="local", region="", endpoint_url=None, outputs=stage.deployment.outputs
    )

    found = audited(deployment, console=Console(quiet=True))

    assert (found.violations, found.points) == ([], 356)


def seen(stage: Operated) -> Audit:
    return audited(stage.deployment, console=Console(quiet=True))
