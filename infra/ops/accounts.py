"""`huixue balance`, `statement`, `entries`: what one member has, had, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from huixue.kernel.calendar import end_of_day, start_of_day, to_text
from huixue.kernel.ids import MemberId
from huixue.members.model import Member
from huixue.points import lots
from huixue.points.model import Account, Entry
from huixue.points.posting import as_of
from huixue.points.rebuilding import at_instant
from huixue.points.statements import Statement, Sums, statement_of
from huixue.points.use_cases import list_entries
from infra.ops.deployment import LOCAL, load
from infra.ops.erased_members import erasure_line
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import LedgerDoors, doors, plain_console, told
from infra.ops.options import AsJson, MemberArgument, Region, Stage

NEWEST = 20


def balance(
    member: MemberArgument,
    at: Annotated[
        str | None,
        typer.Option(
            help="An instant, e.g. 2026-11-20T09:00:00+08:00 or 2026-11-20; default: now."
        ),
    ] = None,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Show a member's points, now or as they were at any instant."""
    with told():
        door = doors(load(stage, region=region))
        her = door.member(member)
        programme_id = str(her.programme_id)
        now = door.desk.now()
        when = now if at is None else instant(at, door.desk.policy_of(programme_id).zone, now)
        account = account_at(MemberId(member), when, door, is_now=at is None)
    facts = _balance_facts(account, when, with_freeze=at is None) | _erasure(her)
    if as_json:
        typer.echo(json.dumps(facts))
        return
    table = Table("", "", title=f"{account.member_id} at {to_text(when)}", show_header=False)
    for name, value in facts.items():
        if name != "lots" and value not in (None, ""):
            table.add_row(name.replace("_", " "), str(value))
    for key, points in account.lots.items():
        table.add_row(f"until {lots.last_day_of(key) or 'ever'} ({lots.kind_of(key)})", str(points))
    _print(table, her)


def _print(table: Table, her: Member) -> None:
    console = plain_console()
    console.print(table)
    if (line := erasure_line(her)) is not None:
        console.print(line)


def _erasure(her: Member) -> dict[str, Any]:
    return {} if her.erased_at is None else {"erased_at": to_text(her.erased_at)}


def account_at(member_id: MemberId, when: datetime, door: LedgerDoors, *, is_now: bool) -> Account:
    """The account that held her points at the instant, with what was due by then."""
    if is_now:
        account = door.ledger.seat(member_id, []).account
    else:
        account, entries = door.ledger.whole(member_id)
        by_then = [each for each in entries if each.effective_at <= when]
        gone = [each for each in by_then if each.scene == "merge_out"]
        if gone:
            survivor = MemberId(str(gone[-1].source["member_id"]))
            return account_at(survivor, when, door, is_now=False)
        account = at_instant(account, entries, when)
    return as_of(account, door.desk.policy_of(account.programme_id), when)


def _balance_facts(account: Account, when: datetime, *, with_freeze: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "member_id": account.member_id, "at": to_text(when), "balance": account.balance,
        "available": account.available, "pending": account.pending, "held": account.held,
        "debt": account.debt, "lifetime": account.lifetime, "entries": account.entry_count,
        "tier": account.standing.tier if account.standing else None, "lots": dict(account.lots),
    }  # fmt: skip
    if not with_freeze:
        return facts  # whether she was frozen then, entries do not tell
    frozen = account.frozen if account.is_frozen(when) else None
    return facts | {"frozen": None if frozen is None else frozen.reason}


def instant(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """A date means the end of that business day. Raises OperatorError for what is no instant, or one to come."""
    try:
        if len(text) == len("2026-11-20"):
            day = date.fromisoformat(text)
            begun = start_of_day(day, zone)
            found = begun if begun > now else min(end_of_day(day, zone), now)
        else:
            found = datetime.fromisoformat(text)
            found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise OperatorError(
            f"{text!r} is no instant", next_step="Write it like 2026-11-20T09:00:00+08:00."
        ) from None
    if found > now:
        raise OperatorError(
            f"{text} has not come yet", next_step="Name an instant that has passed."
        )
    return found


def statement(
    member: MemberArgument,
    month: Annotated[str, typer.Argument(help="A business month: 2026-11.")],
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Show a member's month: what it opened with, what changed it, what it closed with."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise OperatorError(f"{month!r} is no month", next_step="Write it like 2026-11.") from None
    with told():
        door = doors(load(stage, region=region))
        her = door.member(member)
        found = statement_of(MemberId(member), first, desk=door.desk)
    if as_json:
        typer.echo(json.dumps(_statement_facts(found) | _erasure(her)))
    else:
        _print(_statement_table(found, member), her)


def _statement_facts(found: Statement) -> dict[str, Any]:
    return {
        "month": found.month.isoformat()[:7], "opening": _sums(found.opening),
        "by_scene": [asdict(each) for each in found.by_scene], "closing": _sums(found.closing),
    }  # fmt: skip


def _sums(sums: Sums) -> dict[str, int]:
    return asdict(sums) | {"debt": sums.debt}


def _statement_table(found: Statement, member: str) -> Table:
    title = f"{member} in {found.month.isoformat()[:7]}"
    table = Table("", "entries", "points", "pending", "held", title=title)
    for name, sums in (("opening", found.opening), ("closing", found.closing)):
        if name == "closing":
            for each in found.by_scene:
                table.add_row(
                    each.scene.replace("_", " "), str(each.count), f"{each.points:+}",
                    f"{each.pending:+}", f"{each.held:+}",
                )  # fmt: skip
        table.add_row(name, "", str(sums.balance), str(sums.pending), str(sums.held))
    return table


def entries(
    member: MemberArgument,
    everything: Annotated[
        bool, typer.Option("--all", help=f"All of them; else the newest {NEWEST}.")
    ] = False,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """List a member's entries, newest first, with operators' notes; --all shows those of merged accounts too."""
    with told():
        door = doors(load(stage, region=region))
        her, member_id = door.member(member), MemberId(member)
        if everything:
            account = door.ledger.seat(member_id, []).account
            found = door.ledger.entries_beginning(account, "")
            found.sort(key=lambda each: (each.recorded_at, each.number), reverse=True)
        else:
            page = list_entries(member_id, limit=NEWEST, start=None, ledger=door.ledger)
            found = page.entries
    if as_json:
        typer.echo(json.dumps([_entry_facts(each) for each in found], ensure_ascii=False))
    else:
        _print(_entries_table(found), her)


def _entry_facts(entry: Entry) -> dict[str, Any]:
    facts = asdict(entry)
    times = {name: to_text(getattr(entry, name)) for name in ("effective_at", "recorded_at")}
    return facts | times | {"business_date": entry.business_date.isoformat(), "debt": entry.debt}


def _entries_table(found: Iterable[Entry]) -> Table:
    table = Table("no.", "day", "why", "points", "balance")
    table.add_column("entry and notes", overflow="fold")
    for each in found:
        table.add_row(
            str(each.number), each.business_date.isoformat(), each.scene.replace("_", " "),
            f"{each.points:+}", str(each.balance_after), "\n".join(_words(each)),
        )  # fmt: skip
    return table


def _words(entry: Entry) -> Iterator[str]:
    yield entry.source_key
    for name in ("pending", "held", "debt", "written_off", "capped"):
        if change := getattr(entry, name):
            yield f"{name.replace('_', ' ')} {change:+}"
    for name in ("reason", "member_note", "internal_note", "corrects", "by", "approved_by"):
        if said := entry.source.get(name):
            yield f"{name.replace('_', ' ')}: {said}"
