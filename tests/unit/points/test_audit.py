"""The audit finds every broken invariant by its name, and nothing in a ledger that is sound (LG-E1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huixue.points import movements, moving
from huixue.points.audit import line_postings, violations
from huixue.points.model import Account, Entry, Hold
from huixue.points.use_cases import settle
from tests.unit.points.fakes import (
    ANNA,
    BERTA,
    MAIN,
    NOW,
    POLICY,
    FakeLedger,
    Pool,
    desk_of,
    quote,
    recomputed,
)


def settled(ledger: FakeLedger, pool: Pool, member: str = ANNA) -> None:
    settle(ANNA if member == ANNA else BERTA, ["o1"], quotes=pool, desk=desk_of(ledger))


@pytest.fixture
def ledger() -> FakeLedger:
    """Credits, a clawback, pending points, a spend, a hold."""
    ledger, pool = FakeLedger(), Pool()
    for line in range(7):
        pool.say(quote(f"l{line}", "due", 10 + line))
        settled(ledger, pool)
    pool.say(quote("l3", "due", 4), quote("p", "pending", 50))
    settled(ledger, pool)
    moving.spend(ANNA, MAIN, "s", 5, {}, desk=desk_of(ledger))
    moving.open_hold(ANNA, MAIN, "h", 5, NOW + timedelta(days=1), {}, desk=desk_of(ledger))
    return ledger


def rules_broken(account: Account, entries: list[Entry]) -> set[str]:
    return {each.rule for each in violations(account, entries, recomputed)}


def with_broken(ledger: FakeLedger, key: str, broken: Mapping[str, Any]) -> list[Entry]:
    return [
        replace(entry, **broken) if entry.source_key == key else entry
        for entry in ledger.entries_of(ANNA)
    ]


def test_a_sound_account_has_no_violation(ledger: FakeLedger) -> None:
    assert rules_broken(ledger.account(ANNA), ledger.entries_of(ANNA)) == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("balance", 1000), ("pending", 49), ("held", 4), ("lifetime", 0), ("entry_count", 10),
        ("lots", {"2027-11-30|order": 1}), ("holds", {}), ("qualifying", {"2026": 1}),
        ("recent", ("line#l0#0001",)), ("recent", ()), ("in_debt_since", "line#l0#0001"),
        ("caps", {"c": ("2026", 1)}),
    ],
)  # fmt: skip
def test_each_broken_fact_of_an_account_is_found_by_its_name(
    ledger: FakeLedger, name: str, value: object
) -> None:
    broken: dict[str, Any] = {name: value}
    account = replace(ledger.account(ANNA), **broken)

    assert rules_broken(account, ledger.entries_of(ANNA)) == {f"{name} = what the entries come to"}


@pytest.mark.parametrize(
    ("key", "broken", "rule"),
    [
        ("line#l5#0001", {"balance_after": 1}, "balance after line#l5#0001"),
        ("line#l5#0001", {"previous": ()}, "entries before line#l5#0001"),
        ("line#l5#0001", {"explanation": {"worth": 16}}, "line l5 explains itself"),
        ("line#l5#0001", {"explanation": None}, "line l5 explains itself"),
        ("line#l5#0001", {"number": 5}, "entry numbers without a gap"),
        ("line#l5#0001", {"lots": {"a|order": 16}}, "lots of line#l5#0001 within its points"),
        ("line#l5#0001", {"lots": {}}, "debt is not negative"),
        ("line#l5#0001", {"lots": {"a|order": -1}}, "no lot below 1"),
        ("line#p#0001", {"explanation": {"worth": 49}}, "line p explains itself"),
        ("spend#s", {"lots": {}}, "lots of spend#s"),
        ("spend#s", {"lots": {"2027-11-30|order": -6}}, "lots of spend#s"),
        ("hold#h", {"lots": {"2027-11-30|order": -4}}, "held = lots of open holds"),
        ("line#p#0001", {"pending": -1}, "pending is not negative"),
    ],
)
def test_each_broken_fact_of_an_entry_is_found_by_its_name(
    ledger: FakeLedger, key: str, broken: dict[str, Any], rule: str
) -> None:
    assert rule in rules_broken(ledger.account(ANNA), with_broken(ledger, key, broken))


def test_an_entry_and_an_account_that_were_forged_alike_are_found(ledger: FakeLedger) -> None:
    """Free goods: the spend says it took from the balance but no lot did, and the account agrees."""
    account = ledger.account(ANNA)
    entries = with_broken(ledger, "spend#s", {"lots": {}})
    forged = replace(
        account, lots={"2027-11-30|order": account.available + 5}, in_debt_since="spend#s"
    )

    assert rules_broken(forged, entries) == {"lots of spend#s"}


def test_a_violation_says_whose_it_is_and_what_was_found(ledger: FakeLedger) -> None:
    account = replace(ledger.account(ANNA), held=4)

    (violation,) = violations(account, ledger.entries_of(ANNA), recomputed)

    assert (violation.member_id, violation.found, violation.expected) == (ANNA, "4", "5")


def test_a_hold_that_was_forged_is_found(ledger: FakeLedger) -> None:
    forged = {"x": Hold(until=NOW, lots={"2027-11-30|order": 5})}

    account = replace(ledger.account(ANNA), holds=forged)

    assert rules_broken(account, ledger.entries_of(ANNA)) == {"holds = what the entries come to"}


def test_a_lost_entry_is_found(ledger: FakeLedger) -> None:
    entries = [e for e in ledger.entries_of(ANNA) if e.source_key != "line#l5#0001"]

    found = rules_broken(ledger.account(ANNA), entries)

    assert {"balance = what the entries come to", "entry numbers without a gap"} <= found


def test_a_line_credited_twice_is_found_although_every_sum_agrees(ledger: FakeLedger) -> None:
    pool = Pool()
    pool.say(quote("l5", "due", 30))
    settled(ledger, pool)
    entries = with_broken(ledger, "line#l5#0002", {"explanation": {"worth": 15}})

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


def test_lines_are_summed_over_their_entries(ledger: FakeLedger) -> None:
    postings = {line: held for line, held, _ in line_postings(ledger.entries_of(ANNA))}

    assert len(postings) == 8
    assert (postings["l3"].points, postings["l3"].peak, postings["l3"].count) == (4, 13, 2)
    assert postings["p"].pending == 50


def test_a_sheet_that_no_entry_wrote_is_found_and_so_is_one_that_was_lost(
    ledger: FakeLedger,
) -> None:
    change = movements.reward(
        "check_in#2026-11-20", "check_in", 0, NOW.date(), POLICY, {}, check_in_sheet="hers"
    )
    moving.entered(ANNA, MAIN, change.source_key, {}, lambda *_: [change], desk=desk_of(ledger))
    account, entries = ledger.whole(ANNA)

    for forged in ("another", ""):
        (found,) = violations(replace(account, check_in_sheet=forged), entries, recomputed)
        assert found.rule == "check_in_sheet = what the entries come to"
        assert (found.found, found.expected) == (forged, "hers")
    assert violations(replace(account, erased_at=NOW), entries, recomputed) == []


def test_a_make_up_takes_from_lots_to_the_point(ledger: FakeLedger) -> None:
    change = movements.make_up("check_in#2026-11-20", 2, {}, check_in_sheet="hers")
    moving.entered(ANNA, MAIN, change.source_key, {}, lambda *_: [change], desk=desk_of(ledger))
    account, entries = ledger.whole(ANNA)
    short = [replace(each, lots={}) if each.scene == "make_up" else each for each in entries]

    assert violations(account, entries, recomputed) == []
    assert "lots of check_in#2026-11-20" in {
        each.rule for each in violations(account, short, recomputed)
    }
