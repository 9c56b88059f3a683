"""Items of the ledger: they come back whole, stay within 1 KB, and never expire."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from huixue.dynamodb.items import decoded, encoded
from huixue.kernel.ids import LineId, MemberId, derived_id
from huixue.points.model import Account, Change, Entry, lot_key, merge_changes, posted
from huixue.points.records import account_from, account_item, entry_from, entry_item
from tests.bench.sizes import item_bytes
from tests.engines.cloudformation import resources
from tests.engines.tables import DATA_TEMPLATE
from tests.unit.points.fakes import NOW

ONE_WRITE_UNIT_BYTES = 1024
MONTHS_OF_LOTS = 13  # a lot lives to the end of the month 12 months on
LARGE = 10**10
HER_ID = MemberId(derived_id("mem", "anna"))
"""As long as every member id is."""


def line_change(line: int, ordinal: int, points: int) -> Change:
    """A change with the longest content each field can have in practice: ids in full, the longest level, big sums."""
    line_id = LineId(derived_id("lin", f"line {line}"))
    return Change(
        source_key=f"line#{line_id}#{ordinal:04d}",
        scene="order_clawback" if points < 0 else "order_accrual",
        points=points,
        pending=-points,
        lot=None,
        source={
            "kind": "order_line",
            "line_id": line_id,
            "platform": "xiaohongshu",
            "order_hint": "1234…56",
        },
        explanation={
            "paid_fen": LARGE,
            "freight_fen": LARGE,
            "refunded_fen": LARGE,
            "base_fen": LARGE,
            "rule": "r" * 32 + "/xiaohongshu",
            "programme_version": 999_999,
            "rate_milli": 1_000_000,
            "multiplier_percent": 100_000,
            "level": "d" * 32,
            "rounding": "floor",
        },
        lifetime=points,
    )


def worst_case() -> tuple[Account, Entry]:
    account = Account(
        member_id=HER_ID, balance=LARGE, lifetime=LARGE, pending=LARGE, version=10**6,
        entry_count=10**6,
    )  # fmt: skip
    lots = {
        lot_key(NOW + timedelta(days=30.5 * month), "order"): LARGE
        for month in range(MONTHS_OF_LOTS)
    }
    account = replace(account, lots=lots, balance=LARGE * MONTHS_OF_LOTS)
    entries: list[Entry] = []
    for line in range(8):
        account, entries = posted(account, [line_change(line, 9999, 10**8)], NOW)
    return replace(account, merged_into=HER_ID), entries[0]


def test_an_account_with_every_lot_and_the_longest_keys_is_one_write_unit() -> None:
    account, _ = worst_case()

    assert len(account.lots) == MONTHS_OF_LOTS
    assert item_bytes(encoded(account_item(account))) <= ONE_WRITE_UNIT_BYTES


def test_an_entry_with_the_longest_explanation_is_one_write_unit() -> None:
    _, entry = worst_case()

    assert len(entry.previous) == 6
    assert item_bytes(encoded(entry_item(entry))) <= ONE_WRITE_UNIT_BYTES


def test_accounts_and_entries_come_back_as_they_were_stored() -> None:
    account, entry = worst_case()

    item = decoded(encoded(account_item(account)))

    assert account_from(HER_ID, item) == account
    assert entry_from(decoded(encoded(entry_item(entry)))) == entry


def test_entries_of_a_merger_come_back_as_they_were_stored() -> None:
    account, _ = worst_case()
    _, into = merge_changes(account, Account(member_id=MemberId("mem_b")))
    _, (entry,) = posted(Account(member_id=MemberId("mem_b")), [into], NOW)

    assert entry_from(decoded(encoded(entry_item(entry)))) == entry


def test_an_account_that_was_never_written_is_an_empty_one() -> None:
    assert account_from(HER_ID, None) == Account(member_id=HER_ID)


def test_nothing_in_the_points_table_can_expire() -> None:
    table = resources(DATA_TEMPLATE)["PointsTable"]["Properties"]
    account, entry = worst_case()

    assert "TimeToLiveSpecification" not in table
    assert not any("expire" in name for name in {**account_item(account), **entry_item(entry)})
