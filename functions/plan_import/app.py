"""Queue: read an uploaded export in a stream and cut it into chunks of pool rows."""

from __future__ import annotations

from huixue.edge import clients, pool_desks
from huixue.edge.batch import queue_entry
from huixue.kernel.events import ExportUploaded
from huixue.orders.imports import plan


def act(message: ExportUploaded, redelivered: bool) -> str:
    del redelivered  # the same file gives the same chunks
    planned = plan(
        message, desk=pool_desks.import_desk(), read_export=pool_desks.read_export_rows,
        hashes=clients.keyed_hash(),
    )  # fmt: skip
    return planned.status


handler = queue_entry(ExportUploaded, act)
