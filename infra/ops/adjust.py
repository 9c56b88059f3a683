"""`huixue adjust`: corrects one member's points by hand, with a reason and two notes."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.table import Table

from huixue.kernel.calendar import business_date, to_text
from huixue.kernel.errors import RuleError
from huixue.kernel.ids import random_id
from huixue.points import four_eyes, movements
from huixue.points.adjusting import (
    REASONS,
    Adjusted,
    Adjustment,
    one_is_enough,
    proposed,
)
from huixue.points.adjusting import (
    adjust as adjusted,
)
from huixue.points.model import Account, Entry
from huixue.points.posting import as_of, posted
from infra.ops.deployment import LOCAL, load
from infra.ops.ledger_doors import LedgerDoors, doors, operator_of, plain_console, told
from infra.ops.options import AsJson, MemberArgument, Operator, Region, Stage

_REASONS = "; ".join(f"{code}: {what}" for code, what in REASONS.items())


def adjust(
    member: MemberArgument,
    points: Annotated[int, typer.Argument(help="How many; negative takes them away.")],
    reason: Annotated[str, typer.Option(help=f"{_REASONS}.")],
    note_member: Annotated[
        str, typer.Option(help="What the member reads, in Chinese; no personal data.")
    ],
    note_internal: Annotated[
        str, typer.Option(help="What only operators read; kept for ever: no personal data.")
    ],
    corrects: Annotated[
        str | None, typer.Option(help="The wrong entry, as `huixue entries` names it.")
    ] = None,
    adjustment_id: Annotated[
        str | None,
        typer.Option(
            "--id", help="The same id is the same adjustment, for ever; default: a new one."
        ),
    ] = None,
    operator: Operator = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Give points to one member or take them; above the programme's threshold a second operator must agree."""
    console = plain_console(stderr=True)
    with told():
        at = doors(load(stage, region=region))
        her = at.living(member)
        asked = Adjustment(
            adjustment_id=adjustment_id or random_id("adj", secrets.token_bytes(16)),
            programme_id=str(her.programme_id),
            member_id=her.member_id,
            points=points, reason=reason, member_note=note_member, internal_note=note_internal,
            by=operator_of(at.deployment, operator), corrects=corrects,
        )  # fmt: skip
        if dry_run:
            _show_forecast(_forecast(asked, at), as_json=as_json)
            return
        if adjustment_id is None:
            console.print(
                f"id {asked.adjustment_id}: name it with --id to repeat this very request"
            )
        found = adjusted(asked, desk=at.desk, proposals=at.proposals)
    show(found, at, as_json=as_json)


def show(found: Adjusted, at: LedgerDoors, *, as_json: bool) -> None:
    """How an adjustment stands. Exit code 1 where it will never be entered."""
    told_as = facts_of(found, at)
    if as_json:
        typer.echo(json.dumps(told_as, ensure_ascii=False))
    else:
        plain_console().print(_sentence(found, at))
    raise typer.Exit(0 if told_as["state"] in {"done", "proposed", "agreed"} else 1)


def facts_of(found: Adjusted, at: LedgerDoors) -> dict[str, Any]:
    stands = found.proposal
    expired = stands.is_expired(at.desk.now())
    facts: dict[str, Any] = {
        "id": stands.proposal_id, "state": "expired" if expired else stands.state,
        "by": stands.by, "decided_by": stands.decided_by, "points": stands.points,
    }  # fmt: skip
    if stands.state == "proposed":
        facts |= {"expires_at": to_text(stands.expires_at), "next": _approval(found)}
    if found.moved is not None:
        entry, account = found.moved.entry, found.moved.account
        facts |= {
            "entry": entry.source_key, "member_id": entry.member_id, "repeated": found.moved.repeated,
            "written_off": entry.written_off, "balance": account.balance, "debt": account.debt,
        }  # fmt: skip
    return facts


def _sentence(found: Adjusted, at: LedgerDoors) -> str:
    stands = found.proposal
    if found.moved is not None:
        account, again = found.moved.account, found.moved.repeated
        debt = f", debt {account.debt}" if account.debt else ""
        return (
            f"{'It was entered before' if again else 'Entered'}: {stands.points:+} points for "
            f"{account.member_id}; her balance is {account.balance}{debt}."
        )
    if stands.state == "rejected":
        return f"{stands.decided_by} rejected it: nothing was entered."
    if stands.is_expired(at.desk.now()):
        return "Nobody agreed within seven days: nothing was entered. Ask for it under a new id."
    if stands.state == "proposed":
        return (
            f"Nothing is entered yet: {stands.points:+} points, with what {stands.by} gave or took "
            "alone that day, are more than one operator may. Until "
            f"{to_text(stands.expires_at)} anybody but {stands.by} can run `{_approval(found)}`, and "
            f"`huixue reject {stands.proposal_id} --programme {stands.programme_id}` ends it."
        )
    return f"{stands.decided_by} agreed: run the grant again with the same --preview."


def _approval(found: Adjusted) -> str:
    stands = found.proposal
    return f"huixue approve {stands.proposal_id} --programme {stands.programme_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    before: Account
    after: Account
    entry: Entry
    needs_second_operator: bool


def _forecast(asked: Adjustment, at: LedgerDoors) -> Forecast:
    """What the adjustment would do now; writes nothing."""
    known = at.proposals.load(asked.programme_id, asked.adjustment_id)
    policy, now = at.desk.policy_of(asked.programme_id), at.desk.now()
    wished = proposed(asked, policy, now)
    if known is not None:
        four_eyes.must_be_same(known, wished)
        raise RuleError(f"this id was asked for before and is {known.state}")
    account = at.ledger.seat(asked.member_id, []).account
    change = movements.adjustment(
        asked.adjustment_id, asked.points, business_date(now, policy.zone), policy, {}
    )
    after, entries = posted(account, [change], policy=policy, now=now)
    needs = False
    try:
        one_is_enough(wished, at.ledger.entries_beginning(account, "adjust#"), policy)
    except four_eyes.SecondOperatorNeededError:
        needs = True
    return Forecast(
        before=as_of(account, policy, now), after=after, entry=entries[-1],
        needs_second_operator=needs,
    )  # fmt: skip


def _show_forecast(found: Forecast, *, as_json: bool) -> None:
    rows = {
        name: (getattr(found.before, name), getattr(found.after, name))
        for name in ("balance", "available", "debt")
    }
    if as_json:
        said = {name: {"before": before, "after": after} for name, (before, after) in rows.items()}
        typer.echo(json.dumps({
            "dry_run": True, **said, "written_off": found.entry.written_off,
            "needs_second_operator": found.needs_second_operator,
        }))  # fmt: skip
        return
    table = Table("", "now", "then", title="dry run: nothing was written")
    for name, (before, after) in rows.items():
        table.add_row(name, str(before), str(after))
    console = plain_console()
    console.print(table)
    if found.entry.written_off:
        console.print(f"{found.entry.written_off} points cannot be taken and are written off.")
    console.print(
        "A second operator must agree."
        if found.needs_second_operator
        else "One operator is enough."
    )
