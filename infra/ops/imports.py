"""`huixue import-orders`: uploads an export, follows its import, and writes out what could not be taken."""

from __future__ import annotations

import csv
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from huixue.edge.import_files import errors_key, upload_key
from huixue.edge.messages import encoded
from huixue.kernel.calendar import SHANGHAI
from huixue.kernel.events import ExportUploaded
from huixue.orders.import_store import ImportStore
from huixue.orders.imports import Import
from infra.ops.deployment import LOCAL, Deployment, load
from infra.ops.errors import OperatorError
from infra.ops.stores import database
from infra.ops.uploads import Upload

POLL_S = 0.25
_ERRORS_GONE = "the list of them was kept for a day; --dry-run finds them again"
GIVE_UP_S = 3600.0
"""Without any progress for this long, something is wrong on the other side."""


def import_orders(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX as exported.")
    ],
    platform: Annotated[str, typer.Option(help="Where the orders were placed: taobao.")],
    room: Annotated[str, typer.Option(help="The live room they belong to, as in the programme.")],
    programme: Annotated[str, typer.Option(help="The programme of the room.")] = "demo",
    exported_at: Annotated[
        str | None,
        typer.Option(
            help="When the platform made the file, e.g. 2026-11-20T09:00:00+08:00; default: now."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    stage: Annotated[str, typer.Option(help="Which deployment.")] = LOCAL,
    region: Annotated[str | None, typer.Option(help="AWS region, for stages on AWS.")] = None,
    errors_file: Annotated[
        Path | None, typer.Option(help="Where row errors go; default: FILE.row-errors.csv.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Import an export of orders: uploads it, follows it to its end, and writes out the rows that were not taken.

    The same file again changes nothing.
    """
    from infra.ops import import_preview  # noqa: PLC0415 - only a dry run loads the parser

    upload = Upload(
        file=file, platform=platform, programme_id=programme, room_id=room,
        exported_at=_instant(exported_at),
    )  # fmt: skip
    deployment = load(stage, region=region)
    _must_sell(deployment, upload)
    console = Console(stderr=True, soft_wrap=True)
    if dry_run:
        import_preview.show(deployment, upload, console=console, as_json=as_json)
        return
    done, was_there = run_import(deployment, upload, console=console)
    if was_there:
        console.print("This very file was imported before: nothing changed.")
    if done.row_errors:
        path = errors_file or file.with_name(file.name + ".row-errors.csv")
        seen = f"see {path}" if _write_row_errors(deployment, done, path) else _ERRORS_GONE
        console.print(f"[yellow]{done.row_errors} rows were not taken:[/yellow] {seen}")
    typer.echo(json.dumps(_totals(done))) if as_json else console.print(_table(done))


def run_import(deployment: Deployment, upload: Upload, *, console: Console) -> tuple[Import, bool]:
    """The import at its end, and whether it had ended before. May be repeated: an import that was cut off goes on, one
    that failed starts again.
    Raises OperatorError where the file is no export, or nothing moves any more."""
    store = ImportStore(database(deployment), deployment.output("OrdersTableName"))
    now = datetime.now(UTC)
    import_id = upload.import_id()
    key = upload_key(import_id, upload.file.name)
    wished = Import(
        import_id=import_id, object_key=key, filename=upload.file.name, platform=upload.platform,
        programme_id=upload.programme_id, room_id=upload.room_id,
        exported_at=upload.exported_at or now, requested_at=now,
    )  # fmt: skip
    known = store.load(import_id)
    if known is not None and known.status == "done":
        return known, True
    with _progress(console) as progress:
        _send(deployment, upload, known.object_key if known else key, progress)
        store.add(wished)
        if known is not None and known.status == "failed":
            store.reopen(import_id)
        _start(deployment, import_id)
        done = _followed(store, import_id, progress)
    if done.status == "failed":
        raise OperatorError(
            done.failure or "the import failed",
            next_step="Export it again as the platform offers it, and import that file unchanged.",
        )
    return done, False


def _send(deployment: Deployment, upload: Upload, key: str, progress: Progress) -> None:
    task = progress.add_task("uploading", total=upload.file.stat().st_size)
    deployment.client("s3").upload_file(
        str(upload.file), deployment.output("ImportsBucketName"), key,
        Callback=lambda count: progress.advance(task, count),
    )  # fmt: skip


def _start(deployment: Deployment, import_id: str) -> None:
    body = encoded(ExportUploaded(import_id=import_id, correlation_id=import_id))
    deployment.client("sqs").send_message(
        QueueUrl=deployment.output("ImportsQueueUrl"), MessageBody=body
    )


def _followed(store: ImportStore, import_id: str, progress: Progress) -> Import:
    task = progress.add_task("importing", total=None)
    moved_at, seen = time.monotonic(), -1
    while True:
        current = store.load(import_id)
        if current is None:
            raise OperatorError("the import's record is gone", next_step="Import the file again.")
        orders = current.orders_new + current.orders_changed + current.orders_unchanged
        progress.update(
            task, completed=orders, total=current.rows if current.chunks is not None else None
        )
        if current.status != "running":
            return current
        if orders != seen:
            moved_at, seen = time.monotonic(), orders
        if time.monotonic() - moved_at > GIVE_UP_S:
            raise OperatorError(
                "the import does not move any more",
                next_step="Look at `huixue status`; running this command again goes on where it stopped.",
            )
        time.sleep(POLL_S)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, transient=False,
    )  # fmt: skip


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise OperatorError(
            f"{text!r} is no time", next_step="Write it like 2026-11-20T09:00:00+08:00."
        ) from None
    instant = instant if instant.tzinfo else instant.replace(tzinfo=SHANGHAI)
    if instant > datetime.now(UTC):
        raise OperatorError(
            f"{text} lies in the future: it would outlast every real export after it",
            next_step="Give the time the platform made the file.",
        )
    return instant


def _must_sell(deployment: Deployment, upload: Upload) -> None:
    from infra.ops.stores import published_programme  # noqa: PLC0415 - with the stores

    programme = published_programme(deployment, upload.programme_id)
    rooms = {room.room_id: room for room in programme.rooms}
    room = rooms.get(upload.room_id)
    if room is None or room.on(upload.platform) is None:
        selling = [name for name, each in rooms.items() if each.on(upload.platform)]
        raise OperatorError(
            f"programme {upload.programme_id} has no room {upload.room_id} on {upload.platform}",
            next_step=f"Rooms there: {', '.join(selling) or 'none'}. Rooms are published with `huixue publish`.",
        )


def _write_row_errors(deployment: Deployment, done: Import, path: Path) -> bool:
    """False, and nothing written, where the import is so old that its row errors are gone."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - with boto3

    try:
        answer = deployment.client("s3").get_object(
            Bucket=deployment.output("ImportsBucketName"), Key=errors_key(done.import_id)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return False
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=["line_number", "column", "code"])
        writer.writeheader()
        writer.writerows(json.loads(answer["Body"].read()))
    return True


def _totals(done: Import) -> dict[str, Any]:
    names = ("import_id", "rows", "row_errors", "orders_new", "orders_changed", "orders_unchanged")
    return {name: getattr(done, name) for name in names} | {"status": done.status}


def _table(done: Import) -> Table:
    table = Table("", "", show_header=False)
    for name, value in _totals(done).items():
        table.add_row(name.replace("_", " "), str(value))
    return table
