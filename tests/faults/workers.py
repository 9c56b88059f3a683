"""The main job as processes that can die: its queues are SQS, and what a dead worker did not finish comes again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from huixue.dynamodb.database import MAX_TRIES
from huixue.edge.messages import MessageMalformedError, decoded
from huixue.edge.outbox import MAX_TRIES as SQS_TRIES
from huixue.edge.outbox import SqsOutbox
from huixue.edge.settings import Settings
from huixue.kernel.errors import UnavailableError
from huixue.kernel.events import (
    ClaimSubmitted,
    MemberErased,
    Message,
    OrdersChanged,
    OrderSyncRequested,
)
from tests.engines.clients import make_client
from tests.engines.tables import TableNames
from tests.faults.answers import Fault, applies
from tests.faults.harness import Call, Faults, Killed
from tests.races.main_job import MainJob

KINDS: tuple[type[Message], ...] = (
    ClaimSubmitted,
    OrdersChanged,
    OrderSyncRequested,
    MemberErased,
)
READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
Plan = dict[int, Fault]
LASTING_CALLS: Mapping[Fault, int] = {
    Fault.THROTTLE: 3,
    Fault.ERROR_500_AFTER: 3,
    Fault.CONFLICT: MAX_TRIES,
    Fault.UNPROCESSED: MAX_TRIES,
}
"""How often a fault has to come in a row until it reaches our code: the attempts of the SDK (of the tests' clients),
or our own where the SDK makes none. One kind of those that did nothing, one of those that did it."""


class Queues:
    """A real queue under the outbox, one for all messages; received by a client of its own, so that receiving is
    nobody's fault."""

    def __init__(self, sqs: Any, ministack_url: str, suffix: str) -> None:
        self._receiver = make_client("sqs", ministack_url)
        self._url = self._receiver.create_queue(QueueName=f"messages-{suffix}")["QueueUrl"]
        settings = Settings(
            claims_to_match_queue_url=self._url,
            points_credit_queue_url=self._url,
            order_syncs_queue_url=self._url,
            erasures_queue_url=self._url,
        )
        self.outbox = SqsOutbox(sqs, settings, sleep=lambda _: None)

    def taken(self) -> list[Message]:
        found: list[Message] = []
        while True:
            answer = self._receiver.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
            messages = answer.get("Messages", [])
            if not messages:
                return found
            entries = [
                {"Id": str(index), "ReceiptHandle": each["ReceiptHandle"]}
                for index, each in enumerate(messages)
            ]
            self._receiver.delete_message_batch(QueueUrl=self._url, Entries=entries)
            found += [message_in(each["Body"]) for each in messages]
            if len(messages) < 10:  # fewer than asked for: that was all
                return found

    def close(self) -> None:
        self._receiver.delete_queue(QueueUrl=self._url)
        self._receiver.close()


def message_in(body: str) -> Message:
    for kind in KINDS:
        with suppress(MessageMalformedError):
            return decoded(body, kind)
    raise AssertionError(f"no message of ours: {body}")


def job_on(dynamodb: Any, tables: TableNames, queues: Queues) -> MainJob:
    return MainJob(dynamodb, tables, queues.outbox, queues.taken)


def survived(
    job: MainJob, request: Callable[[], object], faults: Faults, plans: Sequence[Plan]
) -> None:
    """The request and all that follows from it, under the first plan. Whoever dies or gives up begins again, under
    the next plan and in the end under none: the app asks again, SQS delivers again."""
    left = iter(plans)
    faults.plan(next(left, {}))

    def done(step: Callable[[], object]) -> None:
        while True:
            try:
                step()
            except (Killed, UnavailableError):
                faults.plan(next(left, {}))
            else:
                return

    done(request)
    while messages := job.taken():
        for message in messages:
            done(partial(job.act, message))
    faults.plan({})


def abandoned(job: MainJob, request: Callable[[], object], faults: Faults, plan: Plan) -> None:
    """The same, but at the first death everything on its way is lost, and nobody asks again."""
    faults.plan(plan)
    try:
        request()
        while messages := job.taken():
            for message in messages:
                job.act(message)
    except (Killed, UnavailableError):
        job.taken()
    faults.plan({})


def lasting_faults(calls: Iterable[Call]) -> Iterator[Plan]:
    """Every plan in which one call meets the same fault until our code gives up."""
    for call in calls:
        for fault, times in LASTING_CALLS.items():
            done_and_lost = fault is Fault.ERROR_500_AFTER and call.operation in READS
            if applies(fault, call.service, call.operation) and not done_and_lost:
                of_sqs = fault is Fault.UNPROCESSED and call.service == "sqs"
                attempts = SQS_TRIES if of_sqs else times
                yield {call.index + attempt: fault for attempt in range(attempts)}
