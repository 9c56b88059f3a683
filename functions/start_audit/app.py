"""Schedule: a seventh of the ledger is to be judged today."""

from __future__ import annotations

from datetime import datetime

from huixue.edge import ledger_jobs
from huixue.edge.schedule import schedule_entry


def act(until: datetime) -> dict[str, object]:
    del until  # one read and a few messages
    return ledger_jobs.start_audit()


handler = schedule_entry(act)
