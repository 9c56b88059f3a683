"""`huixue audit`: recomputes every balance from its entries, and every credited line from its explanation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Column, Table

from huixue.kernel.calendar import SystemClock
from huixue.kernel.errors import NotFoundError
from huixue.kernel.ids import MemberId
from huixue.orders.worth import points_of
from huixue.points.audit import Violation, double_credits, line_nets, violations
from huixue.points.audit_runs import SENSELESS, Sheet
from huixue.points.model import Account, Entry, Frozen
from huixue.points.store import LedgerStore
from infra.ops import audit_runs, stores
from infra.ops.deployment import LOCAL, Deployment, load
from infra.ops.ledger_doors import plain_console, told
from infra.ops.options import AsJson, Region, Stage

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    accounts: int
    entries: int
    points: int
    """Sum of all balances."""
    violations: list[Violation]
    frozen: list[str] = field(default_factory=list)
    """Members whose redemptions this run stopped."""


def audit(
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Stop redemptions of members that are not sound.")
    ] = False,
    last: Annotated[
        bool, typer.Option("--last", help="Show what the scheduled audit found; recompute nothing.")
    ] = False,
    now: Annotated[
        bool, typer.Option("--now", help="Have the deployment audit everything; do not wait.")
    ] = False,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Recompute every balance from its entries; exit code 1 if anything does not hold."""
    console = plain_console(stderr=True)
    with told():
        deployment = load(stage, region=region)
        if last:
            audit_runs.show(deployment, as_json=as_json)
        if now:
            audit_runs.start(deployment, as_json=as_json)
            return
        found = audited(deployment, console=console, freeze=freeze)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        sound = "not sound" if found.violations else "sound"
        console.print(
            f"{found.accounts} accounts, {found.entries} entries, {found.points} points: {sound}"
        )
        if found.violations:
            console.print(_table(found.violations))
            console.print(
                "Do not correct balances by hand: entries are the truth, and `huixue rebuild MEMBER`"
                " shows what they come to."
            )
        if found.frozen:
            console.print(f"Redemptions stopped for {', '.join(found.frozen)}.")
    raise typer.Exit(1 if found.violations else 0)


def audited(deployment: Deployment, *, console: Console, freeze: bool = False) -> Audit:
    """One pass over the ledger. A member who is posted to meanwhile is read again by herself. Writes nothing, unless
    it is to freeze those that are not sound."""
    ledger = stores.ledger(deployment)
    pass_ = _Pass(ledger=ledger)
    columns = (SpinnerColumn(), TextColumn("{task.completed} accounts recomputed"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("audit", total=None)
        for sheet in stores.audit_book(deployment).sheets(0, 1, None):
            pass_.judge(sheet)
            progress.advance(task)
    broken = [*pass_.broken, *pass_.doubles()]
    frozen = _frozen(broken, ledger) if freeze else []
    return Audit(
        accounts=pass_.accounts, entries=pass_.entries, points=pass_.points, violations=broken,
        frozen=frozen,
    )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Pass:
    ledger: LedgerStore
    accounts: int = 0
    entries: int = 0
    points: int = 0
    broken: list[Violation] = field(default_factory=list)
    nets: dict[str, dict[str, int]] = field(default_factory=dict)
    survivors: dict[str, str] = field(default_factory=dict)

    def judge(self, sheet: Sheet) -> None:
        self.accounts += 1
        try:
            account, entries = self._judged(sheet)
            self.points += account.balance
        except SENSELESS as error:
            self.broken.append(Violation(
                member_id=sheet.member_id, rule="rows can be read",
                found=f"{type(error).__name__}: {error}", expected="rows",
            ))  # fmt: skip
            return
        self.entries += len(entries)
        if account.merged_into is not None:
            self.survivors[account.member_id] = account.merged_into
        for line_id, net in line_nets(entries).items():
            if net:
                self.nets.setdefault(line_id, {})[account.member_id] = net

    def _judged(self, sheet: Sheet) -> tuple[Account, list[Entry]]:
        if sheet.flaw is None:
            account = sheet.account or Account(member_id=sheet.member_id)
            entries = list(sheet.entries)
            if not _violations(account, entries, self.ledger):
                return account, entries
        account, entries = self.ledger.whole(sheet.member_id)  # as it is now
        self.broken += _violations(account, entries, self.ledger)
        return account, entries

    def doubles(self) -> list[Violation]:
        """Lines of more than one member. Her account and another's are seen at different moments: what was moved
        from one to the other meanwhile is read again."""
        suspects = {each.member_id for each in double_credits(self._by_survivor())}
        again = {
            old
            for old in {*self.survivors, *_members(self.nets)}
            if self._survivor(old) in suspects
        }
        for member_id in sorted(again):
            _, entries = self.ledger.whole(MemberId(member_id))
            for by_member in self.nets.values():
                by_member.pop(member_id, None)
            for line_id, net in line_nets(entries).items():
                self.nets.setdefault(line_id, {})[member_id] = net
        return double_credits(self._by_survivor()) if suspects else []

    def _by_survivor(self) -> dict[str, dict[str, int]]:
        out: dict[str, dict[str, int]] = {}
        for line_id, by_member in self.nets.items():
            if len(by_member) > 1:
                sums = out.setdefault(line_id, {})
                for member_id, net in by_member.items():
                    survivor = self._survivor(member_id)
                    sums[survivor] = sums.get(survivor, 0) + net
        return out

    def _survivor(self, member_id: str) -> str:
        seen = {member_id}
        while (following := self.survivors.get(member_id)) is not None and following not in seen:
            member_id = following
            seen.add(member_id)
        return member_id


def _members(nets: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    for by_member in nets.values():
        yield from by_member


def _violations(account: Account, entries: list[Entry], ledger: LedgerStore) -> list[Violation]:
    merged = ledger.merged_entries(entries)
    return violations(account, entries, points_of, merged=merged)


def _frozen(broken: list[Violation], ledger: LedgerStore) -> list[str]:
    """Whoever is stopped for good already stays so, for that reason."""
    stopped = []
    for member_id in dict.fromkeys(each.member_id for each in broken):
        try:
            before = ledger.seat(MemberId(member_id), []).account.frozen
            if before is None or before.until is not None:
                frozen = Frozen(reason="audit", since=SystemClock().now())
                ledger.freeze(MemberId(member_id), frozen)
                stopped.append(member_id)
        except (NotFoundError, *SENSELESS):
            continue  # entries without an account, or one nobody can read: nothing can be redeemed from it
    return stopped


def _table(broken: list[Violation]) -> Table:
    member = Column("member", no_wrap=True)  # to be copied into the next command
    others = (Column(name, overflow="fold") for name in ("what does not hold", "found", "expected"))
    table = Table(member, *others)
    for each in broken[:SHOWN]:
        table.add_row(each.member_id, each.rule, each.found, each.expected)
    return table
