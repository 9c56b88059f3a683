"""Faults without a plan: transactions that conflict, are throttled, or are committed and never told so, at random.

For many threads at once, where nobody can say which call is the next one.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.faults.answers import Fault
from tests.faults.harness import Faults


class ConflictsAtRandom(Faults):
    """Each transaction of the clients fails with the chance given, half of them before and half after the commit."""

    BEFORE = (Fault.CONFLICT, Fault.CANCELLED_BY_THROTTLING)
    AFTER = (Fault.ERROR_500_AFTER, Fault.LOST_REPLY)

    def __init__(self, *clients: Any, random: Random, chance: float) -> None:
        super().__init__(*clients)
        self._random = random
        self._chance = chance
        self.struck: Counter[Fault] = Counter()

    def _next(self, service: str, operation: str) -> Fault | None:
        with self._lock:
            if operation != "TransactWriteItems" or self._random.random() >= self._chance:
                return None
            fault = self._random.choice((*self.BEFORE, *self.AFTER))
            self.struck[fault] += 1
            return fault

    def _strike(
        self, fault: Fault, service: str, operation: str, request: AWSPreparedRequest
    ) -> AWSResponse:
        with (
            self._lock
        ):  # a conflict may also hide that the same transaction went through the first time
            committed = fault in self.BEFORE and self._random.random() < 0.5
        if committed:
            self._session.send(request)
        return super()._strike(fault, service, operation, request)
