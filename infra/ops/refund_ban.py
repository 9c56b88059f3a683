"""`huixue ban-refunders`: who gives back too much cannot redeem for a while; first shown, then done as it was shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from huixue.dynamodb.database import Database
from huixue.kernel.calendar import SystemClock, to_text
from huixue.kernel.ids import MemberId
from huixue.points.ban_store import BanStore
from huixue.points.store import LedgerStore
from huixue.programme.policy import ledger_policy
from infra.ops import stores
from infra.ops.deployment import LOCAL, Deployment, load
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import plain_console, told
from infra.ops.options import DEFAULT_PROGRAMME, AsJson, Programme, Region, Stage
from infra.ops.order_walk import progress, read_only, walked
from infra.ops.refund_judging import (
    BanDesk,
    Judged,
    impose,
    judged,
    note_ends,
    preview_of,
    to_ban,
)

SHOWN = 50
_WORDS = {
    "ban": "to be banned", "near": "near: one more refund", "banned": "banned already",
    "frozen": "frozen for another reason, left alone", "no_account": "nothing to redeem",
}  # fmt: skip


def ban_refunders(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show who would be banned; the default.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Ban them; needs the --preview of a dry run.")
    ] = False,
    seen: Annotated[
        str | None, typer.Option("--preview", help="The hash that the dry run ended with.")
    ] = None,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Stop the redemptions of members who refund more of their orders than the programme's refund_ban allows."""
    _check(dry_run, apply, seen)
    with told():
        deployment = load(stage, region=region)
        database = stores.database(deployment) if apply else read_only(deployment)
        desk = ban_desk(deployment, database, programme)
        now = SystemClock().now()
        console = Console(stderr=True, soft_wrap=True)
        found = _judged(deployment, database, desk, now, console)
        banned = _apply(found, seen, now, desk) if seen is not None else []
    preview = seen or preview_of(found, desk.rule)
    if as_json:
        typer.echo(json.dumps(_facts(found, banned, desk, preview)))
    else:
        _show(found, banned, desk, preview, applied=apply)


def _check(dry_run: bool, apply: bool, seen: str | None) -> None:
    if apply and dry_run:
        raise OperatorError(
            "--dry-run and --apply contradict each other", next_step="Say one of them."
        )
    if apply != (seen is not None):
        raise OperatorError(
            "members are banned only as it was shown before",
            next_step="Run it without --apply, look at it, then run it with --apply and the --preview it told.",
        )


def ban_desk(deployment: Deployment, database: Database, programme_id: str) -> BanDesk:
    """Raises OperatorError where the programme has no rule for it."""
    programme = stores.published_programme(deployment, programme_id)
    policy = ledger_policy(programme, 0)
    if policy.refund_ban is None:
        raise OperatorError(
            f"the programme {programme_id} has no refund_ban, so nobody can be banned",
            next_step="Add points.refund_ban to its file (see infra/demo/programme.yaml) and publish it.",
        )
    table = deployment.output("PointsTableName")
    ledger = LedgerStore(database, table)
    bans = BanStore(database, table, ledger.posting)
    return BanDesk(ledger=ledger, bans=bans, policy=policy, rule=policy.refund_ban)


def _judged(
    deployment: Deployment, database: Database, desk: BanDesk, now: datetime, console: Console
) -> list[Judged]:
    with progress("orders read", console) as advance:
        pages = walked(database, deployment.output("OrdersTableName"), advance)
        return judged((order for page in pages for order in page), now, desk=desk)


def _apply(found: list[Judged], seen: str, now: datetime, desk: BanDesk) -> list[MemberId]:
    """Bans whom the dry run named, and nobody else; who is banned already is left alone. Returns whom it banned."""
    if preview_of(found, desk.rule, seen=seen) != seen:
        raise OperatorError(
            "this is not what the dry run showed: orders or the programme changed since",
            next_step="Run it without --apply, look at what changed, and use the new --preview.",
        )
    note_ends(found, now, desk=desk)
    return [each.member_id for each in to_ban(found) if impose(each, seen, now, desk=desk)]


def _facts(
    found: Sequence[Judged], banned: Sequence[MemberId], desk: BanDesk, preview: str
) -> dict[str, Any]:
    return {
        "preview": preview,
        "banned": list(banned),
        "rule": asdict(desk.rule),
        "members": [_row(each) for each in found if each.standing != "fine"],
    }


def _row(each: Judged) -> dict[str, Any]:
    ban = each.ban
    until = {} if ban is None else {"last_ban": [to_text(ban.since), to_text(ban.until)]}
    return {
        "member_id": each.member_id, "standing": each.standing, **asdict(each.ratio),
        "percent": each.ratio.percent, **until,
    }  # fmt: skip


def _show(
    found: Sequence[Judged], banned: Sequence[MemberId], desk: BanDesk, preview: str,
    *, applied: bool,
) -> None:  # fmt: skip
    console, rule = plain_console(), desk.rule
    console.print(
        f"Orders of the last {rule.window_days} days, from {rule.min_orders} paid ones on: at "
        f"{rule.ratio_percent} % refunded a member cannot redeem for {rule.ban_days} days."
    )
    listed = [each for each in found if each.standing != "fine"]
    if listed:
        console.print(_table(listed))
    wanted = len(to_ban(found))
    if applied and not wanted:
        console.print("There was nobody to ban. Nothing was written.")
        return
    if applied:
        console.print(f"Banned {len(banned)} of {wanted} members. They may appeal: `huixue cases`.")
        return
    console.print(f"{wanted} members would be banned. Nothing was written.")
    if wanted:
        console.print(f"To ban exactly these: --apply --preview {preview}")


def _table(listed: Sequence[Judged]) -> Table:
    table = Table(
        Column("member", no_wrap=True),
        "paid",
        "refunded",
        "percent",
        "in part only",
        "forgiven",
        "",
    )
    for each in listed[:SHOWN]:
        ratio = each.ratio
        numbers = (ratio.paid, ratio.refunded, ratio.percent, ratio.partly, ratio.forgiven)
        table.add_row(each.member_id, *map(str, numbers), _WORDS[each.standing])
    return table
