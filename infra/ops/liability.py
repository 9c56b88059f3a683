"""`huixue liability`: what the operator owes in points, by the month in which they expire, in yuan."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from huixue.kernel.calendar import to_text
from huixue.points.liability import Liability
from huixue.points.model import Account
from huixue.points.rebuilding import at_instant
from infra.ops import stores
from infra.ops.accounts import instant
from infra.ops.deployment import LOCAL, load
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import LedgerDoors, doors, plain_console, told
from infra.ops.options import AsJson, Region, Stage

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def liability(
    at: Annotated[
        str | None,
        typer.Option(help="An instant, e.g. 2026-10-31 (its end) or 2026-11-20T09:00:00+08:00."),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV for spreadsheets.")] = False,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Sum what all members hold, for each programme, by month of expiry and class, in yuan at its cost of a point."""
    if as_csv and as_json:
        raise OperatorError("--csv and --json are two forms", next_step="Choose one of the two.")
    with told():
        door = doors(load(stage, region=region))
        now = door.desk.now()
        when = now if at is None else instant(at, _SHANGHAI, now)
        with _progress() as progress:
            found = summed(_accounts(door, when, progress, is_now=at is None), when, door)
    if as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(("programme", "what", "month", "class", "points", "yuan"))
        writer.writerows(row for each in found for row in _rows(each))
    elif as_json:
        typer.echo(json.dumps({"at": to_text(when), "programmes": [_facts(e) for e in found]}))
    else:
        _show(found, when)


def summed(accounts: Iterator[Account], when: datetime, door: LedgerDoors) -> list[Liability]:
    """One for each programme, by its id; points expire as its policy says at that instant."""
    books: dict[str, Liability] = {}
    for account in accounts:
        policy = door.desk.policy_of(account.programme_id)
        if policy.programme_id not in books:
            books[policy.programme_id] = Liability(
                programme_id=policy.programme_id, cost_milli_fen=policy.cost_milli_fen
            )
        books[policy.programme_id].add(account, policy, when)
    return [books[programme_id] for programme_id in sorted(books)]


def _accounts(
    door: LedgerDoors, when: datetime, progress: Progress, *, is_now: bool
) -> Iterator[Account]:
    task = progress.add_task("liability", total=None)
    for sheet in stores.audit_book(door.deployment).sheets(0, 1, None):
        progress.advance(task)
        if sheet.account is None:
            raise OperatorError(
                f"the rows of {sheet.member_id} cannot be read, so no sum would be true",
                next_step=f"See `huixue audit`, then `huixue rebuild {sheet.member_id}`.",
            )
        if is_now:
            yield sheet.account
        elif any(each.effective_at <= when for each in sheet.entries):
            yield at_instant(sheet.account, sheet.entries, when)


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.completed} accounts read"))
    return Progress(*columns, console=plain_console(stderr=True), transient=True)


def _rows(found: Liability) -> Iterator[tuple[str, str, str, str, int, str]]:
    for each in found.buckets:
        money = found.yuan(each.points)
        yield found.programme_id, "outstanding", each.month, each.lot_class, each.points, money
    for name, points in _sums(found).items():
        yield found.programme_id, name, "", "", points, found.yuan(points)


def _sums(found: Liability) -> dict[str, int]:
    return {
        "outstanding in all": found.outstanding,
        "of erased members (not redeemable)": found.erased, "debt": found.debt, "balance": found.balance,
        "held": found.held, "pending": found.pending,
    }  # fmt: skip


def _facts(found: Liability) -> dict[str, Any]:
    names = (
        "programme_id",
        "cost_milli_fen",
        "accounts",
        "outstanding",
        "erased",
        "debt",
        "balance",
    )
    return {name: getattr(found, name) for name in (*names, "held", "pending")} | {
        "yuan": found.yuan(found.outstanding),
        "buckets": [
            {
                "month": each.month, "class": each.lot_class, "points": each.points,
                "yuan": found.yuan(each.points),
            }
            for each in found.buckets
        ],
    }  # fmt: skip


def _show(found: list[Liability], when: datetime) -> None:
    console = plain_console()
    if not found:
        console.print("nobody has points")
    for each in found:
        title = f"{each.programme_id} at {to_text(when)}: {each.accounts} accounts"
        table = Table("", "expires in", "class", "points", "yuan", title=title)
        for _, name, month, lot_class, points, money in _rows(each):
            table.add_row(name, month, lot_class, str(points), money)
        console.print(table)
