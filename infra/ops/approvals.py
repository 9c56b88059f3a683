"""`huixue approve`, `reject`, `adjustments`, `corrections`: the register of what operators gave and took by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from rich.table import Table

from huixue.kernel.calendar import to_text
from huixue.points.adjusting import Adjusted
from huixue.points.adjusting import approve as approved
from huixue.points.adjusting import reject as rejected
from huixue.points.four_eyes import Proposal, person
from infra.ops import adjust
from infra.ops.deployment import LOCAL, load
from infra.ops.ledger_doors import LedgerDoors, doors, operator_of, plain_console, told
from infra.ops.options import DEFAULT_PROGRAMME, AsJson, Operator, Programme, Region, Stage

ProposalArgument = Annotated[
    str, typer.Argument(metavar="ID", help="As `huixue adjustments` names it.")
]


def approve(
    proposal: ProposalArgument,
    programme: Programme = DEFAULT_PROGRAMME,
    operator: Operator = None,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Agree, as a second operator, to an adjustment (it is entered at once) or a grant (it may be run then)."""
    with told():
        at = doors(load(stage, region=region))
        by = operator_of(at.deployment, operator)
        found = approved(programme, proposal, by, desk=at.desk, proposals=at.proposals)
    adjust.show(found, at, as_json=as_json)


def reject(
    proposal: ProposalArgument,
    programme: Programme = DEFAULT_PROGRAMME,
    operator: Operator = None,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a waiting adjustment or grant, or take back one of your own: nothing will be entered. Also
    one that was agreed to, where the member was erased before it was entered."""
    with told():
        at = doors(load(stage, region=region))
        by = operator_of(at.deployment, operator)
        found = rejected(programme, proposal, by, desk=at.desk, proposals=at.proposals)
    if as_json:
        typer.echo(json.dumps(adjust.facts_of(Adjusted(proposal=found, moved=None), at)))
    else:
        typer.echo(f"{found.decided_by} rejected {proposal}: nothing will be entered.")


def adjustments(
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that are done, rejected or expired.")
    ] = False,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """List adjustments and grants that wait for a second operator."""
    with told():
        at = doors(load(stage, region=region))
        listed = [
            row
            for row in _rows(at.proposals.everything(programme), at)
            if everything or row["state"] in {"proposed", "agreed"}
        ]
    _show(listed, "nothing waits", as_json=as_json)


def corrections(
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """List all adjustments that put a wrong entry right, by operator."""
    with told():
        at = doors(load(stage, region=region))
        done = [
            each
            for each in at.proposals.everything(programme)
            if "corrects" in each.content and each.state == "done"
        ]
        done.sort(key=lambda each: (person(each.by), each.at))
        listed = list(_rows(done, at))
    _show(listed, "nothing was corrected", as_json=as_json)


def _rows(proposals: Iterable[Proposal], at: LedgerDoors) -> Iterable[dict[str, Any]]:
    for each in proposals:
        expired = each.is_expired(at.desk.now())
        yield {
            "id": each.proposal_id, "kind": each.kind, "state": "expired" if expired else each.state,
            "by": each.by, "at": to_text(each.at), "decided_by": each.decided_by,
            "expires_at": to_text(each.expires_at), **each.content,
        }  # fmt: skip


def _show(listed: list[dict[str, Any]], nothing: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(listed, ensure_ascii=False))
        return
    console = plain_console()
    if not listed:
        console.print(nothing)
        return
    table = Table()
    table.add_column("id", overflow="fold")
    for name in ("state", "points", "for", "asked by", "notes"):
        table.add_column(name, overflow="fold")
    for row in listed:
        whom = row.get("member_id") or f"{row.get('members')} members"
        table.add_row(
            row["id"], row["state"], f"{row['points']:+}", str(whom), row["by"],
            "\n".join(_words(row)),
        )  # fmt: skip
    console.print(table)


def _words(row: dict[str, Any]) -> Iterator[str]:
    yield f"{row['reason']}, {row['at']}"
    for name in ("member_note", "internal_note", "corrects", "preview", "decided_by"):
        if said := row.get(name):
            yield f"{name.replace('_', ' ')}: {said}"
