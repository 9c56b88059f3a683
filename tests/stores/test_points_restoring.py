"""Accounts on real tables that are stopped, broken and mended, and when a job should look at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.kernel.errors import ContentionError, NotFoundError
from huixue.kernel.ids import MemberId
from huixue.points import movements, moving
from huixue.points.model import Frozen
from huixue.points.ports import LedgerChangedError, LedgerDesk, Standing
from huixue.points.posting import posted
from huixue.points.rebuilding import differences, mended, rebuilt
from huixue.points.records import due_shard
from huixue.points.store import LedgerStore
from tests.engines.tables import TableNames
from tests.stores.ledgers import assert_sound, at_once, merge, patient_desk
from tests.unit.points.fakes import (
    ANNA,
    BERTA,
    MAIN,
    NOW,
    POLICY,
)

pytestmark = pytest.mark.exact_engines
CARLA = MemberId("mem_carla")
UNTIL = NOW + timedelta(days=1)
BAN = Frozen(reason="refunds", since=NOW, until=NOW + timedelta(days=30))


@pytest.fixture
def database(dynamodb: Any) -> Database:
    return Database(dynamodb)


@pytest.fixture
def ledger(database: Database, tables: TableNames) -> LedgerStore:
    return LedgerStore(database, tables.points)


@pytest.fixture
def desk(ledger: LedgerStore) -> LedgerDesk:
    return patient_desk(ledger)


def test_a_stop_changes_nothing_else_and_is_lifted_again(
    ledger: LedgerStore, desk: LedgerDesk
) -> None:
    moving.grant(ANNA, MAIN, "g", 50, {}, desk=desk)
    before = ledger.account(ANNA)

    ledger.freeze(ANNA, BAN)
    ledger.freeze(ANNA, BAN)
    stopped = ledger.account(ANNA)
    ledger.freeze(ANNA, None)
    ledger.freeze(ANNA, None)

    assert stopped == replace(before, frozen=BAN, version=before.version + 2)
    assert ledger.account(ANNA) == replace(before, version=before.version + 4)
    assert assert_sound(ledger).balance == 50


def test_nobody_without_an_account_can_be_stopped(ledger: LedgerStore) -> None:
    with pytest.raises(NotFoundError):
        ledger.freeze(ANNA, BAN)

    assert ledger.account(ANNA).version == 0


def test_a_stop_of_a_merged_member_stops_the_survivor(
    ledger: LedgerStore, database: Database, desk: LedgerDesk
) -> None:
    moving.grant(ANNA, MAIN, "g", 50, {}, desk=desk)
    merge(database, ledger, ANNA, BERTA)

    ledger.freeze(ANNA, BAN)

    assert ledger.account(BERTA).frozen == BAN
    assert ledger.account(ANNA).frozen is None


class Meanwhile(LedgerStore):
    """Right after an account was read for the first time, something else happens."""

    def __init__(self, database: Database, table: str, then: Callable[[], None]) -> None:
        super().__init__(database, table)
        self.then = [then]

    def standing(self, member_id: MemberId, line_ids: Sequence[str]) -> Standing:
        found = super().standing(member_id, line_ids)
        if self.then:
            self.then.pop()()
        return found


class Restless(Database):
    """Before each single read something else happens."""

    def __init__(self, client: Any, before_get: Sequence[Callable[[], object]]) -> None:
        super().__init__(client)
        self.before_get = list(before_get)

    def get(self, table: str, key: Key, *, consistent: bool) -> Item | None:
        if self.before_get:
            self.before_get.pop(0)()
        return super().get(table, key, consistent=consistent)


def test_an_account_is_never_told_with_entries_that_are_not_its_own(
    desk: LedgerDesk, dynamodb: Any, tables: TableNames
) -> None:
    def post(number: int) -> None:
        moving.grant(ANNA, MAIN, str(number), 1, {}, desk=desk)

    once = [lambda: None, lambda: post(1)]
    always = [(lambda n=n: post(n)) for n in range(2, 99)]
    post(0)

    account, entries = LedgerStore(Restless(dynamodb, once), tables.points).whole(ANNA)

    assert (account.balance, len(entries)) == (2, 2)
    with pytest.raises(ContentionError):
        LedgerStore(Restless(dynamodb, always), tables.points).whole(ANNA)


def test_a_stop_that_meets_a_merger_stops_the_survivor(
    ledger: LedgerStore, database: Database, desk: LedgerDesk, tables: TableNames
) -> None:
    moving.grant(ANNA, MAIN, "g", 50, {}, desk=desk)
    meets = Meanwhile(database, tables.points, lambda: merge(database, ledger, ANNA, BERTA))

    meets.freeze(ANNA, BAN)

    assert ledger.account(BERTA).frozen == BAN
    assert ledger.account(ANNA).frozen is None


def test_a_stop_while_others_post_is_lost_by_nobody(ledger: LedgerStore, desk: LedgerDesk) -> None:
    moving.grant(ANNA, MAIN, "g", 50, {}, desk=desk)

    tasks: list[Callable[[], object]] = [lambda: ledger.freeze(ANNA, BAN)]
    tasks += [
        (lambda n=n: moving.adjust(ANNA, MAIN, str(n), 1, {}, desk=desk))  # type: ignore[misc]  # bound now
        for n in range(5)
    ]
    results = at_once(tasks)

    account = assert_sound(ledger)
    assert account.frozen == BAN
    assert account.balance == 50 + sum(isinstance(each, moving.Moved) for each in results)


def test_a_broken_account_is_mended_unless_somebody_posted_meanwhile(
    ledger: LedgerStore, database: Database, desk: LedgerDesk, dynamodb: Any, tables: TableNames
) -> None:
    moving.grant(ANNA, MAIN, "g", 50, {}, desk=desk)
    sound = ledger.account(ANNA)
    dynamodb.update_item(
        TableName=tables.points, Key={"pk": {"S": ANNA}, "sk": {"S": "ACCOUNT"}},
        UpdateExpression="SET balance = :n", ExpressionAttributeValues={":n": {"N": "9999"}},
    )  # fmt: skip
    broken, entries = ledger.whole(ANNA)
    assert list(differences(broken, rebuilt(broken, entries))) == ["balance"]
    fresh = mended(broken, entries, POLICY, NOW)

    ledger.restore(broken, fresh)

    assert ledger.account(ANNA) == replace(sound, version=sound.version + 1)
    with pytest.raises(LedgerChangedError):
        ledger.restore(broken, fresh)
    moving.spend(ANNA, MAIN, "s", 50, {}, desk=desk)
    assert assert_sound(ledger).balance == 0


def test_a_posting_that_read_the_broken_account_posts_nothing_over_the_mended_one(
    ledger: LedgerStore, desk: LedgerDesk
) -> None:
    moving.grant(ANNA, MAIN, "g", 50, {}, desk=desk)
    account, entries = ledger.whole(ANNA)
    mend = mended(account, entries, POLICY, NOW)
    after, late = posted(account, [movements.spend("s", 5, {})], policy=POLICY, now=NOW)

    ledger.restore(account, mend)

    with pytest.raises(LedgerChangedError):
        ledger.post(account, after, late, policy=POLICY, shared={})


def test_a_lost_account_item_is_made_again_from_its_entries(
    ledger: LedgerStore, desk: LedgerDesk, dynamodb: Any, tables: TableNames
) -> None:
    moving.grant(ANNA, MAIN, "g", 50, {}, desk=desk)
    sound = ledger.account(ANNA)
    dynamodb.delete_item(TableName=tables.points, Key={"pk": {"S": ANNA}, "sk": {"S": "ACCOUNT"}})
    lost, entries = ledger.whole(ANNA)

    ledger.restore(lost, mended(lost, entries, POLICY, NOW))

    assert replace(ledger.account(ANNA), programme_id=MAIN) == sound


def test_an_account_says_when_a_job_should_look_and_no_longer_when_nothing_is_due(
    desk: LedgerDesk, dynamodb: Any, tables: TableNames
) -> None:
    def stored() -> dict[str, Any]:
        key = {"pk": {"S": ANNA}, "sk": {"S": "ACCOUNT"}}
        item: dict[str, Any] = dynamodb.get_item(TableName=tables.points, Key=key)["Item"]
        return item

    moving.grant(ANNA, MAIN, "g", 5, {}, desk=desk)
    moving.open_hold(ANNA, MAIN, "h", 5, UNTIL, {}, desk=desk)
    held = stored()
    moving.capture(ANNA, MAIN, "h", 5, {}, desk=desk)

    assert held["due_shard"] == {"S": due_shard(ANNA)}
    assert held["due_at"] == {"S": "2026-11-21T04:00:00.000000Z"}
    assert not {"due_shard", "due_at"} & set(stored())
