"""A claim, a sync or a refund with up to three faults in it, of any kind and in any place: exact in the end.

The real code, SDK and queues on the local engine. A run meets one or two faults; whoever dies of them begins again and
may meet one more. In a few runs nobody begins again: then a sweep has to find what is left.
"""

from __future__ import annotations

import atexit
import tempfile
import uuid
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.engines import ministack
from tests.engines.clients import make_client
from tests.engines.tables import TableNames, create_tables
from tests.faults.answers import Fault, applies
from tests.faults.cases import CASES, AnyCase
from tests.faults.harness import Call, Faults
from tests.faults.workers import Plan, Queues, abandoned, job_on, survived

SWEPT_OF_HUNDRED = 5
"""A sweep walks over everything that earlier seeds left: it is the slow part."""

ANYWHERE = [fault for fault in Fault if applies(fault, "s3", "PutObject")]
"""Kinds that can happen to every call of every service."""


class Stage:
    """The main job on an engine; every run gets a member and orders of its own, so that runs do not meet."""

    def __init__(self, dynamodb: Any, tables: TableNames, queues: Queues, faults: Faults) -> None:
        self.job = job_on(dynamodb, tables, queues)
        self.faults = faults
        self._runs = 0
        self._calls: dict[int, list[Call]] = {}

    def case(self, kind: int) -> AnyCase:
        self._runs += 1
        self.faults.plan({})
        case = CASES[kind](self.job, self._runs)
        case.prepare()
        self.job.clock.advance(timedelta(seconds=1))
        self.job.claims.rules.offers("demo", "taobao")  # a warm function: the same calls each time
        return case

    def calls(self, kind: int) -> list[Call]:
        """Those of a run of this kind in which nothing goes wrong."""
        if kind not in self._calls:
            case = self.case(kind)
            self.faults.plan({})
            case.request()
            while messages := self.job.taken():
                for message in messages:
                    self.job.act(message)
            self._calls[kind] = list(self.faults.calls)
        return self._calls[kind]

    def sweep(self) -> None:
        self.job.clock.advance(timedelta(minutes=6))
        self.job.sweep()
        self.job.deliver_all()


def prove(random: Random) -> None:
    prove_on(_stage(), random)


def prove_on(stage: Stage, random: Random) -> None:
    kind = random.randrange(len(CASES))
    calls = stage.calls(kind)
    plans = [first_plan(calls, random), later_plan(random.randrange(len(calls)), random)]
    nobody_asks_again = random.randrange(100) < SWEPT_OF_HUNDRED
    case = stage.case(kind)
    try:
        if nobody_asks_again:
            abandoned(stage.job, case.request, stage.faults, plans[0])
            stage.sweep()
            case.assert_whole_or_nothing()
            return
        survived(stage.job, case.request, stage.faults, plans)
        if case.waits_for_the_sweep:
            stage.sweep()
        case.assert_done()
    except BaseException as error:
        error.add_note(f"{type(case).__name__}, abandoned: {nobody_asks_again}, faults: {plans}")
        raise


def first_plan(calls: list[Call], random: Random) -> Plan:
    """A fault at one of the calls, and perhaps one more soon after it."""
    call = random.choice(calls)
    kinds = [fault for fault in Fault if applies(fault, call.service, call.operation)]
    plan = {call.index: random.choice(kinds)}
    return (
        plan
        if random.random() < 0.5
        else later_plan(call.index + random.randint(1, 6), random) | plan
    )


def later_plan(index: int, random: Random) -> Plan:
    """A fault at a call nobody can foretell: after the first one the calls may be others than those of a clean run."""
    return {index: random.choice(ANYWHERE)}


@cache
def _stage() -> Stage:
    """Started for the first seed, stopped with the process."""
    end = ExitStack()
    atexit.register(end.close)
    folder = end.enter_context(tempfile.TemporaryDirectory())
    url = end.enter_context(ministack.started(Path(folder)))
    dynamodb, sqs = make_client("dynamodb", url), make_client("sqs", url)
    queues = Queues(sqs, url, uuid.uuid4().hex[:12])
    tables = create_tables(dynamodb, uuid.uuid4().hex[:12])
    return Stage(dynamodb, tables, queues, end.enter_context(Faults(dynamodb, sqs)))
