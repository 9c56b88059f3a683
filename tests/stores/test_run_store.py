"""The jobs on real tables: hundreds of accounts, workers that die, meet and repeat, and rows tampered with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item
from huixue.dynamodb.writes import Put
from huixue.kernel.ids import MemberId
from huixue.points.audit_runs import Progress
from huixue.points.ports import LedgerChangedError
from huixue.points.records import due_shard
from tests.engines.tables import TableNames
from tests.stores.job_place import BEFORE, Place
from tests.unit.points.fakes import ANNA, Clock, local

exact = pytest.mark.exact_engines
CROWDED = "due#07"


@pytest.fixture
def place(dynamodb: Any, tables: TableNames) -> Place:
    return Place(database=Database(dynamodb), table=tables.points, clock=Clock(now=local(BEFORE)))


def members_of(shard: str, count: int) -> list[str]:
    numbers = (f"mem_{n:05}" for n in range(100_000))
    return [each for each in numbers if due_shard(each) == shard][:count]


@exact
def test_a_mark_is_moved_only_on_the_account_that_was_read(place: Place) -> None:
    place.given([ANNA])
    read = place.ledger.account(ANNA)
    place.index.move(read, None)
    assert place.ledger.account(ANNA).due_at is None
    place.index.move(read, read.due_at)
    assert place.ledger.account(ANNA) == read
    place.set(ANNA, version=2)

    with pytest.raises(LedgerChangedError):
        place.index.move(read, None)

    assert place.ledger.account(ANNA).due_at == read.due_at


@exact
def test_due_accounts_come_earliest_first_behind_a_place(place: Place) -> None:
    crowd = members_of(CROWDED, 5)
    place.given(crowd)
    for day, member_id in enumerate(crowd):
        account = place.ledger.account(MemberId(member_id))
        place.index.move(account, local(BEFORE) + timedelta(days=5 - day))
    by = local(BEFORE) + timedelta(days=4)

    first = place.index.due(CROWDED, by=by, after=None, limit=2)
    rest = place.index.due(CROWDED, by=by, after=first[-1], limit=9)

    assert [member_id for _, member_id in (*first, *rest)] == crowd[::-1][:4]


@exact
def test_the_audit_judges_every_account_of_every_segment_once(place: Place) -> None:
    everybody = [f"mem_{n:03}" for n in range(60)]
    place.given(everybody, times=3)
    cap: Item = {"pk": "CAP#main#c#2026", "sk": "SHARD#1", "used": 5}
    named: Item = {"pk": "ADJUSTMENTS#main", "sk": "ACCOUNT", "stage": "done"}
    for item in (cap, named):
        place.database.write(Put(table=place.table, item=item, condition=None))

    found = place.audited()
    torn = place.audited("now-2", until=place.clock.now)

    assert found == torn == {"accounts": 60, "entries": 180, "violations": 0, "left_out": 0}
    assert place.alarms == {}


@exact
def test_a_corrupted_row_is_frozen_and_whoever_is_sound_is_not(place: Place) -> None:
    everybody = [f"mem_{n:03}" for n in range(10)]
    place.given(everybody)
    place.set("mem_003", balance=1_000)
    place.set("mem_004", lots="not a map")

    found = place.audited()

    assert set(place.alarms) == {"mem_003", "mem_004"}
    assert found["violations"] >= 2
    assert found["accounts"] == 10
    frozen = place.ledger.account(MemberId("mem_003"))
    assert frozen.frozen is not None
    assert (frozen.frozen.reason, frozen.balance) == ("audit", 1_000)
    others = [each for each in everybody if each not in place.alarms]
    assert {place.ledger.account(MemberId(each)).frozen for each in others} == {None}


@exact
def test_an_account_with_too_many_entries_is_named_and_stops_nothing(place: Place) -> None:
    place.given([f"mem_{n:03}" for n in range(9)])
    place.given(["mem_long"], times=90)
    place.max_entries = 40
    scan = place.database.scan_page

    def small_pages(table: str, **options: Any) -> Any:
        return scan(table, **options | {"limit": 25})

    database = Database(place.database._client)
    database.scan_page = small_pages  # type: ignore[method-assign]  # pages as small as those of large items
    place.database = database

    found = place.audited()

    assert found == {"accounts": 9, "entries": 9, "violations": 0, "left_out": 1}
    assert list(place.left_out) == ["mem_long"]


@exact
def test_progress_is_kept_by_run_and_segment(place: Place) -> None:
    made = Progress(
        run="2026-11-21", segment=3, part=2, accounts=5, entries=50, violations=1, left_out=0,
        written_at=place.clock.now,
    )  # fmt: skip
    done = replace(made, segment=11, finished_at=place.clock.now)
    for each in (made, done, replace(done, run="2026-11-28")):
        place.book.save(each)

    assert place.book.progress("2026-11-21", 3) == made
    assert place.book.progress("2026-11-21", 4) is None
    assert place.book.runs("2026-11-15", "2026-11-21") == [made, done]
