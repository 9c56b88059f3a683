"""`huixue audit`: recomputes every balance from its entries, and every credited line from its explanation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from huixue.kernel.ids import MemberId
from huixue.orders.pricing import points_of
from huixue.points.audit import Violation, violations
from huixue.points.model import Account, Entry
from huixue.points.records import ACCOUNT, account_from, entry_from, is_entry
from huixue.points.store import LedgerStore
from infra.ops import stores
from infra.ops.deployment import LOCAL, Deployment, load

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    accounts: int
    entries: int
    points: int
    """Sum of all balances."""
    violations: list[Violation]


def audit(
    stage: Annotated[str, typer.Option(help="Which deployment.")] = LOCAL,
    region: Annotated[str | None, typer.Option(help="AWS region, for stages on AWS.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Recompute every balance from its entries; exit code 1 if anything does not hold."""
    console = Console(stderr=True, soft_wrap=True)
    found = audited(load(stage, region=region), console=console)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        console.print(
            f"{found.accounts} accounts, {found.entries} entries, {found.points} points: "
            + ("[green]sound[/green]" if not found.violations else "[red]not sound[/red]")
        )
        if found.violations:
            console.print(_table(found.violations))
            console.print(
                "Do not correct balances by hand: entries are the truth, see infra/README.md."
            )
    raise typer.Exit(1 if found.violations else 0)


def audited(deployment: Deployment, *, console: Console) -> Audit:
    """One pass over the ledger, read only. A member who is posted to meanwhile is read again by herself."""
    ledger = stores.ledger(deployment)
    accounts = entries = points = 0
    broken: list[Violation] = []
    columns = (SpinnerColumn(), TextColumn("{task.completed} accounts recomputed"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("audit", total=None)
        for account, of_account in _by_account(ledger.everything()):
            found = _violations(account, of_account, ledger)
            if found:
                account, of_account = ledger.whole(account.member_id)  # noqa: PLW2901 - as it is now
                found = _violations(account, of_account, ledger)
            accounts, entries = accounts + 1, entries + len(of_account)
            points += account.balance
            broken += found
            progress.advance(task)
    return Audit(accounts=accounts, entries=entries, points=points, violations=broken)


def _violations(account: Account, entries: list[Entry], ledger: LedgerStore) -> list[Violation]:
    merged = ledger.merged_entries(entries)
    return violations(account, entries, points_of, merged=merged)


def _by_account(items: Iterator[dict[str, object]]) -> Iterator[tuple[Account, list[Entry]]]:
    """Items of one partition come one after another in a scan."""
    member_id, account, entries = "", None, list[Entry]()
    for item in items:
        if item["pk"] != member_id and member_id:
            yield account or Account(member_id=MemberId(member_id)), entries
            account, entries = None, []
        member_id = str(item["pk"])
        if item["sk"] == ACCOUNT:
            account = account_from(MemberId(member_id), item)
        elif is_entry(item):
            entries.append(entry_from(item))
    if member_id:
        yield account or Account(member_id=MemberId(member_id)), entries


def _table(broken: list[Violation]) -> Table:
    table = Table("member", "what does not hold", "found", "expected")
    for each in broken[:SHOWN]:
        table.add_row(each.member_id, each.rule, each.found, each.expected)
    return table
