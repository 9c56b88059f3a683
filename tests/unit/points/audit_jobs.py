"""A sound ledger, and audits of it: whole, in parts, again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from huixue.kernel.events import AuditPlanned
from huixue.points.audit_runs import (
    audit_segment,
    planned,
)
from tests.unit.points.fakes import ANNA, BERTA, Clock, local
from tests.unit.points.job_fakes import FAR, Jobs

MORNING = "2026-11-21 03:00"


def sound_ledger() -> Jobs:
    """Anna, Berta and forty others, all sound."""
    made = Jobs(clock=Clock(now=local(MORNING)))
    for member_id in (ANNA, BERTA, *(f"mem_{n:02}" for n in range(40))):
        made.given(member_id, 10, "2026-12-31|order")
        made.given(member_id, 5, "2027-11-30|order")
    return made


def audited(jobs: Jobs) -> dict[str, int]:
    """All messages to their end; what the last part of each segment counted, added up."""
    while jobs.parts:
        audit_segment(jobs.parts.pop(0), desk=jobs.audit_desk(), until=FAR)
    return {
        name: sum(getattr(each, name) for each in jobs.records.values())
        for name in ("accounts", "entries", "violations", "left_out")
    }


def everything(jobs: Jobs, run: str = "now-1") -> dict[str, int]:
    jobs.records.clear()
    jobs.audit(planned(run))
    return audited(jobs)


def corrupt(jobs: Jobs, member_id: str = ANNA, **wrong: Any) -> None:
    jobs.ledger.accounts[member_id] = replace(jobs.ledger.accounts[member_id], **wrong)


def has(jobs: Jobs, message: AuditPlanned, member_id: str) -> bool:
    return any(
        each.member_id == member_id for each in jobs.sheets(message.segment, message.segments, None)
    )
