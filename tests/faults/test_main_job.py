"""Every single fault at every call of a claim, a sync and a refund: exact after redelivery, or after one sweep.

The calls are those of a clean run, DynamoDB's and SQS's alike. Each fault comes once (the SDK or our own retries
mend it) and so often that our code gives up. Left to `make prove PROOF=faults`: two faults in one run, and kinds that
look to our code like one that is here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.engines.tables import TableNames
from tests.faults.answers import Fault
from tests.faults.cases import CASES, AnyCase, ClaimCase, RefundCase, SyncCase
from tests.faults.harness import Call, Faults, single_faults
from tests.faults.workers import READS, Plan, Queues, abandoned, job_on, lasting_faults, survived
from tests.races.main_job import MainJob

MakeCase = type[ClaimCase] | type[SyncCase] | type[RefundCase]
AT_READS = (Fault.KILL_BEFORE, Fault.UNPROCESSED)
DEATHS = (Fault.KILL_BEFORE, Fault.KILL_AFTER)
AT_WRITES = (
    *DEATHS,
    Fault.ERROR_500_AFTER,
    Fault.CONFLICT,
    Fault.CANCELLED_BY_THROTTLING,
    Fault.IN_PROGRESS,
    Fault.UNPROCESSED,
)


@pytest.fixture
def queues(sqs: Any, ministack_url: str) -> Iterator[Queues]:
    queues = Queues(sqs, ministack_url, uuid.uuid4().hex[:12])
    yield queues
    queues.close()


@pytest.fixture
def job(dynamodb: Any, tables: TableNames, queues: Queues) -> MainJob:
    return job_on(dynamodb, tables, queues)


@pytest.fixture
def faults(dynamodb: Any, sqs: Any, job: MainJob) -> Iterator[Faults]:
    with Faults(dynamodb, sqs) as faults:
        yield faults


def calls_of(make: MakeCase, job: MainJob, faults: Faults) -> list[Call]:
    """The calls of a run in which nothing goes wrong."""
    case = prepared(make, job, faults, 0)
    faults.plan({})
    case.request()
    while messages := job.taken():
        for message in messages:
            job.act(message)
    calls = list(faults.calls)
    case.assert_done()
    return calls


def telling_faults(calls: list[Call]) -> Iterator[Plan]:
    """A read that is answered and lost is a read never made."""
    yield from single_faults([call for call in calls if call.operation in READS], AT_READS)
    yield from single_faults([call for call in calls if call.operation not in READS], AT_WRITES)


def lost_writes(calls: list[Call]) -> Iterator[Plan]:
    """Written, but the SDK hears of a failure and writes again."""
    writes = [call for call in calls if call.operation not in READS]
    yield from single_faults(writes, [Fault.ERROR_500_AFTER])


def deaths(calls: list[Call]) -> Iterator[Plan]:
    yield from single_faults([call for call in calls if call.operation in READS], DEATHS[:1])
    yield from single_faults([call for call in calls if call.operation not in READS], DEATHS)


ALL_THAT_TELLS: dict[MakeCase, Callable[[list[Call]], list[Plan]]] = {
    ClaimCase: lambda calls: [*telling_faults(calls), *lasting_faults(calls)],
    RefundCase: lambda calls: [*telling_faults(calls), *lasting_faults(calls)],
    SyncCase: lambda calls: [*deaths(calls), *lost_writes(calls)],
}
"""A sync makes twice the calls of a claim, most of them the same: only what it alone can lose is here."""


@pytest.mark.ministack
@pytest.mark.parametrize("make", CASES)
def test_after_redelivery_every_single_fault_leaves_one_exact_result(
    make: MakeCase, job: MainJob, faults: Faults
) -> None:
    calls = calls_of(make, job, faults)
    plans = ALL_THAT_TELLS[make](calls)

    late = []

    for number, plan in enumerate(plans, 1):
        case = prepared(make, job, faults, number)
        survived(job, case.request, faults, [plan])
        if case.waits_for_the_sweep:
            late.append((case, plan))
        else:
            explained(case.assert_done, plan, calls)
    sweep_and_deliver(job)

    for case, plan in late:
        explained(case.assert_done, plan, calls)
    assert {call.service for call in calls} == {"dynamodb", "sqs"}
    assert len(plans) > len(calls)


@pytest.mark.exact_engines
@pytest.mark.parametrize("make", CASES)
def test_after_the_loss_of_everything_one_sweep_makes_it_exact(
    make: MakeCase, job: MainJob, faults: Faults
) -> None:
    calls = calls_of(make, job, faults)
    runs = []
    for number, plan in enumerate(deaths(calls), 1):
        case = prepared(make, job, faults, number)
        abandoned(job, case.request, faults, plan)
        runs.append((case, plan))

    sweep_and_deliver(job)

    for case, plan in runs:
        explained(case.assert_whole_or_nothing, plan, calls)
    assert job.sweep().repairs == 0


def sweep_and_deliver(job: MainJob) -> None:
    job.clock.advance(timedelta(minutes=6))
    assert job.sweep().round_finished
    job.deliver_all()


def prepared(make: MakeCase, job: MainJob, faults: Faults, number: int) -> AnyCase:
    faults.plan({})
    case = make(job, number)
    case.prepare()
    job.clock.advance(timedelta(seconds=1))
    job.claims.rules.offers("demo", "taobao")  # a warm function: every run makes the same calls
    return case


def explained(check: Callable[[], None], plan: Plan, calls: list[Call]) -> None:
    try:
        check()
    except BaseException as error:
        index, fault = min(plan.items())
        operation = calls[index].operation
        error.add_note(f"{fault} at call {index} ({operation}), {len(plan)} times")
        raise
