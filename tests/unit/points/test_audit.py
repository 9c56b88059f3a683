"""The audit finds every broken invariant by its name, and nothing in a ledger that is sound."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from huixue.points.audit import violations
from huixue.points.model import Account, Entry
from huixue.points.use_cases import settle
from tests.unit.points.fakes import (
    ANNA,
    BERTA,
    NOW,
    FakeLedger,
    Pool,
    Status,
    quote,
    recomputed,
)

STATUSES: tuple[Status, ...] = ("pending", "due", "void", "parked")


def settled(ledger: FakeLedger, pool: Pool, owner: str = ANNA) -> None:
    account = ledger.account(ANNA).member_id if owner == ANNA else BERTA
    settle(account, ["o1"], quotes=pool, ledger=ledger, now=lambda: NOW)


@pytest.fixture
def ledger() -> FakeLedger:
    """Nine entries of one member: credits, a clawback, pending points."""
    ledger, pool = FakeLedger(), Pool()
    for line in range(7):
        pool.say(quote(f"l{line}", "due", 10 + line))
        settled(ledger, pool)
    pool.say(quote("l3", "due", 4), quote("p", "pending", 50))
    settled(ledger, pool)
    return ledger


def rules_broken(account: Account, entries: list[Entry]) -> set[str]:
    return {each.rule for each in violations(account, entries, recomputed)}


def test_a_sound_account_has_no_violation(ledger: FakeLedger) -> None:
    assert rules_broken(ledger.account(ANNA), ledger.entries_of(ANNA)) == set()


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"balance": 1000}, "balance = sum of entries"),
        ({"pending": 49}, "pending = sum of entries"),
        ({"entry_count": 10}, "entry numbers without a gap"),
        ({"lots": {"2027-11-30|order": 1}}, "lots = available"),
        ({"lots": {"2027-11-30|order": 82, "2027-12-31|order": 0}}, "no empty lot"),
        ({"recent": ("line#l0#0001",)}, "newest entries"),
        ({"recent": ()}, "newest entries"),
    ],
)
def test_each_broken_fact_of_an_account_is_found_by_its_name(
    ledger: FakeLedger, broken: dict[str, object], rule: str
) -> None:
    account = replace(ledger.account(ANNA), **broken)  # type: ignore[arg-type]  # one field at a time

    assert rules_broken(account, ledger.entries_of(ANNA)) == {rule}


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"balance_after": 1}, "balance after line#l5#0001"),
        ({"previous": ()}, "entries before line#l5#0001"),
        ({"explanation": {"worth": 16}}, "line l5 explains itself"),
        ({"explanation": None}, "line l5 explains itself"),
        ({"number": 5}, "entry numbers without a gap"),
    ],
)
def test_each_broken_fact_of_an_entry_is_found_by_its_name(
    ledger: FakeLedger, broken: dict[str, object], rule: str
) -> None:
    entries = [
        replace(entry, **broken) if entry.source_key == "line#l5#0001" else entry  # type: ignore[arg-type]  # one field
        for entry in ledger.entries_of(ANNA)
    ]

    assert rule in rules_broken(ledger.account(ANNA), entries)


def test_a_lost_entry_is_found(ledger: FakeLedger) -> None:
    entries = [e for e in ledger.entries_of(ANNA) if e.source_key != "line#l5#0001"]

    found = rules_broken(ledger.account(ANNA), entries)

    assert {"balance = sum of entries", "entry numbers without a gap"} <= found


def test_a_line_credited_twice_is_found_although_every_sum_agrees(ledger: FakeLedger) -> None:
    pool = Pool()
    pool.say(quote("l5", "due", 30))
    settled(ledger, pool)
    entries = [
        replace(e, explanation={"worth": 15}) if e.source_key == "line#l5#0002" else e
        for e in ledger.entries_of(ANNA)
    ]

    assert rules_broken(ledger.account(ANNA), entries) == {"line l5 explains itself"}


def test_a_line_that_went_on_in_the_survivor_is_judged_over_both_accounts(
    ledger: FakeLedger,
) -> None:
    pool = Pool()
    ledger.merge(ANNA, BERTA)
    pool.say(quote("l5", "due", 9))
    settled(ledger, pool)
    survivor, entries = ledger.account(BERTA), ledger.entries_of(BERTA)
    wrong = [
        replace(e, explanation={"worth": 8}) if e.source_key == "line#l5#0002" else e
        for e in entries
    ]

    before = ledger.entries_of(ANNA)

    assert violations(survivor, entries, recomputed, merged=before) == []
    assert violations(ledger.account(ANNA), before, recomputed) == []
    assert {e.rule for e in violations(survivor, wrong, recomputed, merged=before)} == {
        "line l5 explains itself"
    }
    assert violations(survivor, wrong, recomputed) == []


@pytest.mark.parametrize("seed", range(25))
def test_random_histories_with_mergers_are_sound(seed: int) -> None:
    random, ledger, pool = Random(seed), FakeLedger(), Pool()
    merge_at = random.randrange(20)
    for step in range(20):
        owner = random.choice((ANNA, BERTA))
        status = random.choice(STATUSES)
        points = random.randrange(200) if status in {"pending", "due"} else 0
        line = f"{owner}{random.randrange(4)}"
        pool.say(quote(line, status, points, owner=owner))
        settled(ledger, pool, owner)
        if step == merge_at:
            ledger.merge(ANNA, BERTA)

    merged = ledger.entries_of(ANNA)
    assert violations(ledger.account(ANNA), merged, recomputed) == []
    assert (
        violations(ledger.account(BERTA), ledger.entries_of(BERTA), recomputed, merged=merged) == []
    )
    for each in pool.now.values():
        held = ledger.standing(each.owner, [each.line_id]).postings[each.line_id]
        if each.status == "due":
            assert held.points == each.points
