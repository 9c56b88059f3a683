"""What an import would do, found out without writing anything."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from huixue.kernel.snapshots import RowError
from huixue.orders.merging import merged
from huixue.orders.model import PoolRow
from huixue.orders.pool import ORDERS_PER_READ, pool_row
from huixue.platforms.exports.errors import NotAnExportError
from huixue.platforms.exports.reading import read_export
from infra.ops import stores
from infra.ops.deployment import Deployment
from infra.ops.errors import OperatorError

if TYPE_CHECKING:
    from infra.ops.imports import Upload

ERRORS_SHOWN = 20


def show(deployment: Deployment, upload: Upload, *, console: Console, as_json: bool) -> None:
    """Prints how many orders are new, would change or stay, their states, and the rows that cannot be taken."""
    rows, errors = _read(deployment, upload)
    counts = _compared(deployment, rows, console)
    states = Counter(row.line.state for row in rows)
    if as_json:
        typer.echo(json.dumps(
            {"dry_run": True, "rows": len(rows), "row_errors": len(errors), **counts, "states": states}
        ))  # fmt: skip
        return
    table = Table("would", "orders", title="dry run: nothing was written")
    for name, count in {**counts, **{f"state {name}": n for name, n in states.items()}}.items():
        table.add_row(name.replace("_", " "), str(count))
    console.print(table)
    for error in errors[:ERRORS_SHOWN]:
        console.print(f"line {error.line_number}: {error.column}: {error.code}")
    if errors:
        console.print(f"[yellow]{len(errors)} rows cannot be taken[/yellow]")


def _read(deployment: Deployment, upload: Upload) -> tuple[list[PoolRow], list[RowError]]:
    hashes = stores.keyed_hash(deployment)
    room = f"{upload.programme_id}/{upload.room_id}"
    rows: list[PoolRow] = []
    errors: list[RowError] = []
    as_of = upload.exported_at or datetime.now(UTC)
    try:
        with upload.file.open("rb") as stream:
            reading = read_export(
                stream, filename=upload.file.name, platform=upload.platform, as_of=as_of
            )
            for _, row in reading.rows:
                if isinstance(row, RowError):
                    errors.append(row)
                else:
                    rows.append(pool_row(row, room=room, hashes=hashes))
    except NotAnExportError as error:
        raise OperatorError(
            f"{upload.file.name}: {error.message}",
            next_step="Export it again as the platform offers it.",
        ) from error
    return rows, errors


def _compared(deployment: Deployment, rows: list[PoolRow], console: Console) -> dict[str, int]:
    store = stores.orders(deployment)
    counts = {"orders_new": 0, "orders_changed": 0, "orders_unchanged": 0}
    batches = list(_batches(rows))
    for batch in track(batches, description="comparing", console=console, transient=True):
        known = store.orders([row.order_ref for row in batch])
        for row in batch:
            order = known.get(row.order_ref)
            if order is None:
                counts["orders_new"] += 1
            else:
                same = merged(order, row) is order
                counts["orders_unchanged" if same else "orders_changed"] += 1
    return counts


def _batches(rows: list[PoolRow]) -> Iterator[list[PoolRow]]:
    source = iter(rows)
    while batch := list(islice(source, ORDERS_PER_READ)):
        yield batch
