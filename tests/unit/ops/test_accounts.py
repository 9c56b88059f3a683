"""`huixue balance`, `statement`, `entries` and `liability`: what members have, had, and what it costs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huixue.kernel.calendar import SHANGHAI, business_date
from infra.ops.accounts import instant
from infra.ops.errors import OperatorError
from tests.engines.tables import TableNames
from tests.unit.ops.ledger_stage import ANNA, BERTA, LedgerStage
from tests.unit.ops.operating import operated

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def at(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LedgerStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return LedgerStage(operated(dynamodb, tables))


def month() -> str:
    return f"{business_date(datetime.now(UTC)):%Y-%m}"


def test_a_balance_is_shown_now_and_as_it_was(at: LedgerStage) -> None:
    first = at.give(80)
    at.spend(30)

    now = at.told("balance", ANNA)
    then = at.told("balance", ANNA, "--at", first.effective_at.isoformat())
    before = at.told("balance", ANNA, "--at", "2020-01-01")

    assert (now["balance"], now["available"], now["frozen"]) == (50, 50, None)
    assert (then["balance"], "frozen" in then) == (80, False)
    assert before["balance"] == 0
    assert f"{ANNA} at" in at.said("balance", ANNA)


def test_a_merged_members_balance_is_followed_but_not_before_the_merge(at: LedgerStage) -> None:
    first = at.give(80, BERTA)
    at.give(5, ANNA)
    at.merge(BERTA, ANNA)

    now = at.told("balance", BERTA)
    then = at.told("balance", BERTA, "--at", first.effective_at.isoformat())

    assert (now["member_id"], now["balance"]) == (ANNA, 85)
    assert (then["member_id"], then["balance"]) == (BERTA, 80)


def test_a_statement_opens_changes_and_closes(at: LedgerStage) -> None:
    at.give(80)
    at.spend(30)

    told = at.told("statement", ANNA, month())
    said = at.said("statement", ANNA, month())
    assert at.told("statement", ANNA, "0001-01")["month"] == "0001-01"

    assert (told["opening"]["balance"], told["closing"]["balance"]) == (0, 50)
    assert {each["scene"]: each["points"] for each in told["by_scene"]} == {
        "adjustment": 80, "spend": -30,
    }  # fmt: skip
    assert "opening" in said
    assert "closing" in said


def test_entries_are_listed_newest_first_and_all_with_those_of_merged_accounts(
    at: LedgerStage,
) -> None:
    at.give(5, BERTA)
    at.merge(BERTA, ANNA)
    for number in range(25):
        at.give(1, ANNA, f"a{number}")

    newest = at.told("entries", ANNA)
    everything = at.told("entries", BERTA, "--all")

    assert [each["source_key"] for each in newest] == [f"adjust#a{n}" for n in range(24, 4, -1)]
    assert len(everything) == 25 + 3
    assert everything[-1]["member_id"] == BERTA


def test_the_liability_is_every_balance_by_month_of_expiry_in_yuan(at: LedgerStage) -> None:
    at.give(80, ANNA)
    at.give(100, BERTA)
    at.spend(30)
    at.give(-70, ANNA, "second")

    [told] = at.told("liability")["programmes"]
    rows = list(csv.DictReader(io.StringIO(at.stage.run("liability", "--csv").stdout)))

    assert (told["outstanding"], told["debt"], told["balance"]) == (100, 20, 80)
    assert (told["accounts"], told["yuan"]) == (2, "1.00")
    assert [(each["class"], each["points"]) for each in told["buckets"]] == [("adjust", 100)]
    sums = {row["what"]: row["points"] for row in rows}
    assert sums == {
        "outstanding": "100", "outstanding in all": "100",
        "of erased members (not redeemable)": "0", "debt": "20", "balance": "80", "held": "0",
        "pending": "0",
    }  # fmt: skip
    assert "2 accounts" in at.said("liability")


def test_the_liability_of_an_instant_knows_nothing_of_what_came_later(at: LedgerStage) -> None:
    first = at.give(80, ANNA)
    at.give(100, BERTA)

    [then] = at.told("liability", "--at", first.effective_at.isoformat())["programmes"]

    assert (then["accounts"], then["balance"]) == (1, 80)
    assert at.told("liability", "--at", "2020-01-01")["programmes"] == []
    assert "nobody has points" in at.said("liability", "--at", "2020-01-01")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-19", datetime(2026, 11, 19, 16, 0, tzinfo=UTC)),
        ("2026-11-20", AT),
        ("2026-11-20T09:00:00+08:00", datetime(2026, 11, 20, 1, 0, tzinfo=UTC)),
        ("2026-11-20T09:00:00", datetime(2026, 11, 20, 1, 0, tzinfo=UTC)),
    ],
)
def test_an_instant_is_a_time_or_the_end_of_a_day(text: str, found: datetime) -> None:
    assert instant(text, SHANGHAI, AT) == found


@pytest.mark.parametrize(
    "text", ["2026-11-21", "yesterday", "2026-13-01", (AT + timedelta(seconds=1)).isoformat(), "9999-12-31"]
)  # fmt: skip
def test_what_is_no_instant_or_has_not_come_is_refused(text: str) -> None:
    with pytest.raises(OperatorError):
        instant(text, SHANGHAI, AT)


REFUSED: list[tuple[list[str], str]] = [
    (["balance", "mem_nobody"], "NOT_FOUND"),
    (["entries", "mem_nobody"], "NOT_FOUND"),
    (["statement", ANNA, "November"], "is no month"),
    (["statement", ANNA, "2999-01"], "NOT_FOUND"),
    (["liability", "--csv", "--json"], "Choose one"),
]


def test_what_cannot_be_shown_is_refused(at: LedgerStage) -> None:
    said = [at.said(*arguments, code=1) for arguments, _ in REFUSED]

    assert [told for (_, told), each in zip(REFUSED, said, strict=True) if told not in each] == []


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T20:00:00-08:00"])
def test_an_instant_at_the_ends_of_the_calendar_is_told(at: LedgerStage, text: str) -> None:
    assert "is no instant" in at.said("balance", ANNA, "--at", text, code=1)
