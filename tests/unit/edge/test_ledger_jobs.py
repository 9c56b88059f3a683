from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from huixue.edge import ledger_jobs
from huixue.kernel.ids import MemberId
from tests.functions.stage import Stage, running_stage
from tests.house.checkout import TEMPLATE, load_template


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with running_stage() as running:
        yield running


@pytest.mark.usefixtures("stage")
@pytest.mark.parametrize(
    "part", ["due_index", "notices", "audit_book", "expiry_desk", "audit_desk"]
)
def test_a_part_is_built_once(part: str) -> None:
    assert getattr(ledger_jobs, part)() is getattr(ledger_jobs, part)()


@pytest.mark.usefixtures("stage")
def test_who_was_never_told_has_no_notices() -> None:
    assert ledger_jobs.notices_of(MemberId("mem_nobody")) == []


@pytest.mark.parametrize(
    ("function", "walk"),
    [
        ("ExpirePointsFunction", ledger_jobs.EXPIRY_WALK),
        ("AuditLedgerFunction", ledger_jobs.AUDIT_WALK),
    ],
)
def test_a_walk_ends_long_before_its_function_is_stopped(function: str, walk: timedelta) -> None:
    timeout_s = load_template(TEMPLATE)["Resources"][function]["Properties"]["Timeout"]

    assert walk.total_seconds() * 2 <= timeout_s
