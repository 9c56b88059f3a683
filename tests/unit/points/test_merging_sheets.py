"""What the check-ins of two people who are one come to, after a merger of their accounts."""

from __future__ import annotations

import pytest

from huixue.points import movements, moving
from huixue.points.audit import violations
from huixue.points.model import Account
from huixue.points.posting import posted
from huixue.points.rebuilding import differences, rebuilt
from tests.unit.points.fakes import ANNA, BERTA, MAIN, NOW, POLICY, FakeLedger, desk_of, recomputed


def checks_in(ledger: FakeLedger, member: str, sheet: str, day: str = "2026-11-20") -> None:
    key = f"check_in#{day}"
    change = movements.reward(key, "check_in", 2, NOW.date(), POLICY, {}, check_in_sheet=sheet)
    hers = ANNA if member == ANNA else BERTA
    moving.entered(hers, MAIN, key, {}, lambda *_: [change], desk=desk_of(ledger))


@pytest.mark.parametrize(
    ("old", "new", "both"), [("a", "b", "b+a"), ("a", "", "a"), ("", "b", "b"), ("", "", "")]
)
def test_the_survivor_has_what_both_come_to_and_the_other_nothing(
    old: str, new: str, both: str
) -> None:
    ledger = FakeLedger()
    for member, sheet in ((ANNA, old), (BERTA, new)):
        moving.grant(ANNA if member == ANNA else BERTA, MAIN, "g", 1, {}, desk=desk_of(ledger))
        if sheet:
            checks_in(ledger, member, sheet)

    ledger.merge(ANNA, BERTA)

    gone, survivor = ledger.account(ANNA), ledger.account(BERTA)
    assert (gone.check_in_sheet, survivor.check_in_sheet) == ("", both)
    for account in (gone, survivor):
        entries = ledger.entries_of(account.member_id)
        assert differences(account, rebuilt(account, entries)) == {}
        merged = ledger.entries_of(ANNA) if account is survivor else []
        assert violations(account, entries, recomputed, merged=merged) == []


def test_the_entry_of_the_merger_tells_the_joined_sheet_only_where_one_came_along() -> None:
    ledger = FakeLedger()
    checks_in(ledger, BERTA, "b")
    ledger.merge(ANNA, BERTA)
    assert ledger.by_key[BERTA, f"merge#{ANNA}"].check_in_sheet is None

    other = FakeLedger()
    checks_in(other, ANNA, "a")
    checks_in(other, BERTA, "b")
    other.merge(ANNA, BERTA)
    assert other.by_key[BERTA, f"merge#{ANNA}"].check_in_sheet == "b+a"
    assert other.by_key[ANNA, f"merge#{BERTA}"].check_in_sheet is None


def test_the_next_day_goes_on_from_the_joined_sheet() -> None:
    ledger = FakeLedger()
    checks_in(ledger, ANNA, "a")
    checks_in(ledger, BERTA, "b")
    ledger.merge(ANNA, BERTA)

    checks_in(ledger, ANNA, "c", "2026-11-21")

    assert ledger.account(BERTA).check_in_sheet == "c"
    assert ledger.account(BERTA).balance == 6


def test_a_movement_that_says_nothing_of_days_leaves_the_sheet() -> None:
    account = Account(member_id=ANNA, version=1, check_in_sheet="a")

    after, (entry,) = posted(
        account, [movements.grant("g", 1, NOW.date(), POLICY, {})], policy=POLICY, now=NOW
    )

    assert (after.check_in_sheet, entry.check_in_sheet) == ("a", None)
