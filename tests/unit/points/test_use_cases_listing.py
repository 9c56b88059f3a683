"""Pages of entries follow the chain from entry to entry, so that they stand still while new entries come."""

from __future__ import annotations

import pytest

from huixue.kernel.errors import ContentionError, CursorInvalidError
from huixue.points.model import Account
from huixue.points.use_cases import balance, list_entries
from tests.unit.points.fakes import ANNA, BERTA, FakeLedger, Pool, desk_of, quote
from tests.unit.points.test_audit import settled


def ledger_with(entries: int) -> FakeLedger:
    ledger, pool = FakeLedger(), Pool()
    for line in range(entries):
        pool.say(quote(f"l{line:03}", "due", 1))
        settled(ledger, pool)
    return ledger


def all_pages(ledger: FakeLedger, limit: int) -> list[list[int]]:
    pages, start = [], None
    while True:
        page = list_entries(ANNA, limit=limit, start=start, ledger=ledger)
        pages.append([entry.number for entry in page.entries])
        start = page.next_place
        if start is None:
            return pages


@pytest.mark.parametrize("count", [0, 1, 5, 6, 7, 12, 13, 20, 21, 60])
@pytest.mark.parametrize("limit", [1, 6, 20, 100])
def test_pages_show_every_entry_once_newest_first(count: int, limit: int) -> None:
    pages = all_pages(ledger_with(count), limit)

    assert [number for page in pages for number in page] == list(range(count, 0, -1))
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1] or count == 0


@pytest.mark.parametrize("cursor", ["no such entry", "ACCOUNT", "line#l001#0002", "x" * 256])
def test_a_cursor_that_names_no_entry_of_hers_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalidError):
        list_entries(ANNA, limit=5, start=cursor, ledger=ledger_with(3))


def test_a_cursor_of_another_member_is_refused() -> None:
    with pytest.raises(CursorInvalidError):
        list_entries(BERTA, limit=5, start="line#l001#0001", ledger=ledger_with(3))


def test_a_session_from_before_a_merger_reads_the_survivors_points() -> None:
    ledger = ledger_with(3)
    ledger.merge(ANNA, BERTA)

    assert balance(ANNA, desk=desk_of(ledger)).member_id == BERTA
    assert [e.scene for e in list_entries(ANNA, limit=5, start=None, ledger=ledger).entries] == [
        "merge_in"
    ]


def test_accounts_merged_in_a_loop_end_in_an_error_and_not_for_ever() -> None:
    ledger = FakeLedger()
    ledger.accounts[ANNA] = Account(member_id=ANNA, merged_into=BERTA)
    ledger.accounts[BERTA] = Account(member_id=BERTA, merged_into=ANNA)

    with pytest.raises(ContentionError):
        balance(ANNA, desk=desk_of(ledger))
