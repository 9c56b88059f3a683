"""What an import would do, found out without writing anything."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from huixue.kernel.snapshots import RowError
from huixue.orders.import_store import ImportStore
from huixue.orders.imports import ROWS_PER_CHUNK
from huixue.orders.merging import merged
from huixue.orders.model import Order, PoolRow
from huixue.orders.pool import pool_row
from huixue.platforms.exports.errors import NotAnExportError
from huixue.platforms.exports.reading import read_export
from infra.ops import stores
from infra.ops.deployment import Deployment
from infra.ops.errors import OperatorError
from infra.ops.uploads import Upload

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


def _exported_at(deployment: Deployment, upload: Upload) -> datetime:
    """As the import would take it: the very file that was imported before was exported no later than then."""
    book = ImportStore(stores.database(deployment), deployment.output("OrdersTableName"))
    known = book.load(upload.import_id())
    return known.exported_at if known is not None else upload.exported_at or datetime.now(UTC)


def _read(deployment: Deployment, upload: Upload) -> tuple[list[PoolRow], list[RowError]]:
    hashes = stores.keyed_hash(deployment)
    room = f"{upload.programme_id}/{upload.room_id}"
    rows: list[PoolRow] = []
    errors: list[RowError] = []
    as_of = _exported_at(deployment, upload)
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
            error.message,
            next_step="Export it again as the platform offers it.",
        ) from error
    return rows, errors


def _compared(deployment: Deployment, rows: list[PoolRow], console: Console) -> dict[str, int]:
    """Counted as the import counts: an order once in each of its chunks, new where it first has a line."""
    store = stores.orders(deployment)
    counts = {"orders_new": 0, "orders_changed": 0, "orders_unchanged": 0}
    joined: dict[str, Order] = {}
    chunks = list(_chunks(rows))
    for chunk in track(chunks, description="comparing", console=console, transient=True):
        refs = list(dict.fromkeys(row.order_ref for row in chunk))
        joined = store.orders([ref for ref in refs if ref not in joined]) | joined
        before = {ref: joined.get(ref) for ref in refs}
        for row in chunk:
            joined[row.order_ref] = merged(joined.get(row.order_ref), row)
        for ref, order in before.items():
            counts[_effect(order, joined[ref])] += 1
    return counts


def _effect(before: Order | None, after: Order) -> str:
    if before is None or before.first_source is None:
        return "orders_new"
    return "orders_unchanged" if after is before else "orders_changed"


def _chunks(rows: list[PoolRow]) -> Iterator[list[PoolRow]]:
    source = iter(rows)
    while chunk := list(islice(source, ROWS_PER_CHUNK)):
        yield chunk
