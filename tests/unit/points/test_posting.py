"""How one account becomes the next: debt, clawbacks by policy, stops of redemptions, sizes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.kernel.policies import Clawback, LedgerPolicy, Shortfall
from huixue.points.changes import Change
from huixue.points.model import Account, Entry, Frozen
from huixue.points.movements import adjustment, spend
from huixue.points.posting import InsufficientPointsError, as_of, posted
from tests.unit.points.fakes import ANNA, MAIN, NOW, POLICY, clawback, credit

EARLY, OWN, LATE = "2026-12-31|order", "2027-11-30|order", "2028-01-31|order"


def policy(shortfall: Shortfall = "debt", *, other_lots: bool = True) -> LedgerPolicy:
    return LedgerPolicy(
        programme_id=MAIN, clawback=Clawback(other_lots=other_lots, shortfall=shortfall)
    )


def after(
    *changes: Change, of: Account | None = None, by: LedgerPolicy = POLICY
) -> tuple[Account, list[Entry]]:
    return posted(of or Account(member_id=ANNA), changes, policy=by, now=NOW)


def rich() -> Account:
    return after(
        credit(10, key="1", lot=LATE), credit(10, key="2", lot=EARLY), credit(10, key="3", lot=OWN)
    )[0]


def test_nothing_to_enter_leaves_the_very_account() -> None:
    account = rich()

    same, entries = after(of=account)

    assert same is account
    assert entries == []


def test_one_posting_is_one_version_whatever_it_enters() -> None:
    account, entries = after(credit(1, key="a"), credit(2, key="b"), credit(3, key="c"))

    assert (account.version, account.entry_count, len(entries)) == (1, 3, 3)
    assert account.programme_id == MAIN
    assert account.recent == ("c", "b", "a")
    assert [entry.balance_after for entry in entries] == [1, 3, 6]
    assert entries[2].previous == ("b", "a")


def test_the_first_programme_stays_the_accounts() -> None:
    account, _ = after(credit(1, key="a"), of=rich(), by=LedgerPolicy(programme_id="other"))

    assert account.programme_id == MAIN


def test_a_spend_takes_what_expires_first() -> None:
    _, (entry,) = after(spend("s", 15, {}), of=rich())

    assert entry.lots == {EARLY: -10, OWN: -5}


def test_a_spend_of_more_than_there_is_takes_nothing() -> None:
    with pytest.raises(InsufficientPointsError) as refused:
        after(spend("s", 31, {}), of=rich())

    assert refused.value.facts == {"missing": 1}


def test_a_clawback_takes_its_own_lot_first_then_the_earliest() -> None:
    account, (entry,) = after(clawback(15, key="c", lot=OWN), of=rich())

    assert entry.lots == {EARLY: -5, OWN: -10}
    assert account.lots == {EARLY: 5, LATE: 10}


def test_where_other_lots_are_left_alone_what_is_missing_is_a_shortfall_at_once() -> None:
    account, (entry,) = after(
        clawback(15, key="c", lot=OWN), of=rich(), by=policy(other_lots=False)
    )

    assert entry.lots == {OWN: -10}
    assert (account.available, account.debt) == (20, 5)


def test_a_manual_debit_takes_from_all_lots_also_where_clawbacks_leave_them_alone() -> None:
    account, (entry,) = after(
        adjustment("a", -25, NOW.date(), POLICY, {}), of=rich(), by=policy(other_lots=False)
    )

    assert entry.lots == {EARLY: -10, OWN: -10, LATE: -5}
    assert (account.available, account.debt) == (5, 0)


@pytest.mark.parametrize(
    ("shortfall", "balance", "debt", "lost", "frozen"),
    [("debt", -30, 30, 0, False), ("freeze", -30, 30, 0, True), ("write_off", 0, 0, 30, False)],
)
@pytest.mark.parametrize("other_lots", [True, False])
def test_each_policy_explains_credited_less_clawed_less_lost(
    shortfall: Shortfall, balance: int, debt: int, lost: int, frozen: bool, other_lots: bool
) -> None:
    by = policy(shortfall, other_lots=other_lots)

    account, entries = after(
        credit(100, key="c", lot=OWN), spend("s", 30, {}), clawback(100, key="r", lot=OWN), by=by
    )

    clawed = entries[-1]
    assert (account.balance, account.debt, account.available) == (balance, debt, 0)
    assert (clawed.points, clawed.written_off) == (-100 + lost, lost)
    assert 100 - 30 + clawed.points - 0 == balance
    assert account.is_frozen(NOW) is frozen
    assert account.lifetime == 0, "what was taken back is not earned, also where it was not there"
    assert clawed.debt == debt


def test_new_credits_repay_debt_first_and_name_what_raised_it() -> None:
    indebted, _ = after(credit(30, key="c"), spend("s", 30, {}), clawback(30, key="r"))

    account, (entry,) = after(credit(100, key="n"), of=indebted)

    assert indebted.in_debt_since == "r"
    assert (account.available, account.debt, account.balance) == (70, 0, 70)
    assert (entry.repays, entry.debt, entry.points) == ("r", -30, 100)
    assert account.in_debt_since is None


def test_a_credit_smaller_than_the_debt_leaves_nothing_to_spend() -> None:
    indebted, _ = after(credit(30, key="c"), spend("s", 30, {}), clawback(30, key="r"))

    account, (entry,) = after(credit(20, key="n"), of=indebted)

    assert (account.available, account.debt, account.lots) == (0, 10, {})
    assert (entry.lots, entry.repays, account.in_debt_since) == ({}, "r", "r")


def test_the_debt_is_named_by_the_entry_that_raised_it_last() -> None:
    indebted, _ = after(clawback(5, key="one"), clawback(5, key="two"))

    _, (entry,) = after(credit(1, key="n"), of=indebted)

    assert entry.repays == "two"
    assert [each.repays for each in after(clawback(5, key="x"), of=indebted)[1]] == [None]


def test_where_other_lots_are_left_alone_only_what_comes_in_repays() -> None:
    by = policy(other_lots=False)
    indebted, _ = after(clawback(15, key="c", lot=OWN), of=rich(), by=by)

    account, (entry,) = after(credit(8, key="n", lot=LATE), of=indebted, by=by)

    assert entry.lots == {LATE: 3}
    assert (account.available, account.debt) == (23, 0)


def test_an_entry_without_points_moves_no_lot_where_a_programme_begins_to_use_all_lots() -> None:
    indebted, _ = after(clawback(15, key="c", lot=OWN), of=rich(), by=policy(other_lots=False))
    waiting = Change(source_key="p", scene="order_pending", pending=5, source={"kind": "test"})

    account, (entry,) = after(waiting, of=indebted)

    assert entry.lots == {}
    assert (account.lots, account.debt) == (indebted.lots, 5)


def test_a_credit_without_debt_repays_nothing() -> None:
    _, (entry,) = after(credit(100, key="n"))

    assert entry.repays is None


def test_without_debt_nobody_is_stopped() -> None:
    account, _ = after(
        credit(30, key="c"), spend("s", 5, {}), clawback(5, key="r"), by=policy("freeze")
    )

    assert account.frozen is None


def test_a_stop_by_debt_stays_when_the_debt_is_repaid() -> None:
    indebted, _ = after(clawback(5, key="r"), by=policy("freeze"))

    account, _ = after(credit(10, key="n"), of=indebted, by=policy("freeze"))

    assert account.debt == 0
    assert account.frozen == Frozen(reason="debt", since=NOW)


def test_a_stop_without_an_end_is_not_replaced_and_one_with_an_end_is_outlasted() -> None:
    audit = Frozen(reason="audit", since=NOW)
    ban = Frozen(reason="refunds", since=NOW, until=NOW + timedelta(days=9))

    for before, expected in ((audit, "audit"), (ban, "debt")):
        account, _ = after(
            clawback(5, key="r"), of=replace(rich(), lots={}, balance=0, frozen=before),
            by=policy("freeze"),
        )  # fmt: skip
        assert account.frozen is not None
        assert account.frozen.reason == expected
        assert account.frozen.until is None


def test_reading_an_account_as_of_now_changes_nothing_where_nothing_is_due() -> None:
    assert as_of(rich(), POLICY, NOW) == rich()
