"""The ledger on real tables: what the model says is what is stored, page for page, and nothing goes in twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import encoded
from huixue.kernel.errors import CursorInvalidError
from huixue.kernel.policies import LedgerPolicy
from huixue.points.audit import violations
from huixue.points.changes import Change
from huixue.points.lines import changes_for
from huixue.points.model import Account
from huixue.points.ports import LedgerChangedError
from huixue.points.posting import posted
from huixue.points.records import entry_item
from huixue.points.store import LedgerStore
from huixue.points.use_cases import balance, list_entries, settle
from tests.engines.tables import TableNames
from tests.stores.ledgers import credit, filled, line_id, listed
from tests.unit.dynamodb.answers import ScriptedClient
from tests.unit.points.fakes import ANNA, BERTA, NOW, POLICY, Pool, desk_of, quote, recomputed

exact = pytest.mark.exact_engines


@pytest.fixture
def database(dynamodb: Any) -> Database:
    return Database(dynamodb)


@pytest.fixture
def ledger(database: Database, tables: TableNames) -> LedgerStore:
    return LedgerStore(database, tables.points)


def lines(*worth: tuple[int, int]) -> list[Change]:
    """First credits of so many points for each line."""
    quotes = [quote(line_id(line), "due", points) for line, points in worth]
    return changes_for(quotes, {}, policy=POLICY, today=NOW.date())


def policy_of(programme_id: str) -> LedgerPolicy:
    return replace(POLICY, programme_id=programme_id)


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
    late = lines((9, 5))
    after, entries = posted(before, late, policy=POLICY, now=NOW)
    credit(ledger, 1)

    with pytest.raises(LedgerChangedError):
        ledger.post(before, after, entries, policy=POLICY, shared={})

    assert ledger.account(ANNA).balance == 10
    assert len(ledger.whole(ANNA)[1]) == 1


@exact
def test_an_entry_that_is_there_stops_the_whole_posting_although_the_version_fits(
    ledger: LedgerStore,
) -> None:
    credit(ledger, 1)
    account = ledger.standing(ANNA, []).account
    both = lines((2, 5), (1, 5))
    after, entries = posted(account, both, policy=POLICY, now=NOW)

    with pytest.raises(LedgerChangedError):
        ledger.post(account, after, entries, policy=POLICY, shared={})

    assert ledger.whole(ANNA)[0] == account
    assert len(ledger.whole(ANNA)[1]) == 1


@exact
def test_a_first_posting_that_was_made_already_is_not_made_again(ledger: LedgerStore) -> None:
    nobody = Account(member_id=ANNA)
    after, entries = posted(nobody, lines((1, 5)), policy=POLICY, now=NOW)
    ledger.post(nobody, after, entries, policy=POLICY, shared={})

    with pytest.raises(LedgerChangedError):
        ledger.post(nobody, after, entries, policy=POLICY, shared={})

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

    database.transact(ledger.merge_writes(ANNA, BERTA, policy_of, NOW, max))
    pool = Pool()
    pool.say(quote(line_id(1), "due", 4), quote(line_id(7), "due", 1))
    settle(ANNA, ["o1"], quotes=pool, desk=desk_of(ledger))

    gone, gone_entries = ledger.whole(ANNA)
    survivor, entries = ledger.whole(BERTA)
    assert (gone.balance, gone.merged_into) == (0, BERTA)
    assert survivor.balance == 10 + 20 - 6 + 1
    assert balance(ANNA, desk=desk_of(ledger)) == survivor
    assert ledger.merge_writes(ANNA, BERTA, policy_of, NOW, max) == []
    assert ledger.merged_entries(entries) == gone_entries
    assert violations(gone, gone_entries, recomputed) == []
    assert violations(survivor, entries, recomputed, merged=gone_entries) == []


@exact
def test_a_merger_fails_if_either_account_was_posted_to_meanwhile(
    ledger: LedgerStore, database: Database
) -> None:
    credit(ledger, 1)
    for busy, line in ((ANNA, 2), (BERTA, 3)):
        writes = ledger.merge_writes(ANNA, BERTA, policy_of, NOW, max)
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
    after, entries = posted(before, lines((1, 5)), policy=POLICY, now=NOW)
    database.transact(ledger.merge_writes(ANNA, BERTA, policy_of, NOW, max))

    with pytest.raises(LedgerChangedError):
        ledger.post(before, after, entries, policy=POLICY, shared={})


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
    _, (entry,) = posted(Account(member_id=ANNA), lines((1, 5)), policy=POLICY, now=NOW)
    first = encoded(entry_item(replace(entry, source_key="line#a#0001")))
    client = ScriptedClient({"Responses": {"points": [first]}}, {"Items": []})

    LedgerStore(Database(client), "points").standing(ANNA, ["a"])

    (_, batch), (_, query) = client.requests
    assert batch["RequestItems"]["points"]["ConsistentRead"]
    assert query["ConsistentRead"]


def test_a_posting_of_k_lines_is_one_transaction_of_conditional_writes(ledger: LedgerStore) -> None:
    nobody = Account(member_id=ANNA)
    changes = lines((0, 5), (1, 5), (2, 5))
    after, entries = posted(nobody, changes, policy=POLICY, now=NOW)

    first = ledger.posting(nobody, after, entries)
    later = ledger.posting(after, after, entries)

    assert [write.condition for write in first] == ["attribute_not_exists(pk)"] * 4
    assert [write.condition for write in later[-1:]] == ["version = :version"]
    assert later[-1].values == {":version": 1}
