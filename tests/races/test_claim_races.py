"""Many members and one line: one credit, whoever is first, now and for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from huixue.kernel.events import ClaimSubmitted, OrdersChanged
from tests.engines.tables import TableNames
from tests.races.main_job import (
    MainJob,
    at_once,
    member,
    order_number,
    order_ref,
)
from tests.races.surroundings import KeptMessages

pytestmark = pytest.mark.exact_engines

ORDER = order_number(1)
MEMBERS = [member(number) for number in range(50)]
PATIENT_RECEIVES = 20
"""On two cores fifty threads meet far more often than fifty functions do; a busy queue delivers later instead."""


def claimed_by_all(job: MainJob) -> list[Callable[[], object]]:
    return [partial(job.submit, each, ORDER) for each in MEMBERS]


def test_fifty_members_claim_one_line_at_once_and_one_of_them_is_credited(job: MainJob) -> None:
    job.arrive(ORDER)
    job.taken()

    at_once(claimed_by_all(job))
    claims = job.taken()
    matched = at_once([partial(job.delivered, each, PATIENT_RECEIVES) for each in claims])
    changes = job.taken()
    at_once([partial(job.delivered, each) for each in changes])

    seen = Counter(job.claim_of(each, ORDER).status for each in MEMBERS)
    balances = sorted(job.ledger.account(each).balance for each in MEMBERS)
    assert Counter(matched) == {"owned": 1, "waiting": 49}
    assert seen == {"credited": 1, "waiting": 49}
    assert balances == [0] * 49 + [100]
    assert sum(len(job.entries(each)) for each in MEMBERS) == 1
    for each, balance in ((each, job.ledger.account(each).balance) for each in MEMBERS):
        job.assert_holds(each, balance)


def test_an_order_that_comes_after_fifty_claims_is_credited_once(job: MainJob) -> None:
    for each in MEMBERS:
        job.submit(each, ORDER)
    job.deliver_all()

    job.arrive(ORDER)
    matches = [each for each in job.taken() if isinstance(each, ClaimSubmitted)]
    at_once([partial(job.delivered, each, PATIENT_RECEIVES) for each in matches])
    job.deliver_all()

    assert len(matches) == 50
    assert sorted(job.ledger.account(each).balance for each in MEMBERS) == [0] * 49 + [100]


def test_an_order_that_arrives_while_members_begin_to_wait_for_it_is_not_lost(
    job: MainJob,
) -> None:
    for turn in range(5):
        number = order_number(100 + turn)
        claimants = [member(1000 * turn + each) for each in range(8)]
        for each in claimants:
            job.submit(each, number)
        claims = job.taken()
        calls: list[Callable[[], object]] = [partial(job.arrive, number)]
        calls += [partial(job.delivered, each, PATIENT_RECEIVES) for each in claims]

        at_once(calls)
        job.deliver_all()

        balances = sorted(job.ledger.account(each).balance for each in claimants)
        assert balances == [0] * 7 + [100]


class EagerMatcher(KeptMessages):
    """Matches a claim before its sender has gone on."""

    job: MainJob

    def match(self, messages: Sequence[ClaimSubmitted]) -> None:
        for message in messages:
            self.job.act(message)


def test_a_matcher_faster_than_the_submitter_keeps_what_it_decided(
    dynamodb: Any, tables: TableNames
) -> None:
    queues = EagerMatcher()
    job = queues.job = MainJob(dynamodb, tables, queues, queues.taken)
    anna, refused, unknown = MEMBERS[0], order_number(1), order_number(2)
    job.arrive(refused)
    job.clock.advance(timedelta(days=400))

    job.submit(anna, refused)
    job.submit(anna, unknown)

    assert job.claim_of(anna, refused).reason == "OUT_OF_WINDOW"
    waiting = job.orders.claim(anna, job.claim_of(anna, unknown).claim.claim_id)
    assert waiting is not None
    assert waiting.next_check_at == job.clock.now() + timedelta(minutes=5)


def test_a_line_claimed_again_after_400_days_brings_nothing_new(job: MainJob) -> None:
    first, second, third = MEMBERS[:3]
    job.arrive(ORDER)
    job.submit(first, ORDER)
    messages = job.taken()
    for message in messages:
        job.act(message)
    change = OrdersChanged(member_id=first, order_refs=(order_ref(ORDER),), correlation_id="x")
    job.deliver_all()
    job.submit(second, ORDER)
    job.deliver_all()
    before = [job.ledger.whole(each) for each in MEMBERS[:3]]

    for pause in (timedelta(minutes=11), timedelta(days=400)):
        job.clock.advance(pause)
        job.submit(first, ORDER)
        job.submit(second, ORDER)
        if pause.days:
            job.submit(third, ORDER)
        for message in [*messages, change, *job.taken()]:
            job.delivered(message)
        job.deliver_all()
        job.arrive(ORDER)  # and the same order in a file of today
        job.deliver_all()

    assert [job.ledger.whole(each) for each in MEMBERS[:3]] == before
    assert job.claim_of(first, ORDER).status == "credited"
    assert job.claim_of(second, ORDER).status == "rejected"
    assert job.claim_of(third, ORDER).status == "waiting"
    job.assert_holds(first, 100)
