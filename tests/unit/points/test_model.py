"""What the values say of themselves: debt, a stop of redemptions, what the ledger holds for a line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import get_args

from huixue.points.model import (
    EARNING,
    Account,
    Frozen,
    Hold,
    LinePostings,
    Scene,
    added_to,
    line_source_key,
)
from huixue.points.posting import posted
from tests.unit.points.fakes import ANNA, NOW, POLICY, clawback, credit

EMPTY = Account(member_id=ANNA)


def test_debt_is_what_the_lots_hold_beyond_the_balance() -> None:
    account = replace(EMPTY, balance=-20, lots={"never|order": 10})

    assert (account.available, account.debt) == (10, 30)
    assert Hold(until=NOW, lots={"a|x": 2, "b|x": 3}).points == 5


def test_a_stop_ends_at_its_instant_or_when_it_is_lifted() -> None:
    limited = replace(EMPTY, frozen=Frozen(reason="refunds", since=NOW, until=NOW))
    endless = replace(EMPTY, frozen=Frozen(reason="audit", since=NOW))

    assert limited.is_frozen(NOW - timedelta(microseconds=1))
    assert not limited.is_frozen(NOW)
    assert endless.is_frozen(NOW + timedelta(days=9999))
    assert not EMPTY.is_frozen(NOW)


def test_what_the_ledger_holds_for_a_line_is_the_sum_of_its_entries() -> None:
    account, entries = posted(
        EMPTY, [credit(100, key="1"), clawback(40, key="2")], policy=POLICY, now=NOW
    )
    first, second = entries
    first = replace(first, bonus=20, capped=7, lot="2027-11-30|order")
    second = replace(second, bonus=-8, written_off=3, pending=5)

    held = added_to(added_to(LinePostings(), first), second)

    assert held == LinePostings(
        count=2, points=60, pending=5, peak=100, bonus=12, capped=7, written_off=3,
        lot="2027-11-30|order", credited_on=NOW.date(),
    )  # fmt: skip
    assert held.settled == 60 + 7 - 3
    assert (held.told().points, held.told().peak, held.told().settled) == (60, 100, held.settled)
    assert account.balance == 60


def test_a_line_is_credited_on_the_day_of_its_first_credit_not_of_its_first_entry() -> None:
    _, (entry,) = posted(EMPTY, [credit(10, key="1")], policy=POLICY, now=NOW)
    waiting = replace(entry, points=0, pending=10, business_date=NOW.date() - timedelta(days=9))

    held = added_to(added_to(LinePostings(), waiting), entry)

    assert held.credited_on == NOW.date()
    assert added_to(LinePostings(), waiting).credited_on is None


def test_keys_of_a_lines_entries_sort_in_their_order() -> None:
    assert line_source_key("lin_a", 12) == "line#lin_a#0012"


def test_only_scenes_that_are_known_earn() -> None:
    assert set(EARNING) < set(get_args(Scene))
