"""Queue: enter what happened by itself to the accounts of one shard."""

from __future__ import annotations

from huixue.edge import ledger_jobs
from huixue.edge.batch import queue_entry
from huixue.kernel.events import AccountsDue


def act(message: AccountsDue, redelivered: bool) -> str:
    del redelivered  # what was entered is no longer due
    return ledger_jobs.expire_points(message)


handler = queue_entry(AccountsDue, act)
