"""Caps that a whole programme shares: never more than the cap, whoever earns at once, and all of it in the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from random import Random
from time import sleep
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.errors import ContentionError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import Cap, LedgerPolicy
from huixue.points import movements, moving
from huixue.points.ports import LedgerChangedError, LedgerDesk
from huixue.points.posting import posted
from huixue.points.store import LedgerStore
from huixue.points.use_cases import settle
from tests.engines.tables import TableNames
from tests.unit.points.fakes import ANNA, BERTA, MAIN, NOW, Pool, Status, desk_of, quote

exact = pytest.mark.exact_engines
TODAY = date(2026, 11, 20)
MEMBERS = [MemberId(f"mem_{number}") for number in range(16)]


def policy_of(points: int, *more: Cap) -> LedgerPolicy:
    cap = Cap(cap_id="all", per="programme", window="day", points=points)
    return LedgerPolicy(programme_id=MAIN, caps=(cap, *more))


@pytest.fixture
def ledger(dynamodb: Any, tables: TableNames) -> LedgerStore:
    return LedgerStore(Database(dynamodb), tables.points)


def desk(ledger: LedgerStore, policy: LedgerPolicy) -> LedgerDesk:
    random = Random(3)
    return desk_of(
        ledger, policy=policy, pause=lambda lost: sleep(random.uniform(0, 0.004 * 2**lost))
    )


def left(ledger: LedgerStore, policy: LedgerPolicy, member: MemberId = ANNA) -> int:
    return ledger.shared_caps(policy, member, TODAY)["all"].remaining


def line(
    ledger: LedgerStore, policy: LedgerPolicy, points: int, *, member: MemberId = ANNA,
    status: Status = "due", name: str = "a",
) -> None:  # fmt: skip
    pool = Pool()
    pool.say(quote(name, status, points, owner=member))
    settle(member, ["o1"], quotes=pool, desk=desk(ledger, policy))


@exact
@pytest.mark.parametrize(("points", "each"), [(100, 30), (1000, 70), (5, 2)])
def test_members_who_earn_at_once_never_earn_more_than_the_cap(
    ledger: LedgerStore, points: int, each: int
) -> None:
    policy = policy_of(points)

    def earn(member: MemberId) -> int:
        try:
            moved = moving.grant(member, MAIN, member, each, {}, desk=desk(ledger, policy))
        except ContentionError:
            return 0
        return moved.entry.points

    with ThreadPoolExecutor(8) as threads:
        earned = sum(threads.map(earn, MEMBERS))
    for member in MEMBERS:
        earned += moving.grant(
            member, MAIN, f"{member}+", each, {}, desk=desk(ledger, policy)
        ).entry.points

    assert earned == sum(ledger.account(member).balance for member in MEMBERS)
    assert earned == min(points, 2 * each * len(MEMBERS))
    assert left(ledger, policy) == points - earned


@exact
def test_one_credit_gets_all_that_is_left_although_it_lies_in_many_pieces(
    ledger: LedgerStore,
) -> None:
    policy = policy_of(100)

    line(ledger, policy, 250)

    assert ledger.account(ANNA).balance == 100
    assert left(ledger, policy) == 0


@exact
def test_what_comes_back_can_be_earned_by_another_member(ledger: LedgerStore) -> None:
    policy = policy_of(100)
    line(ledger, policy, 250)

    line(ledger, policy, 0, status="void")
    line(ledger, policy, 130, member=BERTA, name="b")

    assert ledger.account(ANNA).balance == 0
    assert ledger.account(BERTA).balance == 100


@exact
def test_a_piece_that_has_less_than_was_read_stops_the_whole_posting(ledger: LedgerStore) -> None:
    policy = policy_of(100)
    account = ledger.standing(ANNA, []).account
    shared = ledger.shared_caps(policy, ANNA, TODAY)
    change = movements.grant("g", 60, TODAY, policy, {})
    after, entries = posted(account, [change], policy=policy, now=NOW, shared=shared)
    line(ledger, policy, 80, member=BERTA, name="b")

    with pytest.raises(LedgerChangedError):
        ledger.post(account, after, entries, policy=policy, shared=shared)

    assert ledger.account(ANNA).version == 0
    assert ledger.seat(ANNA, ["grant#g"]).entries == {}
    assert left(ledger, policy) == 20


@exact
def test_a_merger_leaves_the_programmes_sum_as_it_is(ledger: LedgerStore, dynamodb: Any) -> None:
    policy = policy_of(100)
    line(ledger, policy, 40)
    line(ledger, policy, 30, member=BERTA, name="b")

    Database(dynamodb).transact(ledger.merge_writes(ANNA, BERTA, lambda _: policy, NOW, max))

    assert left(ledger, policy) == 30
    assert ledger.account(BERTA).balance == 70


def test_each_day_and_each_cap_counts_for_itself(ledger: LedgerStore) -> None:
    month = Cap(cap_id="m", per="programme", window="month", points=120)
    policy = policy_of(100, month)
    line(ledger, policy, 90)

    today = ledger.shared_caps(policy, ANNA, TODAY)
    tomorrow = ledger.shared_caps(policy, ANNA, date(2026, 11, 21))
    december = ledger.shared_caps(policy, ANNA, date(2026, 12, 1))

    remaining = [
        {cap: piece.remaining for cap, piece in each.items()}
        for each in (today, tomorrow, december)
    ]
    assert remaining == [{"all": 10, "m": 30}, {"all": 100, "m": 30}, {"all": 100, "m": 120}]


def test_a_programme_without_shared_caps_is_not_read_for(ledger: LedgerStore) -> None:
    own = Cap(cap_id="own", per="member", window="day", points=1)

    assert ledger.shared_caps(LedgerPolicy(programme_id=MAIN, caps=(own,)), ANNA, TODAY) == {}


def test_members_begin_at_pieces_of_their_own(ledger: LedgerStore) -> None:
    policy = policy_of(800)

    homes = {ledger.shared_caps(policy, member, TODAY)["all"].shard for member in MEMBERS}

    assert len(homes) > 3
    assert left(ledger, policy) == 800


def test_what_was_earned_before_there_was_the_cap_does_not_widen_it(ledger: LedgerStore) -> None:
    open_policy, policy = LedgerPolicy(programme_id=MAIN), policy_of(80)
    line(ledger, open_policy, 500)

    line(ledger, policy, 500, status="void")

    assert left(ledger, policy) == 80
