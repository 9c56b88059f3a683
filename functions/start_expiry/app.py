"""Schedule: find the shards in which points expire, holds time out or notices are due."""

from __future__ import annotations

from datetime import datetime

from huixue.edge import ledger_jobs
from huixue.edge.schedule import schedule_entry


def act(until: datetime) -> dict[str, object]:
    del until  # 64 short reads and a few messages
    return ledger_jobs.start_expiry()


handler = schedule_entry(act)
