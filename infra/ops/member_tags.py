"""`huixue tag`, `huixue member`: what an operator says of a member, and all that is known of her."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from huixue.kernel.calendar import SystemClock, end_of_day, to_text
from huixue.kernel.ids import MemberId
from huixue.members.editing import History, history, remove_tag, set_tag, tag_value
from huixue.members.model import Member
from huixue.members.profiles import is_complete
from huixue.members.store import DynamoDbMembers
from huixue.members.tags import GROUPS, Tag, live_tags
from huixue.members.use_cases import living_member
from infra.ops import stores
from infra.ops.deployment import LOCAL, Deployment, load
from infra.ops.erased_members import must_live
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import operator_of, plain_console, told
from infra.ops.options import AsJson, MemberArgument, Operator, Region, Stage


def tag(
    member: MemberArgument,
    group: Annotated[str, typer.Argument(help=f"One of {', '.join(GROUPS)}.")],
    value: Annotated[
        str, typer.Argument(help="For example 上海, dry, lipstick; no personal data.")
    ],
    remove: Annotated[
        bool, typer.Option("--remove", help="Take the value away, whoever said it.")
    ] = False,
    expires: Annotated[
        str | None, typer.Option(help="The last day it holds, e.g. 2026-12-31; default: for ever.")
    ] = None,
    operator: Operator = None,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Say what a member's tag is: an operator's word goes before hers, her nickname's and an import's."""
    now = SystemClock().now()
    with told():
        deployment = load(stage, region=region)
        store, by = _members(deployment), operator_of(deployment, operator)
        must_live(MemberId(member), store)
        if remove:
            found = remove_tag(MemberId(member), group, value, set_by=by, now=now, store=store)
        else:
            said = Tag(
                group=group, value=tag_value(group, value), source="operator", set_at=now,
                set_by=by, expires_at=_end_of(expires, now),
            )  # fmt: skip
            found = set_tag(MemberId(member), said, store=store)
    facts: dict[str, Any] = {
        "member_id": found.member_id,
        "group": group,
        "tags": _tags(found, now).get(group, []),
    }
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
    else:
        values = ", ".join(_told(each) for each in facts["tags"]) or "nothing"
        plain_console().print(f"{found.member_id}: {group} is {values}")


def member(
    member: MemberArgument, stage: Stage = LOCAL, region: Region = None, as_json: AsJson = False
) -> None:
    """Show a member's profile, what counts of her tags, her consents, and the history of both."""
    now = SystemClock().now()
    with told():
        store = _members(load(stage, region=region))
        must_live(MemberId(member), store)
        found = living_member(MemberId(member), store=store)
        changes = history(found, store=store)
    facts = _facts(found, changes, now)
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    console = plain_console()
    about = Table("", "", title=found.member_id, show_header=False)
    for name, text in {**facts["profile"], **facts["member"]}.items():
        about.add_row(name.replace("_", " "), str(text))
    console.print(about)
    console.print(_table("tags", [row for rows in facts["tags"].values() for row in rows]))
    console.print(_table("history of tags", facts["tag_history"]))
    console.print(_table("consents", facts["consents"]))
    console.print(_table("history of consents", facts["consent_history"]))


def _members(deployment: Deployment) -> DynamoDbMembers:
    return DynamoDbMembers(stores.database(deployment), deployment.output("MembersTableName"))


def _end_of(text: str | None, now: datetime) -> datetime | None:
    """The first instant after the day. Raises OperatorError for what is no day to come."""
    if text is None:
        return None
    try:
        end = end_of_day(date.fromisoformat(text))
    except (ValueError, OverflowError):
        raise OperatorError(
            f"{text!r} is no day", next_step="Write it as 2026-12-31; nothing was changed."
        ) from None
    if end <= now:
        raise OperatorError(
            f"{text} is over", next_step="Name a day to come, or use --remove; nothing was changed."
        )
    return end


def _facts(found: Member, changes: History, now: datetime) -> dict[str, Any]:
    said = found.profile
    profile = {
        "nickname": said.nickname, "region": said.region, "skin_type": said.skin_type,
        "group_nickname": said.group_nickname,
    }  # fmt: skip
    return {
        "member_id": found.member_id,
        "profile": {name: text for name, text in profile.items() if text is not None},
        "member": {
            "programme_id": found.programme_id,
            "joined_at": to_text(found.created_at),
            "profile_complete": is_complete(found, now),
            "merged_from": list(found.merged_from),
        },
        "tags": _tags(found, now),
        "consents": [
            {
                "purpose": each.purpose, "room_id": each.room_id, "granted": each.granted,
                "decided_at": to_text(each.decided_at),
            }
            for _, each in sorted(found.consents.items())
        ],
        "tag_history": [
            {
                "at": to_text(each.at), "group": each.group, "source": each.source,
                "value": each.value, "former": each.former, "by": each.by,
            }
            for each in changes.tags
        ],
        "consent_history": [
            {
                "at": to_text(each.at), "purpose": each.purpose, "room_id": each.room_id,
                "granted": each.granted,
            }
            for each in changes.consents
        ],
    }  # fmt: skip


def _tags(found: Member, now: datetime) -> dict[str, list[dict[str, Any]]]:
    return {
        group: [
            {
                "group": group, "value": each.value, "source": each.source,
                "confidence": each.confidence, "set_at": to_text(each.set_at),
                "set_by": each.set_by,
                "expires_at": to_text(each.expires_at) if each.expires_at is not None else None,
            }
            for each in in_group
        ]
        for group, in_group in sorted(live_tags(found.tags, now).items())
    }  # fmt: skip


def _told(row: dict[str, Any]) -> str:
    until = f", until {row['expires_at']}" if row["expires_at"] else ""
    return f"{row['value']} ({row['source']}, by {row['set_by']}{until})"


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    columns = rows[0] if rows else ["none"]
    table = Table(*(Column(name, overflow="fold") for name in columns), title=title)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    return table
