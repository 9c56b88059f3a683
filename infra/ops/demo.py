"""`huixue demo`: everything from nothing to members with points and a season, on one machine; then it keeps serving."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from huixue.kernel.calendar import SystemClock, business_date
from infra.demo.checks import Checks
from infra.demo.manifest import Manifest
from infra.demo.orders import DEFAULT_COUNT, generate, read_report
from infra.demo.season import SEASON, TONIGHT, shifted
from infra.demo.season_walk import SeasonWalk
from infra.demo.seller_export import write_export
from infra.demo.walkthrough import Walkthrough
from infra.ops import audit, imports, local, project, publish
from infra.ops.deployment import Deployment, LocalRecord
from infra.ops.errors import OperatorError
from infra.ops.season_publishing import publish_season, season_doors
from infra.ops.season_yaml import season_of
from infra.ops.terminal import TerminalWatcher
from infra.ops.uploads import Upload
from infra.ops.yaml_files import document_of

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
    console.print("  .venv/bin/huixue stream list     the season; preview shows its home page")
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
    checks, nonce = Checks(console=console), secrets.token_hex(4)
    walkthrough = Walkthrough(
        address=record.address, export=export, manifest=manifest, checks=checks,
        audit=lambda: _audited(deployment, console),
        bring=lambda file: _import(deployment, file, console), nonce=nonce,
    )  # fmt: skip
    walkthrough.play()
    sound = _season(record, checks, nonce).play()
    console.print(f"walk-through with import: {time.monotonic() - started:.1f} s")
    return sound


def _season(record: LocalRecord, checks: Checks, nonce: str) -> SeasonWalk:
    """The season that ships, published so that one of its streams is tonight."""
    deployment, now = record.deployment, SystemClock().now()
    today = business_date(now)
    text = shifted(SEASON.read_text("utf-8"), today)
    change = publish_season(
        season_of(document_of(text, SEASON)), at=season_doors(deployment), now=now
    )
    streams = len(change.season.draft.streams)
    checks.console.print(f"published the season {SEASON.name}: {streams} streams, one tonight")
    return SeasonWalk(
        address=record.address, text=text, products=SEASON.with_name("products.csv"),
        tonight=TONIGHT, today=today, checks=checks, command=_command, nonce=nonce,
    )  # fmt: skip


def _command(arguments: Sequence[str]) -> Mapping[str, Any]:
    """`huixue …` as an operator runs it."""
    command = [sys.executable, "-m", "infra.ops.cli", *arguments, "--json"]
    done = subprocess.run(
        command, cwd=project.CHECKOUT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OperatorError(
            f"huixue {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}",
            next_step="Read what it says; the walk-through stops here.",
        )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


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
