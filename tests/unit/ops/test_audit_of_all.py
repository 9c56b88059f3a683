"""`huixue audit` across members: lines of two owners, rows nobody can read, freezing, scheduled runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huixue.kernel.calendar import business_date
from huixue.kernel.ids import MemberId
from huixue.orders.pricing import quotes_of
from huixue.points.audit_runs import Progress
from huixue.points.model import Frozen
from huixue.points.use_cases import settle
from infra.ops.stores import audit_book
from tests.engines.tables import TableNames
from tests.unit.ops.ledger_stage import ANNA, BERTA, CARLA, LedgerStage
from tests.unit.ops.operating import NOW, operated
from tests.unit.orders.world import REF, an_order, line, ownership


@pytest.fixture
def at(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LedgerStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return LedgerStage(operated(dynamodb, tables))


def credit(at: LedgerStage, member_id: MemberId, *, closed: bool = False) -> None:
    """The one order, credited to her (or taken back), as if the pool said it were hers."""
    order = replace(
        an_order(line("closed" if closed else "confirmed")), ownership=ownership(member_id)
    )
    quotes = [replace(each, programme_id="demo") for each in quotes_of(order, NOW)]
    settle(member_id, [REF], quotes=lambda _: quotes, desk=at.doors.desk)


def rules(at: LedgerStage) -> set[tuple[str, str]]:
    found = at.told("audit", code=1)["violations"]
    return {(each["member_id"], each["rule"]) for each in found}


def test_a_line_that_is_credited_to_two_members_is_found_with_both(at: LedgerStage) -> None:
    credit(at, ANNA)
    credit(at, BERTA)
    at.give(5, CARLA)

    found = rules(at)

    assert {member_id for member_id, _ in found} == {ANNA, BERTA}
    assert all(rule.endswith("is credited to one member") for _, rule in found)


def test_a_line_that_one_member_gave_up_is_the_others_alone(at: LedgerStage) -> None:
    credit(at, ANNA)
    credit(at, ANNA, closed=True)
    credit(at, BERTA)

    assert at.told("audit")["violations"] == []


def test_two_accounts_of_one_member_are_one_member(at: LedgerStage) -> None:
    credit(at, ANNA)
    at.merge(ANNA, BERTA)
    at.merge(BERTA, CARLA)

    assert at.told("audit")["violations"] == []


def test_items_of_other_kinds_are_no_accounts(at: LedgerStage) -> None:
    at.give(5)
    at.adjust(5000, "--id", "waits")
    progress = Progress(
        run="2026-11-20", segment=1, part=0, accounts=1, entries=1, violations=0, left_out=0,
        written_at=NOW,
    )  # fmt: skip
    audit_book(at.stage.deployment).save(progress)
    for pk, sk in (("CAP#demo#daily#2026-11-20", "SHARD#1"), (ANNA, "N#2026-12-31#7")):
        item = {"pk": {"S": pk}, "sk": {"S": sk}, "used": {"N": "5"}}
        at.stage.dynamodb.put_item(TableName=at.table, Item=item)

    found = at.told("audit")

    assert (found["accounts"], found["entries"], found["points"]) == (1, 1, 5)
    assert at.told("liability")["programmes"][0]["balance"] == 5


def test_rows_that_nobody_can_read_are_found_and_stop_no_other_account(at: LedgerStage) -> None:
    at.give(5, ANNA)
    entry = at.give(7, BERTA)
    at.break_item(ANNA, "E#adjust#first", "points", {"S": "five"})
    at.break_item(ANNA, "E#adjust#first", "business_date", {"S": "someday"})

    found = at.told("audit", code=1)

    assert {each["rule"] for each in found["violations"]} == {"rows can be read"}
    assert (found["accounts"], found["points"]) == (2, entry.points)
    assert "cannot be read" in at.said("liability", code=1)


def test_a_balance_that_is_no_number_stops_no_other_account_and_is_told_with_whole_ids(
    at: LedgerStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.give(5, ANNA)
    entry = at.give(7, BERTA)
    at.break_item(ANNA, "ACCOUNT", "balance", {"S": "five"})

    found = at.told("audit", code=1)
    monkeypatch.setenv("COLUMNS", "80")
    shown = at.said("audit", code=1)

    assert {each["member_id"] for each in found["violations"]} == {ANNA}
    assert (found["accounts"], found["points"]) == (2, entry.points)
    assert ANNA in shown
    assert "…" not in shown


def test_freezing_stops_those_that_are_not_sound_and_keeps_other_reasons(at: LedgerStage) -> None:
    for member_id in (ANNA, BERTA, CARLA):
        at.give(5, member_id)
    at.ledger.freeze(BERTA, Frozen(reason="refunds", since=NOW))
    for member_id in (ANNA, BERTA):
        at.break_item(member_id, "ACCOUNT", "balance", 6)

    assert at.told("audit", code=1)["frozen"] == []
    assert at.told("audit", "--freeze", code=1)["frozen"] == [ANNA]
    assert at.told("audit", "--freeze", code=1)["frozen"] == []

    frozen = {each: at.ledger.account(each).frozen for each in (ANNA, BERTA, CARLA)}
    assert {each: it.reason if it else None for each, it in frozen.items()} == {
        ANNA: "audit", BERTA: "refunds", CARLA: None,
    }  # fmt: skip


def test_the_scheduled_runs_of_the_last_week_are_shown_newest_first(at: LedgerStage) -> None:
    assert "No scheduled audit" in at.said("audit", "--last")
    book, now = audit_book(at.stage.deployment), datetime.now(UTC)
    days = [business_date(now) - timedelta(days=days) for days in (8, 1, 0)]
    for day in days:
        for segment in (0, 1):
            book.save(Progress(
                run=day.isoformat(), segment=segment, part=0, accounts=10, entries=30,
                violations=segment, left_out=0, written_at=now,
                finished_at=now if segment else None,
            ))  # fmt: skip

    found = at.told("audit", "--last", code=1)

    assert [each["run"] for each in found] == [days[2].isoformat(), days[1].isoformat()]
    counted = {"segments": 2, "finished": 1, "accounts": 20, "entries": 60, "violations": 1}
    assert {name: found[0][name] for name in counted} == counted
    assert "1 of 2" in at.said("audit", "--last", code=1)
