"""`huixue outage`: business days on which the service failed members; no streak breaks there (CI-E1)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from huixue.check_ins.days import business_date
from huixue.check_ins.versions import declare_outage
from huixue.kernel.calendar import SystemClock
from huixue.kernel.check_ins import CheckInRules, Outage
from infra.ops.deployment import LOCAL, load
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import plain_console
from infra.ops.options import DEFAULT_PROGRAMME, AsJson, Programme, Region, Stage
from infra.ops.season_publishing import season_doors
from infra.ops.season_refusals import told_of_season
from infra.ops.stream_doors import print_facts, reason_of


def outage(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="The first day: 2026-11-20.")],
    reason: Annotated[str, typer.Option(help="Why, in Chinese: members read it.")],
    last: Annotated[
        str | None, typer.Argument(metavar="[LAST]", help="The last day; default: the first.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would do; write nothing.")
    ] = False,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Declare an outage: streaks of members who could not check in go on; nobody gets points for these days.

    Days that were declared before change nothing. It cannot be taken back.
    """
    days = _day(first), _day(last or first)
    told_reason = reason_of(reason)
    with told_of_season():
        store = season_doors(load(stage, region=region)).rules
        now = SystemClock().now()
        before = store.rules(programme, consistent=True)
        _must_have_rules(before, programme)
        declared = Outage(first=days[0], last=days[1], reason=told_reason, declared_at=now)
        after = declare_outage(before, declared)
        changed = after != before
        if changed and not dry_run:
            store.write(after, before.revision)
    today = business_date(before, now)
    if as_json:
        print_facts({
            "first": days[0].isoformat(), "last": days[1].isoformat(), "reason": told_reason,
            "changed": changed, "dry_run": dry_run, "business_date": today.isoformat(),
        })  # fmt: skip
    else:
        plain_console().print(_sentence(days, changed=changed, dry_run=dry_run))


def _must_have_rules(rules: CheckInRules, programme_id: str) -> None:
    if not rules.versions:
        raise OperatorError(
            f"{programme_id} has no check-ins, so there are no streaks to keep",
            next_step="Publish a season with `check_in` first: `huixue publish SEASON.yaml`.",
        )


def _sentence(days: tuple[date, date], *, changed: bool, dry_run: bool) -> str:
    named = f"{days[0]}" if days[0] == days[1] else f"{days[0]} to {days[1]}"
    if not changed:
        return f"{named}: declared before; nothing changes."
    if dry_run:
        return f"{named} would be protected: no streak breaks there. Nothing was written."
    return f"{named} is protected: no streak breaks there. Members see it within a minute."


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OperatorError(
            f"{text!r} is no day", next_step="Write business days like 2026-11-20."
        ) from None
