"""The operators' command `huixue`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from infra.ops import (
    accounts,
    adjust,
    approvals,
    audit,
    calendar_feed,
    cases,
    coverage,
    credentials,
    demo,
    freezing,
    grant,
    imports,
    levels,
    liability,
    local,
    logs,
    member_tags,
    outage,
    project,
    publish,
    rebuild,
    reconcile,
    refund_ban,
    season_preview,
    simulate,
    streams,
)
from infra.ops.deployment import LOCAL, LocalRecord, load, load_local
from infra.ops.errors import OperatorError
from infra.ops.terminal import TerminalWatcher, pairs_table

_DETACHED_WITHIN_S = 300.0


class _Commands(TyperGroup):
    """Says in one place, for every command, what went wrong and what to do next."""

    def invoke(self, ctx: Any) -> Any:  # Typer's own Context has no public name
        try:
            return super().invoke(ctx)
        except OperatorError as error:
            console = Console(stderr=True, highlight=False, soft_wrap=True)
            console.print(f"[red]✗[/red] {escape(str(error))}")
            console.print(f"  {escape(error.next_step)}")
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Deploy and operate Huixue (回血).",
)


@app.command()
def up(
    port: Annotated[
        int, typer.Option(envvar="HUIXUE_PORT", help="The one address; N+1 and N+2 are used too.")
    ] = local.DEFAULT_PORT,
    detach: Annotated[bool, typer.Option("--detach", help="Come back once it serves.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was kept before.")] = False,
) -> None:
    """Start everything locally and deploy into it. State is kept only over a graceful stop (Ctrl-C, `huixue down`)."""
    watcher = TerminalWatcher(asks=False, shows_changes=False)
    record = load_local()
    if record is not None and record.port == port and local.is_running(record):
        if fresh:
            raise OperatorError(
                f"it runs already at {record.address}", next_step="Stop it first: `huixue down`."
            )
        _show(local.deploy_again(record, watcher))
    elif detach:
        _show(_detached(port, fresh=fresh))
    else:
        _serve(port, fresh=fresh, watcher=watcher)


@app.command()
def down() -> None:
    """Stop what `huixue up` started; its state is kept."""
    stopped = local.down()
    typer.echo("stopped; the state is kept" if stopped else "nothing runs here")


@app.command()
def deploy(
    stage: Annotated[str, typer.Option(help="A stage of your own, such as test or prod.")],
    region: Annotated[
        str | None, typer.Option(help="AWS region; default: that of your profile.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Deploy without asking.")] = False,
    parameter: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE for a parameter of a template; kept for later deployments."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Deploy the three stacks to AWS; every change set is shown and confirmed first."""
    from infra.ops import aws  # noqa: PLC0415 - botocore takes its time, `huixue --help` has none

    watcher = TerminalWatcher(asks=not yes, shows_changes=True)
    outputs = aws.deploy(stage, region, _pairs(parameter or []), watcher)
    if as_json:
        typer.echo(json.dumps(outputs, sort_keys=True))
    else:
        Console(soft_wrap=True).print(f"{stage} is deployed: {outputs.get('ApiUrl', '')}")


@app.command()
def status(
    stage: Annotated[str, typer.Option(help="Which deployment.")] = LOCAL,
    region: Annotated[str | None, typer.Option(help="AWS region, for stages on AWS.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Say whether a deployment answers, and what waits or lies dead in its queues; exit code 1 if it is not well."""
    from infra.ops import status as looks  # noqa: PLC0415 - with boto3

    record = load_local() if stage == LOCAL else None
    if record is not None and not local.is_running(record):
        raise OperatorError(
            "nothing runs locally: the last `huixue up` ended without a graceful stop",
            next_step="Start it: `huixue up --detach`.",
        )
    found = looks.of(load(stage, region=region))
    if as_json:
        typer.echo(json.dumps(asdict(found), sort_keys=True))
    else:
        console = Console(soft_wrap=True)
        console.print(f"{found.address} {'answers' if found.answers else 'does not answer'}")
        console.print(pairs_table("stacks", found.stacks))
        for title, counts in (("waiting", found.waiting), ("dead letters", found.dead)):
            console.print(pairs_table(title, {name: str(count) for name, count in counts.items()}))
    raise typer.Exit(0 if found.is_well else 1)


app.command()(publish.publish)
app.command()(season_preview.preview)
app.add_typer(streams.app, name="stream")
app.command()(outage.outage)
app.command()(calendar_feed.calendar_feed)
app.command()(levels.set_level)
app.command()(member_tags.tag)
app.command()(member_tags.member)
app.command()(imports.import_orders)
app.command()(audit.audit)
app.command()(rebuild.rebuild)
app.command()(accounts.balance)
app.command()(accounts.entries)
app.command()(accounts.statement)
# a negative number is no option
app.command(context_settings={"ignore_unknown_options": True})(adjust.adjust)
app.command()(grant.grant)
app.command()(approvals.approve)
app.command()(approvals.reject)
app.command()(approvals.adjustments)
app.command()(approvals.corrections)
app.command()(freezing.freeze)
app.command()(freezing.unfreeze)
app.command()(liability.liability)
app.command()(reconcile.reconcile)
app.command()(simulate.simulate)
app.command()(refund_ban.ban_refunders)
app.command()(cases.cases)
app.command()(cases.case)
app.command()(cases.decide)
app.command()(coverage.coverage)
app.command()(credentials.set_credential)
app.command()(logs.logs)
app.command()(demo.demo)


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise OperatorError(
                f"{text!r} is no NAME=VALUE",
                next_step="For example --parameter DefaultProgrammeId=main.",
            )
        pairs[name] = value
    return pairs


def _show(record: LocalRecord) -> None:
    typer.echo(f"Huixue serves at {record.address} (sandbox: {record.sandbox_url})")


def _serve(port: int, *, fresh: bool, watcher: TerminalWatcher) -> None:
    with local.running(port, fresh=fresh, watcher=watcher) as runs:
        _show(runs.record)
        typer.echo(
            "Ctrl-C stops it and keeps the state; a crash would lose what was written since the start."
        )
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            runs.wait()


def _detached(port: int, *, fresh: bool) -> LocalRecord:
    folder = project.state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "up.log"
    command = [sys.executable, "-m", "infra.ops.cli", "up", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--fresh"] if fresh else command,
            cwd=project.CHECKOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    console = Console(stderr=True)
    give_up = time.monotonic() + _DETACHED_WITHIN_S
    with console.status("starting") as spinner:
        while process.poll() is None and time.monotonic() < give_up:
            record = load_local()
            if record is not None and record.pid == process.pid:
                return record
            lines = log.read_text("utf-8", "replace").split("\n")
            spinner.update(next((line for line in reversed(lines) if line.strip()), "starting"))
            time.sleep(0.1)
    last_words = "\n".join(log.read_text("utf-8", "replace").splitlines()[-8:])
    raise OperatorError(f"it did not start:\n{last_words}", next_step=f"Read {log}.")


if __name__ == "__main__":
    app()
