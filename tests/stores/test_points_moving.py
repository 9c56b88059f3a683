"""Movements on real tables: once for ever, over mergers, under races."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.dynamodb.writes import ConditionFailedError
from huixue.kernel.errors import ContentionError, MismatchError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points import moving
from huixue.points.model import Frozen
from huixue.points.ports import LedgerDesk
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


def test_every_movement_is_stored_and_repeats_as_it_was(
    ledger: LedgerStore, desk: LedgerDesk
) -> None:
    def all_of_them() -> list[moving.Moved]:
        return [
            moving.grant(ANNA, MAIN, "g", 100, {"reason": "r"}, desk=desk),
            moving.spend(ANNA, MAIN, "s", 10, {"gift": "x", "size": None}, desk=desk),
            moving.open_hold(ANNA, MAIN, "h", 20, UNTIL, {"gift": "y"}, desk=desk),
            moving.capture(ANNA, MAIN, "h", 15, {}, desk=desk),
            moving.give_back(ANNA, MAIN, "spend#s", "r1", 4, {}, desk=desk),
            moving.give_back(ANNA, MAIN, "resolve#h", "r1", 15, {}, desk=desk),
            moving.open_hold(ANNA, MAIN, "i", 20, UNTIL, {}, desk=desk),
            moving.release(ANNA, MAIN, "i", {}, desk=desk),
            moving.adjust(ANNA, MAIN, "a", -9, {"reason": "test", "tags": ["x"]}, desk=desk),
        ]

    first, again = all_of_them(), all_of_them()

    assert [each.entry for each in again] == [each.entry for each in first]
    assert [each.repeated for each in first + again] == [False] * 9 + [True] * 9
    assert assert_sound(ledger).balance == 100 - 10 + 4 - 9
    with pytest.raises(MismatchError):
        moving.spend(ANNA, MAIN, "s", 10, {"gift": "z", "size": None}, desk=desk)


def test_the_same_spend_eight_times_at_once_is_one(ledger: LedgerStore, desk: LedgerDesk) -> None:
    moving.grant(ANNA, MAIN, "g", 100, {}, desk=desk)

    results = at_once([lambda: moving.spend(ANNA, MAIN, "s", 30, {}, desk=desk)] * 8)

    moved = [each for each in results if isinstance(each, moving.Moved)]
    assert [each.repeated for each in moved].count(False) == 1
    assert len(moved) == 8
    assert assert_sound(ledger).balance == 70


def test_spends_at_once_never_take_more_than_there_is(
    ledger: LedgerStore, desk: LedgerDesk
) -> None:
    moving.grant(ANNA, MAIN, "g", 100, {}, desk=desk)

    def spend(number: int) -> moving.Moved:
        return moving.spend(ANNA, MAIN, str(number), 30, {}, desk=desk)

    results = at_once([lambda n=n: spend(n) for n in range(8)])  # type: ignore[misc]  # bound now

    spent = [each for each in results if isinstance(each, moving.Moved)]
    assert assert_sound(ledger).balance == 100 - 30 * len(spent) >= 10
    assert len(spent) == 3 or any(isinstance(each, ContentionError) for each in results)


def test_entries_are_found_over_mergers_both_ways(
    ledger: LedgerStore, database: Database, desk: LedgerDesk
) -> None:
    for member in (ANNA, BERTA, CARLA):
        moving.grant(member, MAIN, f"g {member}", 10, {}, desk=desk)
    merge(database, ledger, ANNA, BERTA)
    merge(database, ledger, BERTA, CARLA)
    keys = [f"grant#g {member}" for member in (ANNA, BERTA, CARLA)]

    for member in (ANNA, BERTA, CARLA):
        seat = ledger.seat(member, [*keys, "grant#none"])
        assert seat.account.member_id == CARLA
        assert sorted(seat.entries) == keys
        assert moving.grant(member, MAIN, f"g {ANNA}", 10, {}, desk=desk).repeated

    account = assert_sound(ledger, CARLA)
    assert (account.balance, account.merged_from) == (30, (ANNA, BERTA))
    begun = ledger.entries_beginning(account, "grant#")
    assert [entry.source_key for entry in begun] == keys


def test_a_merger_takes_holds_and_debt_along(
    ledger: LedgerStore, database: Database, desk: LedgerDesk
) -> None:
    moving.grant(ANNA, MAIN, "g", 50, {}, desk=desk)
    moving.open_hold(ANNA, MAIN, "h", 20, UNTIL, {}, desk=desk)
    moving.adjust(BERTA, MAIN, "a", -30, {}, desk=desk)

    merge(database, ledger, ANNA, BERTA)
    moving.capture(ANNA, MAIN, "h", 20, {}, desk=desk)

    account = assert_sound(ledger, BERTA)
    assert (account.balance, account.held, account.debt) == (0, 0, 0)
    assert ledger.account(ANNA).due_at is None


def test_a_merger_follows_the_programme_of_the_survivor_or_else_of_the_merged(
    ledger: LedgerStore, database: Database, desk: LedgerDesk
) -> None:
    asked: list[str] = []

    def policy_of(programme_id: str) -> LedgerPolicy:
        asked.append(programme_id)
        return POLICY

    moving.grant(ANNA, MAIN, "g", 50, {}, desk=desk)
    database.transact(ledger.merge_writes(ANNA, BERTA, policy_of, NOW, max))

    assert asked == [MAIN]
    assert ledger.account(BERTA).programme_id == MAIN


def test_a_movement_that_races_a_merger_lands_in_one_of_the_two(
    ledger: LedgerStore, database: Database, desk: LedgerDesk
) -> None:
    for turn in range(4):
        hers, other = MemberId(f"mem_h{turn}"), MemberId(f"mem_o{turn}")
        moving.grant(hers, MAIN, "g", 50, {}, desk=desk)

        def merging(hers: MemberId = hers, other: MemberId = other) -> None:
            for _ in range(20):
                try:
                    merge(database, ledger, hers, other)
                except ConditionFailedError:
                    continue
                break

        def spending(hers: MemberId = hers, turn: int = turn) -> object:
            return moving.spend(hers, MAIN, f"s{turn}", 30, {}, desk=desk)

        at_once([spending, merging, spending])

        assert assert_sound(ledger, other).balance == 20
        assert assert_sound(ledger, hers).balance == 0
