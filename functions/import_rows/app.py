"""Queue: join one chunk of an import into the order pool."""

from __future__ import annotations

from huixue.edge import pool_desks
from huixue.edge.batch import queue_entry
from huixue.kernel.events import RowsPlanned
from huixue.orders.imports import apply_chunk


def act(message: RowsPlanned, redelivered: bool) -> str:
    applied = apply_chunk(
        message, desk=pool_desks.import_desk(), pool=pool_desks.pool_desk(), redelivered=redelivered
    )
    return "applied" if applied is not None else "finished before"


handler = queue_entry(RowsPlanned, act)
