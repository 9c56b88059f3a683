"""Faults on the HTTP send of real botocore clients, in this process, for exhaustive plans.

Every send of the given clients gets the next number, over all of them; a plan names the numbers that go wrong:

    with Faults(dynamodb, sqs) as faults:
        submit(...)                                   # clean run: what is there to break?
        for plan in single_faults(faults.calls):
            faults.plan(plan)                         # a new process: numbers start again at 0
            with suppress(Killed): submit(...)
            faults.plan({})
            submit(...)                               # redelivery
            ...                                       # exact?

The hook is botocore's own event `before-send`: a handler that returns an answer takes the place of the send. So the
SDK's signing, parsing and retries are the real ones; only its pauses between attempts are left out.
Needs a real engine behind the client (moto answers inside that very event and would never see our sends).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from tests.faults.answers import Fault, answer, applies
from tests.faults.pauses import ImmediateRetries

SEND_TIMEOUT_S = 10


class Killed(BaseException):
    """The process died here. No Exception, so that no handler of the code under test can survive it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One send; an SDK retry is a call of its own."""

    index: int
    service: str
    operation: str


class Faults:
    """Faults for the clients given, as long as the block lasts. Safe to use from several threads."""

    def __init__(self, *clients: Any) -> None:
        if not clients:
            raise ValueError("there is no client to break")
        self._hooks = [
            (client.meta.events, _service(client), ImmediateRetries(client)) for client in clients
        ]
        self._lock = threading.Lock()
        self._session = URLLib3Session(timeout=SEND_TIMEOUT_S)
        self._plan: Mapping[int, Fault] = {}
        self._dead = False
        self.calls: list[Call] = []
        self.fired: dict[int, Fault] = {}

    def plan(self, plan: Mapping[int, Fault]) -> None:
        """Begin again as a new process: call numbers from 0, nothing fired, alive."""
        with self._lock:
            self._plan = dict(plan)
            self._dead = False
            self.calls = []
            self.fired = {}

    def __enter__(self) -> Self:
        for events, service, retries in self._hooks:
            events.register_first(f"before-send.{service}", self._before_send)
            events.register_first(f"needs-retry.{service}", retries)
        return self

    def __exit__(self, *exc_info: object) -> None:
        for events, service, retries in self._hooks:
            events.unregister(f"before-send.{service}", self._before_send)
            events.unregister(f"needs-retry.{service}", retries)
        self._session.close()

    def _before_send(
        self, request: AWSPreparedRequest, event_name: str, **_event: object
    ) -> AWSResponse | None:
        service, operation = event_name.split(".")[1:]
        fault = self._next(service, operation)
        if fault is None:
            return None
        return self._strike(fault, service, operation, request)

    def _next(self, service: str, operation: str) -> Fault | None:
        with self._lock:
            if self._dead:
                # what a `finally` of the code under test still tries: a dead process sends nothing
                raise Killed
            call = Call(index=len(self.calls), service=service, operation=operation)
            self.calls.append(call)
            fault = self._plan.get(call.index)
            if fault is not None:
                if not applies(fault, service, operation):
                    raise ValueError(f"{fault} cannot happen to {service} {operation}")
                self.fired[call.index] = fault
            return fault

    def _strike(
        self, fault: Fault, service: str, operation: str, request: AWSPreparedRequest
    ) -> AWSResponse:
        if fault in (Fault.KILL_AFTER, Fault.ERROR_500_AFTER, Fault.LOST_REPLY):
            self._session.send(request)
        if fault in (Fault.KILL_BEFORE, Fault.KILL_AFTER):
            self._dead = True
            raise Killed(f"{fault} at {service} {operation}")
        if fault is Fault.LOST_REPLY:
            raise ReadTimeoutError(endpoint_url=request.url)
        if fault is Fault.RESET:
            raise ConnectionClosedError(endpoint_url=request.url)
        return answer(fault, service, operation, request)


def _service(client: Any) -> str:
    name: str = client.meta.service_model.service_id.hyphenize()
    return name


def single_faults(
    calls: Iterable[Call], kinds: Iterable[Fault] = tuple(Fault)
) -> Iterator[dict[int, Fault]]:
    """Every plan with exactly one fault over the calls of a clean run."""
    kinds = tuple(kinds)
    for call in calls:
        for kind in kinds:
            if applies(kind, call.service, call.operation):
                yield {call.index: kind}
