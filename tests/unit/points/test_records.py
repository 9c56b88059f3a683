"""Items of the ledger: they come back whole, stay within 1 KB, and never expire."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.dynamodb.items import decoded, encoded
from huixue.kernel.ids import LineId, MemberId, derived_id
from huixue.points import movements
from huixue.points.changes import Change
from huixue.points.model import Account, Entry, Frozen, Hold, TierStanding
from huixue.points.posting import posted
from huixue.points.records import (
    account_from,
    account_item,
    due_shard,
    due_shards,
    entry_from,
    entry_item,
    is_entry,
    source_key_from,
)
from tests.bench.sizes import item_bytes
from tests.engines.cloudformation import resources
from tests.engines.tables import DATA_TEMPLATE
from tests.unit.points.fakes import ANNA, NOW, POLICY, clawback, credit

ONE_WRITE_UNIT_BYTES = 1024
MONTHS = [*(f"2026-{month:02}" for month in (11, 12)), *(f"2027-{m:02}" for m in range(1, 12))]
"""A lot lives to the end of the month 12 months on: 13 months at once."""
HER_ID = MemberId(derived_id("mem", "anna"))
"""As long as every member id is."""
LARGE = 10**10
SHEET = "1.2026-08-17.123.456.VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVU.AAHAgOBAVDgchgFiAKigUjAc"
"""What 95 days in a row and eight milestones come to."""


def line_change(line: int, ordinal: int) -> Change:
    """The longest content each field can have in practice: ids in full, the longest level, big sums."""
    line_id = LineId(derived_id("lin", f"line {line}"))
    return Change(
        source_key=f"line#{line_id}#{ordinal:04d}",
        scene="order_accrual",
        points=10**8,
        pending=-(10**8),
        bonus=10**7,
        capped_before=10**7,
        earns="order_accrual",
        qualifies=True,
        lot="2027-11-30|order",
        lots_in={"2027-11-30|order": 9 * 10**7, "2027-11-30|bonus": 10**7},
        source={
            "kind": "order_line", "line_id": line_id, "platform": "xiaohongshu",
            "order_hint": "1234…56",
        },
        explanation={
            "paid_fen": LARGE, "freight_fen": LARGE, "refunded_fen": LARGE, "base_fen": LARGE,
            "rule": "r" * 32 + "/xiaohongshu", "programme_version": 999_999,
            "rate_milli": 1_000_000, "multiplier_percent": 100_000, "level": "d" * 32,
            "rounding": "floor",
        },
    )  # fmt: skip


def full_account() -> Account:
    lots = {f"{month}-28|{kind}": 10**4 for month in MONTHS for kind in ("bonus", "order")}
    recent = tuple(f"line#{derived_id('lin', str(n))}#0001" for n in range(6))
    return Account(
        member_id=HER_ID, programme_id="main", balance=sum(lots.values()), lifetime=10**7,
        pending=10**4, lots=lots, version=10**4, entry_count=10**4, recent=recent,
        qualifying={"2026": 10**5, "2027": 10**5}, due_at=NOW,
        standing=TierStanding(period="2026", tier="gold"),
    )  # fmt: skip


def test_an_account_with_13_months_of_order_and_bonus_lots_is_one_write_unit() -> None:
    account = full_account()

    assert len(account.lots) == 26
    assert item_bytes(encoded(account_item(account))) <= ONE_WRITE_UNIT_BYTES


def test_an_account_with_13_months_of_lots_and_a_quarter_of_check_ins_is_one_write_unit() -> None:
    lots = {f"{month}-28|{kind}": 10**4 for month in MONTHS for kind in ("check_in", "order")}
    days = tuple(f"check_in#2026-11-{day}" for day in range(15, 21))
    account = replace(full_account(), lots=lots, recent=days, check_in_sheet=SHEET)

    assert item_bytes(encoded(account_item(account))) <= ONE_WRITE_UNIT_BYTES


def test_an_entry_of_a_day_with_a_long_sheet_is_one_write_unit() -> None:
    request = {
        "date": "2026-11-20", "streak": 2000, "made_up": True, "run_from": "2026-08-17",
        "rewards": [{"kind": "consecutive", "days": 2000, "points": 10**6}] * 3,
    }  # fmt: skip
    change = movements.make_up("check_in#2026-11-20", 10**6, request, check_in_sheet="A" * 200)
    account = replace(full_account(), balance=26 * 10**4)

    _, (entry,) = posted(account, [replace(change, points=-5)], policy=POLICY, now=NOW)

    assert len(entry.previous) == 6
    assert item_bytes(encoded(entry_item(entry))) <= ONE_WRITE_UNIT_BYTES


def test_an_entry_and_an_account_without_check_ins_say_nothing_of_them() -> None:
    assert "check_in_sheet" not in entry_item(entries()[0])
    assert not {"check_in_sheet", "erased_at"} & set(account_item(full_account()))


def test_an_entry_with_the_longest_explanation_is_one_write_unit() -> None:
    account = replace(full_account(), recent=())
    entries: list[Entry] = []
    for line in range(7):
        account, entries = posted(account, [line_change(line, 9999)], policy=POLICY, now=NOW)

    assert len(entries[0].previous) == 6
    assert item_bytes(encoded(entry_item(entries[0]))) <= ONE_WRITE_UNIT_BYTES


def accounts() -> list[Account]:
    lots = {"2027-11-30|order": 3}
    full = full_account()
    return [
        Account(member_id=HER_ID, version=1),
        full,
        replace(full, holds={"h": Hold(until=NOW, lots=lots), "i": Hold(until=NOW, lots={})}),
        replace(full, frozen=Frozen(reason="audit", since=NOW)),
        replace(full, frozen=Frozen(reason="refunds", since=NOW, until=NOW + timedelta(days=1))),
        replace(full, caps={"c": ("2026-W47", 5), "d": ("total", 0)}),
        replace(full, standing=TierStanding(period="2027", floor="gold", tier="gold")),
        replace(full, balance=-7, lots={}, in_debt_since="line#x#0001"),
        replace(full, merged_into=ANNA, merged_from=(ANNA, HER_ID), due_at=None),
        replace(full, check_in_sheet="2026-11-01;AAAA"),
        replace(full, erased_at=NOW + timedelta(microseconds=1)),
    ]


@pytest.mark.parametrize("account", accounts())
def test_accounts_come_back_as_they_were_stored(account: Account) -> None:
    assert account_from(HER_ID, decoded(encoded(account_item(account)))) == account


def entries() -> list[Entry]:
    _, (plain, repaying) = posted(
        Account(member_id=HER_ID),
        [credit(5, key="a"), replace(line_change(1, 1), bonus=0, lots_in={"2027-11-30|order": 10**8})],
        policy=POLICY, now=NOW,
    )  # fmt: skip
    late = replace(plain, effective_at=NOW - timedelta(days=3), recorded_at=NOW)
    home = repaying
    return [
        plain,
        home,
        late,
        replace(home, lots={}, repays="line#x#0001"),
        replace(home, lots={home.lot or "": 1}, repays="line#x#0001"),
        replace(home, points=0, lots={}),
        replace(home, points=0, lots={}, written_off=-5, earned=5),
        replace(home, points=0, lots={}, capped=7, caps={}),
        replace(home, points=-3, lots={}, written_off=0),
        replace(home, points=-3, lots={home.lot or "": -3}, caps={"c|2026-11-20": -3}),
        replace(home, points=-3, lots={home.lot or "": -1, "never|x": -1}),
        replace(home, lot=None, lots={}),
        replace(home, lot=None, lots={}, points=0, explanation=None, pending=3),
        replace(plain, scene="hold", points=-5, held=5, lots={"never|x": -5}),
        replace(plain, qualifying={"2026": -4}, earned=-4, bonus=-1, previous=("x", "y")),
        replace(plain, scene="make_up", check_in_sheet="2026-11-01;AAAA"),
    ]


@pytest.mark.parametrize("entry", entries())
def test_entries_come_back_as_they_were_stored(entry: Entry) -> None:
    assert entry_from(decoded(encoded(entry_item(entry)))) == entry


def test_a_credit_that_went_wholly_into_debt_is_not_read_back_as_one_in_its_lot() -> None:
    indebted, _ = posted(Account(member_id=HER_ID), [clawback(50, key="r")], policy=POLICY, now=NOW)
    change = replace(line_change(1, 1), points=20, bonus=0, lots_in={"2027-11-30|order": 20})

    _, (entry,) = posted(indebted, [change], policy=POLICY, now=NOW)

    assert (entry.lot, entry.lots, entry.points) == ("2027-11-30|order", {}, 20)
    assert entry_from(decoded(encoded(entry_item(entry)))).lots == {}


def test_a_credit_in_its_home_lot_does_not_say_so_twice() -> None:
    item = entry_item(entries()[1])

    assert "lots" not in item
    assert entry_from(item).lots == {"2027-11-30|order": 10**8}


def test_an_account_that_was_never_written_is_an_empty_one() -> None:
    assert account_from(HER_ID, None) == Account(member_id=HER_ID)


def test_an_account_with_nothing_due_is_not_in_the_index_of_those_that_have() -> None:
    due = account_item(full_account())
    idle = account_item(replace(full_account(), due_at=None))

    assert due["due_shard"] == due_shard(HER_ID)
    assert due["due_at"] == "2026-11-20T04:00:00.000000Z"
    assert not {"due_shard", "due_at"} & set(idle)


def test_every_member_has_one_of_the_shards_and_all_shards_are_used() -> None:
    seen = {due_shard(derived_id("mem", str(n))) for n in range(2000)}

    assert seen == set(due_shards())
    assert len(due_shards()) == 64


def test_entries_are_told_from_other_items_by_their_key() -> None:
    assert is_entry(entry_item(entries()[0]))
    assert not is_entry(account_item(full_account()))
    assert source_key_from("E#line#a#0001") == "line#a#0001"


def test_nothing_in_the_points_table_can_expire() -> None:
    table = resources(DATA_TEMPLATE)["PointsTable"]["Properties"]

    assert "TimeToLiveSpecification" not in table
    names = {**account_item(full_account()), **entry_item(entries()[0])}
    assert not any("expire" in name or "ttl" in name for name in names)
