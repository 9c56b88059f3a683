"""`huixue demo`: everything from nothing to members with points, on one machine, then it keeps serving."""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huixue.kernel.calendar import SystemClock
from infra.demo.manifest import Manifest
from infra.demo.orders import DEFAULT_COUNT, generate, read_report
from infra.demo.seller_export import write_export
from infra.demo.walkthrough import Walkthrough
from infra.ops import audit, imports, local, project, publish
from infra.ops.deployment import Deployment, LocalRecord
from infra.ops.errors import OperatorError
from infra.ops.terminal import TerminalWatcher
from infra.ops.uploads import Upload

PROGRAMME = project.CHECKOUT / "infra" / "demo" / "programme.yaml"


def demo(
    orders: Annotated[
        Path | None,
        typer.Option(help="A shop's order report to make the export of; default: generated."),
    ] = None,
    count: Annotated[int, typer.Option(help="How many orders to generate.")] = DEFAULT_COUNT,
    once: Annotated[bool, typer.Option("--once", help="End after the walk-through.")] = False,
    port: Annotated[int, typer.Option(envvar="HUIXUE_PORT")] = local.DEFAULT_PORT,
) -> None:
    """Start afresh, import a demo export, and walk through the main job; then serve until Ctrl-C.

    Exit code 1 if any step of the walk-through was not as expected.
    """
    console = Console(soft_wrap=True, highlight=False)
    watcher = TerminalWatcher(asks=False, shows_changes=False)
    export, manifest = made_export(orders, count, console)
    with local.running(port, fresh=True, watcher=watcher) as runs:
        console.print(f"Huixue answers at [bold]{runs.record.address}/v1[/bold]")
        sound = walk(runs.record, export, manifest, console)
        if not sound:
            console.print("[red]The walk-through was not as expected.[/red]")
        if not once:
            _serve(runs, console)
    raise typer.Exit(0 if sound else 1)


def _serve(runs: local.Running, console: Console) -> None:
    address = runs.record.address
    console.print(f"\nServing at {address} until Ctrl-C. In another terminal:")
    console.print(f"  curl {address}/v1/openapi.json   the API; README.md shows how to sign in")
    console.print("  .venv/bin/huixue audit           every balance recomputed from its entries")
    console.print("  .venv/bin/huixue reconcile       orders beside the ledger, by day")
    console.print("  .venv/bin/huixue --help          everything operators do")
    try:
        runs.wait()
    except KeyboardInterrupt:
        console.print("stopping")


def walk(record: LocalRecord, export: Path, manifest: Manifest, console: Console) -> bool:
    started = time.monotonic()
    deployment = record.deployment
    publish.publish_file(
        PROGRAMME, store=publish.programme_store(deployment.stage, None), now=SystemClock().now(),
        dry_run=False,
    )  # fmt: skip
    _import(deployment, export, console)
    walkthrough = Walkthrough(
        address=record.address, export=export, manifest=manifest, console=console,
        audit=lambda: _audited(deployment, console),
        bring=lambda file: _import(deployment, file, console), nonce=secrets.token_hex(4),
    )  # fmt: skip
    sound = walkthrough.play()
    console.print(f"walk-through with import: {time.monotonic() - started:.1f} s")
    return sound


def made_export(orders: Path | None, count: int, console: Console) -> tuple[Path, Manifest]:
    """The demo's export, written to the state folder. Raises OperatorError, before anything is started, where the
    orders cannot be read or are too few for what the walk-through shows."""
    if orders is not None and not orders.is_file():
        raise OperatorError(f"there is no {orders}", next_step="Name an order report with ORDERS=…")
    folder = project.state_folder() / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    export = folder / "seller-export.csv"
    try:
        found = read_report(orders) if orders is not None else generate(count)
        manifest = write_export(found, export, now=datetime.now(UTC))
    except ValueError as error:
        raise OperatorError(
            f"no demo can be made of these orders: {error}",
            next_step="Name a shop's order report of at least 200 orders, or let them be generated.",
        ) from error
    text = json.dumps(manifest.as_json(), ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    console.print(f"{manifest.rows} orders as a seller exports them: {export}")
    return export, manifest


def _import(deployment: Deployment, export: Path, console: Console) -> None:
    upload = Upload(
        file=export, platform="taobao", programme_id="demo", room_id="main", exported_at=None
    )
    started = time.monotonic()
    done, _ = imports.run_import(deployment, upload, console=console)
    took_s = time.monotonic() - started
    console.print(
        f"imported {done.rows} rows in {took_s:.1f} s ({done.rows / took_s:.0f} rows/s): "
        f"{done.orders_new} new orders, {done.row_errors} rows refused"
    )


def _audited(deployment: Deployment, console: Console) -> tuple[int, list[str]]:
    found = audit.audited(deployment, console=console)
    return found.points, [f"{each.member_id}: {each.rule}" for each in found.violations]
