"""An erasure that dies at any call, or hears of a failure that was none: afterwards nothing of hers is left.

She asks again where she may (no tombstone was written); the queue delivers its message in any case.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huixue.edge.erasing import ErasureDesk
from huixue.kernel.errors import MemberErasedError, UnavailableError
from huixue.kernel.events import MemberErased, OrdersChanged
from huixue.orders.model import OrderSync
from tests.engines.tables import TableNames
from tests.faults.answers import Fault
from tests.faults.harness import Call, Faults, Killed, single_faults
from tests.faults.workers import Plan, Queues, job_on
from tests.races.erasures import Somebody, Stored, erasure_desk
from tests.races.main_job import HASHES, MainJob

pytestmark = pytest.mark.ministack


@pytest.fixture
def queues(sqs: Any, ministack_url: str) -> Iterator[Queues]:
    queues = Queues(sqs, ministack_url, uuid.uuid4().hex[:12])
    yield queues
    queues.close()


@pytest.fixture
def job(dynamodb: Any, tables: TableNames, queues: Queues) -> MainJob:
    return job_on(dynamodb, tables, queues)


@pytest.fixture
def desk(job: MainJob, dynamodb: Any, tables: TableNames) -> ErasureDesk:
    return erasure_desk(job, dynamodb, tables)


@pytest.fixture
def faults(dynamodb: Any, sqs: Any, job: MainJob) -> Iterator[Faults]:
    with Faults(dynamodb, sqs) as faults:
        yield faults


def prepared(
    job: MainJob, desk: ErasureDesk, queues: Queues, faults: Faults, number: int
) -> Somebody:
    faults.plan({})
    somebody = Somebody(job, desk, queues.outbox.erase_later, number)
    somebody.prepare()
    job.clock.advance(timedelta(seconds=1))
    return somebody


def erased_at_last(somebody: Somebody, job: MainJob, faults: Faults, plan: Plan) -> None:
    """She asks once, under the plan, and once more if nobody told her; then the queue delivers."""
    faults.plan(plan)
    try:
        somebody.erase()
    except (Killed, UnavailableError):
        faults.plan({})
        with suppress(MemberErasedError):  # as her token would tell her: the queue sees to the rest
            somebody.erase()
    faults.plan({})
    messages = job.taken()
    assert messages
    for message in messages:
        assert isinstance(message, MemberErased)
        somebody.erase_again(message)


def test_whatever_call_an_erasure_dies_at_nothing_is_left(
    job: MainJob,
    desk: ErasureDesk,
    queues: Queues,
    faults: Faults,
    dynamodb: Any,
    tables: TableNames,
) -> None:
    first = prepared(job, desk, queues, faults, 0)
    faults.plan({})
    first.erase()
    calls = list(faults.calls)
    Stored(dynamodb, tables).assert_nothing_of(first)
    job.taken()
    tombstone = next(call.index for call in calls if call.operation == "TransactWriteItems")
    # behind the tombstone the calls come in another order with every member: there, only what can happen to any call
    unheard = single_faults(calls[: tombstone + 1], [Fault.ERROR_500_AFTER])
    plans = [*unheard, *single_faults(calls, [Fault.KILL_AFTER])]

    runs = []
    for number, plan in enumerate(plans, 1):
        somebody = prepared(job, desk, queues, faults, number)
        erased_at_last(somebody, job, faults, plan)
        runs.append((somebody, plan))

    stored = Stored(dynamodb, tables)
    for somebody, plan in runs:
        explained(stored, somebody, plan, calls)
        assert job.ledger.account(somebody.member_id).balance == 200
    assert {call.service for call in calls} == {"dynamodb", "sqs"}
    assert len(plans) > len(calls)


def test_a_death_between_the_tombstone_and_the_rest_needs_nobody_to_ask_again(
    job: MainJob,
    desk: ErasureDesk,
    queues: Queues,
    faults: Faults,
    dynamodb: Any,
    tables: TableNames,
) -> None:
    """Every call behind the tombstone, and she never comes back."""
    first = prepared(job, desk, queues, faults, 0)
    faults.plan({})
    first.erase()
    job.taken()
    calls = list(faults.calls)
    tombstone = next(call.index for call in calls if call.operation == "TransactWriteItems")

    runs = []
    for number, call in enumerate(calls[tombstone + 1 :], 1):
        somebody = prepared(job, desk, queues, faults, number)
        plan = {call.index: Fault.KILL_BEFORE}
        faults.plan(plan)
        with pytest.raises(Killed):
            somebody.erase()
        faults.plan({})
        messages = job.taken()
        nothing_is_hers_any_more(somebody, job)
        for message in messages:
            assert isinstance(message, MemberErased)
            somebody.erase_again(message)
        runs.append((somebody, plan))

    stored = Stored(dynamodb, tables)
    for somebody, plan in runs:
        explained(stored, somebody, plan, calls)


def nothing_is_hers_any_more(somebody: Somebody, job: MainJob) -> None:
    """What `GET /v1/points` looks at is marked, and a credit that waits is void: without the rest of the erasure."""
    before = job.ledger.account(somebody.member_id)
    assert before.erased_at is not None
    job.arrive(somebody.orders[0], paid_fen=30_000)  # worth more than was credited
    (credit,) = job.taken()
    assert isinstance(credit, OrdersChanged)
    job.delivered(credit)
    assert job.ledger.account(somebody.member_id) == before


def test_before_the_tombstone_a_death_leaves_her_as_she_was(
    job: MainJob, desk: ErasureDesk, queues: Queues, faults: Faults
) -> None:
    somebody = prepared(job, desk, queues, faults, 0)
    faults.plan({})
    faults.plan({2: Fault.KILL_BEFORE})

    with pytest.raises(Killed):
        somebody.erase()
    faults.plan({})
    (message,) = job.taken()
    assert isinstance(message, MemberErased)

    assert somebody.erase_again(message) == "never erased"
    assert job.members.members([somebody.member_id])[somebody.member_id].unionid is not None
    job.assert_holds(somebody.member_id, 200)


def test_what_work_under_way_wrote_since_goes_too_wherever_that_dies(
    job: MainJob,
    desk: ErasureDesk,
    queues: Queues,
    faults: Faults,
    dynamodb: Any,
    tables: TableNames,
) -> None:
    """A claim with its mark, a sync and its binding, a level, written by functions that began before the tombstone."""
    calls = _calls_of_late_work(job, desk, queues, faults)
    plans = list(single_faults(calls, [Fault.KILL_BEFORE]))

    runs = []
    for number, plan in enumerate(plans, 1):
        somebody, message = _erased_with_late_work(job, desk, queues, faults, number)
        faults.plan(plan)
        try:
            somebody.erase_again(message)
        except (Killed, UnavailableError):
            faults.plan({})
            somebody.erase_again(message)
        faults.plan({})
        runs.append((somebody, plan))

    stored = Stored(dynamodb, tables)
    for somebody, plan in runs:
        explained(stored, somebody, plan, calls)


def _calls_of_late_work(
    job: MainJob, desk: ErasureDesk, queues: Queues, faults: Faults
) -> list[Call]:
    somebody, message = _erased_with_late_work(job, desk, queues, faults, 0)
    faults.plan({})
    somebody.erase_again(message)
    return list(faults.calls)


def _erased_with_late_work(
    job: MainJob, desk: ErasureDesk, queues: Queues, faults: Faults, number: int
) -> tuple[Somebody, MemberErased]:
    somebody = prepared(job, desk, queues, faults, number)
    claims = list(job.orders.claims_of(somebody.member_id))
    level = job.members.levels(somebody.member_id)[0]
    marked = job.orders.orders([HASHES.order_ref("taobao", somebody.orders[2])])
    somebody.erase()
    (message,) = job.taken()
    assert isinstance(message, MemberErased)
    for claim in claims:
        job.orders.add_claim(claim)
    for order in marked.values():
        job.orders.save(replace(order, revision=order.revision + 1))  # over what is left of it
    job.members.put_level(level)
    sync = _late_sync(somebody)  # read before the erasure, which removed it
    assert job.orders.bind(sync.account_ref, [somebody.member_id], sync)
    return somebody, message


def _late_sync(somebody: Somebody) -> OrderSync:
    return OrderSync(
        sync_id="syn_late", member_id=somebody.member_id, programme_id="demo", platform="taobao",
        account_ref=HASHES.account_ref("taobao", somebody.account),
        order_ref=HASHES.order_ref("taobao", somebody.orders[1]), paid_amount_fen=1,
        requested_at=somebody.job.clock.now(), run=1,
    )  # fmt: skip


def explained(stored: Stored, somebody: Somebody, plan: Plan, calls: list[Call]) -> None:
    try:
        stored.assert_nothing_of(somebody)
    except AssertionError as error:
        index, fault = min(plan.items())
        error.add_note(f"{fault} at call {index} ({calls[index].operation})")
        raise
