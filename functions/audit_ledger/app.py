"""Queue: judge the accounts of one segment of the ledger."""

from __future__ import annotations

from huixue.edge import ledger_jobs
from huixue.edge.batch import queue_entry
from huixue.kernel.events import AuditPlanned


def act(message: AuditPlanned, redelivered: bool) -> str:
    del redelivered  # an account is judged by what it is
    return ledger_jobs.audit_ledger(message)


handler = queue_entry(AuditPlanned, act)
