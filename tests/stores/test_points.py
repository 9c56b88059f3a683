"""The ledger on real tables: what the model says is what is stored, page for page, and nothing goes in twice."""

from __future__ import annotations

from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.errors import CursorInvalidError
from huixue.kernel.ids import LineId, MemberId, derived_id
from huixue.points.audit import violations
from huixue.points.model import Account, Entry, changes_for, posted
from huixue.points.ports import LedgerChangedError
from huixue.points.store import LedgerStore
from huixue.points.use_cases import balance, list_entries, settle
from tests.engines.tables import TableNames
from tests.unit.dynamodb.answers import ScriptedClient
from tests.unit.points.fakes import ANNA, BERTA, NOW, Pool, quote, recomputed

exact = pytest.mark.exact_engines


@pytest.fixture
def database(dynamodb: Any) -> Database:
    return Database(dynamodb)


@pytest.fixture
def ledger(database: Database, tables: TableNames) -> LedgerStore:
    return LedgerStore(database, tables.points)


def line_id(number: int) -> str:
    return LineId(derived_id("lin", str(number)))


def credit(ledger: LedgerStore, *lines: int, member_id: MemberId = ANNA) -> list[Entry]:
    """One posting with a credit of 10 points for each line."""
    pool = Pool()
    pool.say(*[quote(line_id(line), "due", 10, owner=member_id) for line in lines])
    return settle(member_id, ["o1"], quotes=pool, ledger=ledger, now=lambda: NOW)


def filled(ledger: LedgerStore, entries: int) -> None:
    for start in range(0, entries, 25):
        credit(ledger, *range(start, min(start + 25, entries)))


@exact
def test_what_is_posted_is_read_back_whole(ledger: LedgerStore) -> None:
    entries = credit(ledger, 1, 2, 3)

    account, stored = ledger.whole(ANNA)

    assert sorted(stored, key=lambda entry: entry.number) == entries
    assert account.balance == 30
    assert account == ledger.account(ANNA) == ledger.standing(ANNA, []).account
    assert violations(account, stored, recomputed) == []


@exact
def test_a_posting_against_an_account_that_moved_on_posts_nothing(ledger: LedgerStore) -> None:
    before = ledger.standing(ANNA, []).account
    late = changes_for([quote(line_id(9), "due", 5)], {})
    after, entries = posted(before, late, NOW)
    credit(ledger, 1)

    with pytest.raises(LedgerChangedError):
        ledger.post(before, after, entries)

    assert ledger.account(ANNA).balance == 10
    assert len(ledger.whole(ANNA)[1]) == 1


@exact
def test_an_entry_that_is_there_stops_the_whole_posting_although_the_version_fits(
    ledger: LedgerStore,
) -> None:
    credit(ledger, 1)
    account = ledger.standing(ANNA, []).account
    both = changes_for([quote(line_id(2), "due", 5), quote(line_id(1), "due", 5)], {})
    after, entries = posted(account, both, NOW)

    with pytest.raises(LedgerChangedError):
        ledger.post(account, after, entries)

    assert ledger.whole(ANNA)[0] == account
    assert len(ledger.whole(ANNA)[1]) == 1


@exact
def test_a_first_posting_that_was_made_already_is_not_made_again(ledger: LedgerStore) -> None:
    nobody = Account(member_id=ANNA)
    after, entries = posted(nobody, changes_for([quote(line_id(1), "due", 5)], {}), NOW)
    ledger.post(nobody, after, entries)

    with pytest.raises(LedgerChangedError):
        ledger.post(nobody, after, entries)

    assert ledger.account(ANNA).balance == 5


@exact
@pytest.mark.parametrize("count", [0, 1, 6, 7])
def test_short_ledgers_are_listed_in_pages(ledger: LedgerStore, count: int) -> None:
    filled(ledger, count)

    assert listed(ledger, limit=3) == list(range(count, 0, -1))


@exact
def test_a_long_ledger_is_listed_in_pages_that_stand_still_while_entries_come(
    ledger: LedgerStore,
) -> None:
    filled(ledger, 250)

    first = list_entries(ANNA, limit=20, start=None, ledger=ledger)
    credit(ledger, 1000, 1001)
    numbers = [entry.number for entry in first.entries]
    place = first.next_place
    while place is not None:
        page = list_entries(ANNA, limit=20, start=place, ledger=ledger)
        numbers += [entry.number for entry in page.entries]
        place = page.next_place

    assert numbers == list(range(250, 0, -1))
    assert listed(ledger, limit=100) == list(range(252, 0, -1))


@exact
def test_cursors_that_name_no_entry_of_hers_are_refused(ledger: LedgerStore) -> None:
    credit(ledger, 1)

    for cursor in ("ACCOUNT", "line#x#0001", "E#", "甲" * 80, "x" * 256):
        with pytest.raises(CursorInvalidError):
            list_entries(ANNA, limit=5, start=cursor, ledger=ledger)
    with pytest.raises(CursorInvalidError):
        list_entries(BERTA, limit=5, start=f"line#{line_id(1)}#0001", ledger=ledger)


@exact
def test_a_merger_moves_the_points_and_what_comes_later_follows(
    ledger: LedgerStore, database: Database
) -> None:
    credit(ledger, 1, 2)
    credit(ledger, 3, member_id=BERTA)

    database.transact(ledger.merge_writes(ANNA, BERTA, NOW))
    pool = Pool()
    pool.say(quote(line_id(1), "due", 4), quote(line_id(7), "due", 1))
    settle(ANNA, ["o1"], quotes=pool, ledger=ledger, now=lambda: NOW)

    gone, gone_entries = ledger.whole(ANNA)
    survivor, entries = ledger.whole(BERTA)
    assert (gone.balance, gone.merged_into) == (0, BERTA)
    assert survivor.balance == 10 + 20 - 6 + 1
    assert balance(ANNA, ledger=ledger) == survivor
    assert ledger.merge_writes(ANNA, BERTA, NOW) == []
    assert ledger.merged_entries(entries) == gone_entries
    assert violations(gone, gone_entries, recomputed) == []
    assert violations(survivor, entries, recomputed, merged=gone_entries) == []


@exact
def test_a_merger_fails_if_either_account_was_posted_to_meanwhile(
    ledger: LedgerStore, database: Database
) -> None:
    credit(ledger, 1)
    for busy, line in ((ANNA, 2), (BERTA, 3)):
        writes = ledger.merge_writes(ANNA, BERTA, NOW)
        credit(ledger, line, member_id=busy)

        with pytest.raises(Exception, match="does not hold"):
            database.transact(writes)

    assert ledger.account(ANNA).merged_into is None
    assert ledger.account(ANNA).balance + ledger.account(BERTA).balance == 30


@exact
def test_a_posting_on_an_account_that_was_merged_meanwhile_posts_nothing(
    ledger: LedgerStore, database: Database
) -> None:
    before = ledger.standing(ANNA, []).account
    after, entries = posted(before, changes_for([quote(line_id(1), "due", 5)], {}), NOW)
    database.transact(ledger.merge_writes(ANNA, BERTA, NOW))

    with pytest.raises(LedgerChangedError):
        ledger.post(before, after, entries)


def test_everything_is_walked_page_by_page(ledger: LedgerStore) -> None:
    credit(ledger, *range(25))
    credit(ledger, *range(100, 110), member_id=BERTA)

    items = list(ledger.everything())

    assert len(items) == 25 + 10 + 2


def test_an_entry_that_an_eventual_read_does_not_show_yet_is_read_consistently() -> None:
    """Engines here are never late; this one is."""
    client = ScriptedClient({"Responses": {"points": []}})
    ledger = LedgerStore(Database(client), "points")

    assert ledger.entries(ANNA, ["line#a#0001"]) == {}

    sent = [request["RequestItems"]["points"] for _, request in client.requests]
    assert [each["ConsistentRead"] for each in sent] == [False, True]


def test_what_a_posting_is_decided_on_is_read_consistently() -> None:
    first = {"pk": {"S": ANNA}, "sk": {"S": "E#line#a#0001"}}
    client = ScriptedClient({"Responses": {"points": [first]}}, {"Items": []})

    LedgerStore(Database(client), "points").standing(ANNA, ["a"])

    (_, batch), (_, query) = client.requests
    assert batch["RequestItems"]["points"]["ConsistentRead"]
    assert query["ConsistentRead"]


def test_a_posting_of_k_lines_is_one_transaction_of_conditional_writes(ledger: LedgerStore) -> None:
    nobody = Account(member_id=ANNA)
    changes = changes_for([quote(line_id(n), "due", 5) for n in range(3)], {})
    after, entries = posted(nobody, changes, NOW)

    first = ledger.posting(nobody, after, entries)
    later = ledger.posting(after, after, entries)

    assert [write.condition for write in first] == ["attribute_not_exists(pk)"] * 4
    assert [write.condition for write in later[-1:]] == ["version = :version"]
    assert later[-1].values == {":version": 1}


def listed(ledger: LedgerStore, *, limit: int) -> list[int]:
    numbers: list[int] = []
    start: str | None = None
    while True:
        page = list_entries(ANNA, limit=limit, start=start, ledger=ledger)
        numbers += [entry.number for entry in page.entries]
        start = page.next_place
        if start is None:
            return numbers
