"""The main job as processes that can die: its queues are SQS, and what a dead worker did not finish comes again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from huixue.edge.messages import decoded
from huixue.edge.outbox import SqsOutbox
from huixue.edge.settings import Settings
from huixue.kernel.errors import UnavailableError
from huixue.kernel.events import ClaimSubmitted, Message, OrdersChanged, OrderSyncRequested
from tests.engines.clients import make_client
from tests.engines.tables import TableNames
from tests.faults.answers import Fault
from tests.faults.harness import Call, Faults, Killed
from tests.races.main_job import MainJob

QUEUES: Mapping[str, type[Message]] = {
    "claims_to_match_queue_url": ClaimSubmitted,
    "points_credit_queue_url": OrdersChanged,
    "order_syncs_queue_url": OrderSyncRequested,
}
SDK_ATTEMPTS = 3  # of the clients of the tests
LASTING = (Fault.THROTTLE, Fault.ERROR_500_BEFORE, Fault.ERROR_500_AFTER, Fault.LOST_REPLY)
"""Faults that reach our code only when every attempt of the SDK meets them."""
Plan = dict[int, Fault]


class Queues:
    """Real queues under the outbox; received by a client of their own, so that receiving is nobody's fault."""

    def __init__(self, sqs: Any, ministack_url: str, suffix: str) -> None:
        self._receiver = make_client("sqs", ministack_url)
        self._urls = {
            name: self._receiver.create_queue(QueueName=f"{name}-{suffix}")["QueueUrl"]
            for name in QUEUES
        }
        self.outbox = SqsOutbox(sqs, Settings(**self._urls), sleep=lambda _: None)

    def taken(self) -> list[Message]:
        return [message for name, url in self._urls.items() for message in self._of(name, url)]

    def _of(self, name: str, url: str) -> Iterator[Message]:
        while True:
            answer = self._receiver.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            messages = answer.get("Messages", [])
            for each in messages:
                self._receiver.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
                yield decoded(each["Body"], QUEUES[name])
            if len(messages) < 10:  # noqa: PLR2004 - fewer than asked for: that was all
                return

    def close(self) -> None:
        for url in self._urls.values():
            self._receiver.delete_queue(QueueUrl=url)
        self._receiver.close()


def job_on(dynamodb: Any, tables: TableNames, queues: Queues) -> MainJob:
    return MainJob(dynamodb, tables, queues.outbox, queues.taken)


Case = Callable[[MainJob, int], Callable[[], object]]
"""Prepares whatever must be there (job, number of the run) and gives what the request then does."""


def survived(job: MainJob, request: Callable[[], object], faults: Faults, plan: Plan) -> None:
    """The request and all that follows, under the plan; whoever dies or gives up is started again without faults:
    the app asks again, and SQS delivers again."""
    faults.plan(plan)
    _until_done(request, faults, plan)
    while messages := job.taken():
        for message in messages:
            _until_done(lambda message=message: job.act(message), faults, plan)  # type: ignore[misc]  # bound now


def given_up(job: MainJob, request: Callable[[], object], faults: Faults, plan: Plan) -> None:
    """The same, but nobody asks or delivers again: whoever failed is forgotten, and its message with it."""
    faults.plan(plan)
    with suppress(Killed, UnavailableError):
        request()
    while messages := job.taken():
        for message in messages:
            if faults.fired.keys() & plan.keys():
                faults.plan({})
            with suppress(Killed, UnavailableError):
                job.act(message)
    faults.plan({})


def _until_done(step: Callable[[], object], faults: Faults, plan: Plan) -> None:
    try:
        step()
    except (Killed, UnavailableError):
        later = {index: fault for index, fault in plan.items() if index > max(faults.fired)}
        shift = len(faults.calls)
        faults.plan({index - shift: fault for index, fault in later.items() if index >= shift})
        _until_done(step, faults, {})


def lasting_faults(calls: Iterable[Call]) -> Iterator[Plan]:
    """Every plan in which one call meets the same fault in all attempts of the SDK."""
    for call in calls:
        for fault in LASTING:
            yield {call.index + attempt: fault for attempt in range(SDK_ATTEMPTS)}
