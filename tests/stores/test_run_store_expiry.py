"""The expiry job on real tables: hundreds of accounts, workers that die and meet, and midnight."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.ids import MemberId
from huixue.points.audit import violations
from huixue.points.expiry_runs import expire, tend
from huixue.points.moving import spend
from huixue.points.notices import Notice
from huixue.points.ports import LedgerDesk
from huixue.points.posting import InsufficientPointsError
from huixue.points.records import due_shard
from huixue.points.run_store import NoticeStore
from huixue.points.store import LedgerStore
from huixue.points.use_cases import balance
from tests.engines.tables import TableNames
from tests.stores.job_place import BEFORE, FAR, POLICY, YEAR_END, Place, ran
from tests.unit.points.fakes import ANNA, MAIN, Clock, local, recomputed

exact = pytest.mark.exact_engines
CROWDED = "due#07"


class Killed(BaseException):
    """Nothing catches it: the process is gone."""


@pytest.fixture
def place(dynamodb: Any, tables: TableNames) -> Place:
    return Place(database=Database(dynamodb), table=tables.points, clock=Clock(now=local(BEFORE)))


def members_of(shard: str, count: int) -> list[str]:
    numbers = (f"mem_{n:05}" for n in range(100_000))
    return [each for each in numbers if due_shard(each) == shard][:count]


@exact
def test_hundreds_of_accounts_expire_once_though_workers_die_and_meet(place: Place) -> None:
    crowd = members_of(CROWDED, 120)
    everybody = [*crowd, *(f"mem_x{n:03}" for n in range(200))]
    place.given(everybody)
    place.clock.now = local(YEAR_END)
    assert place.start() == len({due_shard(each) for each in everybody})
    crowded = sum(due_shard(each) == CROWDED for each in everybody)
    first = next(each for each in place.walks if each.shard == CROWDED)
    desk = place.expiry_desk()

    posts = 0

    class Dying(LedgerStore):
        def post(self, *args: Any, **kwargs: Any) -> None:
            nonlocal posts
            posts += 1
            if posts == 30:
                raise Killed
            super().post(*args, **kwargs)

    with pytest.raises(Killed):
        expire(first, desk=replace(desk, ledger=Dying(place.database, place.table)), until=FAR)
    with ThreadPoolExecutor(2) as two:
        both = [two.submit(expire, first, desk=desk, until=FAR) for _ in range(2)]
        done = [each.result() for each in both]
    for message in [*place.walks, *place.walks]:
        expire(message, desk=desk, until=FAR)

    assert sum(each.entries for each in done) == crowded - 29
    assert place.failures == {}
    for member_id in everybody:
        account, entries = place.ledger.whole(MemberId(member_id))
        assert (account.balance, account.due_at) == (0, None)
        assert sorted(each.scene for each in entries) == ["expiry", "order_accrual"]
        assert violations(account, entries, recomputed) == []
    assert place.start() == 0


@exact
def test_a_walk_goes_on_in_messages_and_passes_an_account_that_fails(place: Place) -> None:
    crowd = members_of(CROWDED, 12)
    place.given(crowd)
    place.set(crowd[5], lots="not a map")
    place.clock.now = local(YEAR_END)
    place.start()
    messages = 0

    while place.walks:
        expire(place.walks.pop(0), desk=place.expiry_desk(), until=place.clock.now)
        messages += 1

    assert messages == len(crowd) + 1
    assert set(place.failures) == {crowd[5]}
    others = [each for each in crowd if each != crowd[5]]
    assert {place.ledger.account(MemberId(each)).balance for each in others} == {0}
    assert place.start() == 1  # the one that failed is looked at again


@exact
def test_a_look_for_a_notice_records_it_once_and_moves_the_account_on(place: Place) -> None:
    place.given([ANNA])
    store = NoticeStore(place.database, place.table)
    version = place.ledger.account(ANNA).version
    place.clock.now = local("2026-12-24 00:10")

    tend(ANNA, desk=place.expiry_desk())

    expected = Notice(
        member_id=ANNA, expires_on=date(2026, 12, 31), days_before=7, points=10,
        created_at=place.clock.now,
    )  # fmt: skip
    assert store.notices_of(ANNA) == [expected]
    assert not store.record(replace(expected, points=11))
    assert store.notices_of(ANNA) == [expected]
    account = place.ledger.account(ANNA)
    assert (account.due_at, account.version) == (local("2026-12-30 00:00"), version)
    assert place.start() == 0


@exact
@pytest.mark.parametrize("last_day", ["2027-01-31", "2028-02-29", "2026-12-31", "2027-11-30"])
def test_around_midnight_what_is_over_is_over_whether_the_job_has_run_or_not(
    place: Place, last_day: str
) -> None:
    members = [f"mem_{n}" for n in range(5)]
    first = MemberId(members[0])
    place.given(members, f"{last_day}|order")
    midnight = local(f"{last_day} 00:00") + timedelta(days=1)
    desk = LedgerDesk(
        ledger=place.ledger, policy_of=lambda _: POLICY, now=place.clock,
        pause=lambda lost: None,
    )  # fmt: skip

    place.clock.now = midnight - timedelta(microseconds=1)
    ran(place)
    spend(first, MAIN, "s1", 4, {}, desk=desk)
    place.clock.now = midnight
    with pytest.raises(InsufficientPointsError):
        spend(first, MAIN, "s2", 1, {}, desk=desk)
    assert {balance(MemberId(each), desk=desk).available for each in members} == {0}
    ran(place)
    ran(place)

    for member_id in members:
        _, entries = place.ledger.whole(MemberId(member_id))
        (expiry,) = [each for each in entries if each.scene == "expiry"]
        assert (expiry.business_date.isoformat(), expiry.effective_at) == (last_day, midnight)
        assert expiry.balance_after == 0
