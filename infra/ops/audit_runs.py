"""`huixue audit --last`: what the scheduled audit found in the last week, which is one round over all accounts; and
`huixue audit --now`: the same audit over all of them at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

import typer
from rich.table import Column, Table

from huixue.edge.outbox import SqsOutbox
from huixue.edge.settings import Settings
from huixue.kernel.calendar import SystemClock, business_date
from huixue.points.audit_runs import GROUPS, AuditStartDesk, Progress, audit_everything
from infra.ops import stores
from infra.ops.deployment import Deployment
from infra.ops.ledger_doors import plain_console

_BEHIND_ALL_RUNS = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run, as far as its segments have got."""

    run: str
    segments: int
    finished: int
    accounts: int
    entries: int
    violations: int
    left_out: int
    """Accounts it could not judge; its log names them."""


def show(deployment: Deployment, *, as_json: bool) -> None:
    """Exit code 1 where it found anything, or left anything out."""
    since = business_date(SystemClock().now()) - timedelta(days=GROUPS - 1)
    found = runs(stores.audit_book(deployment).runs(since.isoformat(), _BEHIND_ALL_RUNS))
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found]))
    else:
        _show(found)
    raise typer.Exit(1 if any(each.violations or each.left_out for each in found) else 0)


def start(deployment: Deployment, *, as_json: bool) -> None:
    """Has the deployment audit everything now, as it does by itself in the course of a week."""
    outbox = SqsOutbox(
        deployment.client("sqs"),
        Settings(ledger_audit_queue_url=deployment.output("LedgerAuditQueueUrl")),
    )
    book = stores.audit_book(deployment)
    run = audit_everything(desk=AuditStartDesk(book=book, outbox=outbox, now=SystemClock().now))
    if as_json:
        typer.echo(json.dumps({"run": run}))
    else:
        plain_console().print(f"{run} has begun; `huixue audit --last` shows how far it is.")


def runs(segments: Sequence[Progress]) -> list[Run]:
    """Newest first; runs on request sort before those of every day."""
    by_run: dict[str, list[Progress]] = {}
    for each in segments:
        by_run.setdefault(each.run, []).append(each)
    return [
        Run(
            run=run,
            segments=len(of_run),
            finished=sum(each.finished_at is not None for each in of_run),
            accounts=sum(each.accounts for each in of_run),
            entries=sum(each.entries for each in of_run),
            violations=sum(each.violations for each in of_run),
            left_out=sum(each.left_out for each in of_run),
        )
        for run, of_run in sorted(by_run.items(), reverse=True)
    ]


def _show(found: list[Run]) -> None:
    if not found:
        plain_console().print("No scheduled audit has run in the last week.")
        return
    table = Table(
        Column("run", no_wrap=True),
        "segments done",
        "accounts",
        "entries",
        "violations",
        "left out",
    )
    for each in found:
        table.add_row(
            each.run, f"{each.finished} of {each.segments}", str(each.accounts),
            str(each.entries), str(each.violations), str(each.left_out),
        )  # fmt: skip
    plain_console().print(table)
