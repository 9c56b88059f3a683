"""A short run of the proof of faults; the long one is `make prove PROOF=faults`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engines.tables import TableNames
from tests.faults.harness import Faults
from tests.faults.workers import Queues
from tests.prove.proof_faults import Stage, prove_on
from tests.prove.run import first_failure

SEEDS = 15


@pytest.fixture
def stage(dynamodb: Any, sqs: Any, tables: TableNames, ministack_url: str) -> Iterator[Stage]:
    queues = Queues(sqs, ministack_url, uuid.uuid4().hex[:12])
    with Faults(dynamodb, sqs) as faults:
        yield Stage(dynamodb, tables, queues, faults)
        faults.plan({})
    queues.close()


@pytest.mark.ministack
def test_runs_with_several_faults_end_exact(stage: Stage) -> None:
    failure = first_failure("faults", lambda random: prove_on(stage, random), range(SEEDS))

    assert failure is None, f"{failure and failure.trace}\nagain: {failure and failure.replay}"
