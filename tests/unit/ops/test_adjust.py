"""`huixue adjust` and what a second operator does about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engines.tables import TableNames
from tests.unit.ops.ledger_stage import ANNA, BERTA, NOTES, LedgerStage
from tests.unit.ops.operating import operated


@pytest.fixture
def at(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LedgerStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("LOGNAME", "zoe")
    return LedgerStage(operated(dynamodb, tables))


def test_a_small_adjustment_is_entered_with_notes_and_the_operator(at: LedgerStage) -> None:
    done = at.adjust(50)

    told = {"state": "done", "points": 50, "balance": 50, "debt": 0, "by": "zoe", "repeated": False}
    assert {name: done[name] for name in told} == told
    [entry] = at.told("entries", ANNA)
    said = {
        "reason": "goodwill",
        "member_note": "感谢支持",
        "internal_note": "ticket [7]",
        "by": "zoe",
    }
    assert {name: entry["source"][name] for name in said} == said
    assert "[7]" in at.said("entries", ANNA)


def test_points_are_taken_with_a_negative_number(at: LedgerStage) -> None:
    at.give(80)

    said = at.said("adjust", ANNA, "-50", *NOTES)

    assert "Entered: -50 points" in said
    assert at.balance() == 30


def test_without_an_id_the_one_it_made_is_told_so_that_a_repeat_can_name_it(
    at: LedgerStage,
) -> None:
    done = at.stage.run("adjust", ANNA, "50", *NOTES, "--json")
    made = done.stderr.split()[1].rstrip(":")

    again = at.adjust(50, "--id", made)

    assert made.startswith("adj_")
    assert (again["repeated"], at.balance()) == (True, 50)


def test_the_same_id_with_another_request_is_refused_by_the_field(at: LedgerStage) -> None:
    at.adjust(50, "--id", "x1")

    said = at.said("adjust", ANNA, "51", *NOTES, "--id", "x1", code=1)

    assert "IDEMPOTENCY_MISMATCH" in said
    assert "field=points" in said
    assert at.balance() == 50


def test_a_dry_run_says_what_would_be_and_writes_nothing(at: LedgerStage) -> None:
    at.give(10)
    before = at.items()

    told = at.adjust(-30, "--dry-run")
    said = at.said("adjust", ANNA, "1001", *NOTES, "--dry-run")

    assert told["balance"] == {"before": 10, "after": -20}
    assert told["debt"] == {"before": 0, "after": 20}
    assert not told["needs_second_operator"]
    assert "A second operator must agree." in said
    assert at.items() == before


def test_a_large_one_waits_until_another_operator_agrees(at: LedgerStage) -> None:
    waits = at.adjust(5000, "--id", "big")
    assert (waits["state"], at.balance()) == ("proposed", 0)
    assert waits["next"] == "huixue approve big --programme demo"

    same = at.said("approve", "big", "--operator", "ZOE@corp.example", code=1)
    done = at.told("approve", "big", "--operator", "yan")
    again = at.told("approve", "big", "--operator", "xia")

    assert "SAME_OPERATOR" in same
    assert "Another operator" in same
    assert (done["state"], done["decided_by"], at.balance()) == ("done", "yan", 5000)
    assert (again["repeated"], at.balance()) == (True, 5000)


def test_people_are_told_who_must_do_what(at: LedgerStage) -> None:
    said = at.said("adjust", ANNA, "5000", *NOTES, "--id", "big")

    assert "Nothing is entered yet" in said
    assert "anybody but zoe can run `huixue approve big --programme demo`" in said
    assert at.said("approve", "big", "--operator", "yan").startswith("Entered: +5000 points")


def test_a_rejected_one_is_never_entered(at: LedgerStage) -> None:
    at.adjust(5000, "--id", "big")

    assert at.told("reject", "big", "--operator", "yan")["state"] == "rejected"

    assert "PROPOSAL_REJECTED" in at.said("approve", "big", "--operator", "xia", code=1)
    assert at.adjust(5000, "--id", "big", code=1)["state"] == "rejected"
    assert at.balance() == 0


def test_waiting_ones_are_listed_and_all_with_all(at: LedgerStage) -> None:
    at.adjust(50, "--id", "small")
    at.adjust(5000, "--id", "big")

    assert [each["id"] for each in at.told("adjustments")] == ["big"]
    assert [each["id"] for each in at.told("adjustments", "--all")] == ["big", "small"]
    at.told("reject", "big")
    assert "nothing waits" in at.said("adjustments")


def test_corrections_are_listed_by_operator_with_the_entry_they_correct(at: LedgerStage) -> None:
    assert "nothing was corrected" in at.said("corrections")
    at.adjust(50, "--id", "wrong")
    at.told(
        "adjust", ANNA, "-50", "--reason", "correction", "--note-member", "更正", "--note-internal",
        "typo", "--corrects", "adjust#wrong", "--id", "right",
    )  # fmt: skip

    [listed] = at.told("corrections")

    assert (listed["id"], listed["by"], listed["corrects"]) == ("right", "zoe", "adjust#wrong")
    assert at.balance() == 0


REFUSED: list[tuple[list[str], str]] = [
    (["mem_nobody", "5", *NOTES], "NOT_FOUND"),
    ([ANNA, "0", *NOTES], "ADJUSTMENT_INVALID"),
    ([ANNA, "5", "--reason", "because", *NOTES[2:]], "ADJUSTMENT_INVALID"),
    ([ANNA, "5", *NOTES, "--operator", "а"], "OPERATOR_INVALID"),
    ([ANNA, "5", "--reason", "correction", *NOTES[2:], "--corrects", "line#1#0001"], "NOT_FOUND"),
]


def test_what_cannot_be_done_is_refused_with_its_code_and_writes_nothing(at: LedgerStage) -> None:
    told = [at.said("adjust", *arguments, code=1) for arguments, _ in REFUSED]

    assert [code for (_, code), said in zip(REFUSED, told, strict=True) if code not in said] == []
    assert at.items() == []


def test_a_merged_member_is_adjusted_where_her_points_are_now(at: LedgerStage) -> None:
    at.give(10, BERTA)
    at.merge(BERTA, ANNA)

    done = at.told("adjust", BERTA, "5", *NOTES)

    assert (done["member_id"], at.balance(ANNA)) == (ANNA, 15)
