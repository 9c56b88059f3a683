"""Erasures at the same moment as whatever else a member does: nothing of hers is left, and no sum changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from huixue.dynamodb.writes import ConditionFailedError
from huixue.edge.erasing import ErasureDesk
from huixue.kernel.errors import HuixueError, MemberErasedError
from huixue.kernel.events import ClaimSubmitted, MemberErased, OrdersChanged
from huixue.members.model import MemberNotFoundError
from huixue.orders.matcher import match
from tests.engines.tables import TableNames
from tests.races.erasures import Somebody, Stored, erasure_desk
from tests.races.main_job import MainJob, at_once, order_number, order_ref

pytestmark = pytest.mark.exact_engines
Calls = Callable[[], object]
TURNS = 5


@pytest.fixture
def announced() -> list[MemberErased]:
    return []


@pytest.fixture
def desk(job: MainJob, dynamodb: Any, tables: TableNames) -> ErasureDesk:
    return erasure_desk(job, dynamodb, tables)


@pytest.fixture
def people(job: MainJob, desk: ErasureDesk, announced: list[MemberErased]) -> Iterator[Somebody]:
    def prepared(number: int) -> Somebody:
        somebody = Somebody(job, desk, announced.extend, number)
        somebody.prepare()
        return somebody

    return map(prepared, range(TURNS))


def void(call: Callable[[], object]) -> Callable[[], object]:
    """Whoever comes after the erasure is told so; nobody gets half of anything."""

    def tried() -> object:
        with suppress(MemberErasedError, MemberNotFoundError):
            return call()
        return None

    return tried


def purged_again(desk: ErasureDesk, announced: list[MemberErased], somebody: Somebody) -> None:
    while announced:
        somebody.erase_again(announced.pop())
    assert desk.members.rows([somebody.member_id])[0].erased_at is not None


def test_a_sign_in_at_once_makes_somebody_new_or_goes_with_her(
    job: MainJob, desk: ErasureDesk, people: Iterator[Somebody], announced: list[MemberErased],
    dynamodb: Any, tables: TableNames,
) -> None:  # fmt: skip
    """She signs in from another mini-program, which adds an identity, and from the same."""
    for her in people:
        elsewhere = replace(her.identity, app_id="wx2", openid=f"elsewhere-{her.number:05}")
        sign_ins: list[Calls] = [
            partial(her.door.sign_in, each) for each in (elsewhere, her.identity)
        ]
        at_once([her.erase, *sign_ins])

        purged_again(desk, announced, her)

        again = her.door.sign_in(her.identity).member_id
        assert again != her.member_id
        assert her.door.sign_in(elsewhere).member_id == again
        assert job.ledger.account(again).balance == 0
        row = job.members.members([again])[again]
        assert row.merged_from == ()
        assert row.profile.nickname is None
        # what is left of her in any table is of whom she is now
        stored = Stored(dynamodb, tables)
        known_again = [*row.openids.values(), str(row.unionid), *row.identity_refs]
        stored.assert_nothing_of(her, but=known_again)


def test_an_edit_at_once_goes_with_her(
    desk: ErasureDesk, people: Iterator[Somebody], announced: list[MemberErased],
    dynamodb: Any, tables: TableNames,
) -> None:  # fmt: skip
    somebodies = []
    for her in people:
        at_once([her.erase, void(partial(her.edit, her.nickname + "!")), void(her.set_level)])
        purged_again(desk, announced, her)
        somebodies.append(her)

    stored = Stored(dynamodb, tables)
    for her in somebodies:
        stored.assert_nothing_of(her)


def test_a_settling_credit_comes_before_or_not_at_all(
    job: MainJob, desk: ErasureDesk, people: Iterator[Somebody], announced: list[MemberErased],
    dynamodb: Any, tables: TableNames,
) -> None:  # fmt: skip
    somebodies = []
    for her in people:
        job.arrive(her.orders[0], paid_fen=30_000)  # worth more than was credited
        job.taken()
        change = OrdersChanged(
            member_id=her.member_id, order_refs=(order_ref(her.orders[0]),), correlation_id="x"
        )
        settlements: list[Calls] = [partial(job.delivered, change)] * 2
        at_once([her.erase, *settlements])
        before = job.ledger.account(her.member_id)
        assert before.balance in {200, 400}

        job.delivered(change)
        purged_again(desk, announced, her)

        assert job.ledger.account(her.member_id) == before
        job.assert_holds(her.member_id, before.balance)
        somebodies.append(her)

    stored = Stored(dynamodb, tables)
    for her in somebodies:
        stored.assert_nothing_of(her)


def test_a_claim_that_is_being_matched_leaves_nothing(
    job: MainJob, desk: ErasureDesk, people: Iterator[Somebody], announced: list[MemberErased],
    dynamodb: Any, tables: TableNames,
) -> None:  # fmt: skip
    """One number that nobody knows, one order that is there, and a sync on its way."""
    somebodies = []
    for her in people:
        unknown, there = (order_number(900_000 + 2 * her.number + each) for each in range(2))
        job.arrive(there)
        job.submit(her.member_id, unknown)
        job.submit(her.member_id, there)
        job.start_sync(her.member_id, her.account + "x", unknown, 1)
        waiting = job.taken()
        assert len(waiting) == 3

        at_once([her.erase, *(_acknowledged(job, each) for each in waiting)])
        for each in [*waiting, *job.taken()]:
            job.delivered(each)  # every message may come twice
        purged_again(desk, announced, her)
        somebodies.append((her, unknown))

    stored = Stored(dynamodb, tables)
    for her, unknown in somebodies:
        stored.assert_nothing_of(her)
        # a mark that came late and was taken back may leave an empty stub, which its TTL removes
        for stub in job.orders.orders([order_ref(unknown)]).values():
            assert not stub.waiting
            assert stub.expires_at_epoch_s is not None


def test_a_claim_that_waits_and_is_matched_again_leaves_nothing(
    job: MainJob, desk: ErasureDesk, people: Iterator[Somebody], announced: list[MemberErased],
    dynamodb: Any, tables: TableNames,
) -> None:  # fmt: skip
    """Its next check does not move, so nothing of it would have to be written."""
    somebodies = []
    for her in people:
        job.submit(her.member_id, her.orders[2])
        (again,) = job.taken()
        job.delivered(again)

        at_once([her.erase, *[_acknowledged(job, again)] * 2])
        job.delivered(again)
        purged_again(desk, announced, her)
        somebodies.append(her)

    stored = Stored(dynamodb, tables)
    for her in somebodies:
        stored.assert_nothing_of(her)


def test_a_match_behind_the_purge_fails_and_comes_again(
    job: MainJob, people: Iterator[Somebody], announced: list[MemberErased],
    desk: ErasureDesk, dynamodb: Any, tables: TableNames,
) -> None:  # fmt: skip
    """Order and claim were read before the erasure, and are written after it."""
    her = next(people)
    job.submit(her.member_id, her.orders[2])
    (again,) = job.taken()
    assert isinstance(again, ClaimSubmitted)

    def after_the_erasure() -> datetime:
        if not announced:
            her.erase()
        return job.clock.now()

    with pytest.raises(ConditionFailedError):
        match(again, desk=replace(job.claims, now=after_the_erasure))
    job.delivered(again)
    purged_again(desk, announced, her)

    Stored(dynamodb, tables).assert_nothing_of(her)


def test_two_requests_at_once_erase_her_once(
    desk: ErasureDesk, people: Iterator[Somebody], announced: list[MemberErased],
    dynamodb: Any, tables: TableNames,
) -> None:  # fmt: skip
    for her in people:
        receipts = at_once([void(her.erase)] * 3)

        purged_again(desk, announced, her)

        assert [each for each in receipts if each is not None]
        Stored(dynamodb, tables).assert_nothing_of(her)


def _acknowledged(job: MainJob, message: Any) -> Callable[[], object]:
    """Whatever it meets, SQS brings it again: the test does so."""

    def acted() -> object:
        with suppress(HuixueError):
            return job.delivered(message)
        return None

    return acted
