"""`huixue publish SEASON.yaml`: what members will see, who loses what, and the publication itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from huixue.kernel.calendar import SystemClock
from infra.ops import season_losses, stores
from infra.ops.deployment import Deployment, load
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import plain_console
from infra.ops.season_losses import MemberLoss
from infra.ops.season_publishing import (
    SeasonChange,
    SeasonDoors,
    change_of,
    publish_season,
    season_doors,
)
from infra.ops.season_refusals import told_of_season
from infra.ops.season_yaml import Season, must_fit, season_of
from infra.ops.yaml_files import Document

_SHOWN_LOSSES = 20


_ONLY_IN_SEASONS = frozenset(
    {"season_id", "streams", "home", "guides", "check_in", "member_days"}
)  # fmt: skip


def is_season(data: object) -> bool:
    """Whether the file is to be read as a season, and told what it lacks where it has only part of one."""
    return isinstance(data, dict) and not _ONLY_IN_SEASONS.isdisjoint(data)


def publish_document(
    document: Document, *, stage: str, region: str | None, dry_run: bool,
    compensation: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Raises OperatorError; what the file has wrong is told before anything is read or written."""
    season = season_of(document)
    with told_of_season():
        deployed = load(stage, region=region)
        must_fit(season, stores.published_programme(deployed, season.draft.programme_id))
        at, now = season_doors(deployed), SystemClock().now()
        change = change_of(season, at=at, now=now)
        lost = _lost(change, deployed, quiet=as_json) if dry_run else []
        if compensation is not None:
            _compensate(compensation, change, lost, dry_run=dry_run)
        if not dry_run and change.changes:
            change = _published(season, at, change.steps(), quiet=as_json)
    if as_json:
        typer.echo(json.dumps(_facts(change, lost, dry_run=dry_run), ensure_ascii=False))
    else:
        show(change, lost, plain_console(), dry_run=dry_run)


def _published(season: Season, at: SeasonDoors, steps: int, *, quiet: bool) -> SeasonChange:
    columns = (TextColumn("publishing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = plain_console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        task = progress.add_task("publishing", total=steps)
        return publish_season(
            season, at=at, now=SystemClock().now(), step=lambda: progress.advance(task)
        )


def _lost(change: SeasonChange, deployed: Deployment, *, quiet: bool) -> list[MemberLoss]:
    """By the largest; none where no cycle is cut."""
    cut_on = change.cut_on
    if cut_on is None:
        return []
    accounts = season_losses.accounts_of(deployed, quiet=quiet)
    found = season_losses.losses(accounts, change.rules_before, cut_on=cut_on, today=change.today)
    return sorted(found, key=lambda each: (-each.points, each.member_id))


def _compensate(
    file: Path, change: SeasonChange, lost: Sequence[MemberLoss], *, dry_run: bool
) -> None:
    if not dry_run:
        raise OperatorError(
            "--compensation says what a publication would take away, before it does",
            next_step="Use it with --dry-run, grant the points with `huixue grant`, then publish.",
        )
    if change.cut_on is None or not lost:
        raise OperatorError(
            "nobody loses anything by this publication, so there is nothing to compensate",
            next_step="Leave --compensation out.",
        )
    season_losses.write_grant(file, lost)


def _facts(change: SeasonChange, lost: Sequence[MemberLoss], *, dry_run: bool) -> dict[str, Any]:
    draft = change.season.draft
    return {
        "season_id": draft.season_id, "programme_id": draft.programme_id,
        "version": change.version, "changed": change.changes, "dry_run": dry_run,
        "differences": change.differences(), "hints": change.plan.hints,
        "cycle_cut_on": None if change.cut_on is None else change.cut_on.isoformat(),
        "losses": [each.facts() for each in lost],
    }  # fmt: skip


def show(
    change: SeasonChange, lost: Sequence[MemberLoss], console: Console, *, dry_run: bool
) -> None:
    for surface, sentences in change.differences().items():
        console.print(surface)
        for sentence in sentences:
            console.print(f"  {sentence}")
    for hint in change.plan.hints:
        console.print(f"note: {hint}")
    if dry_run and change.cut_on is not None:
        _show_losses(lost, console)
    draft = change.season.draft
    name = f"{draft.season_id} of {draft.programme_id}"
    if not change.changes:
        console.print(f"{name}: version {change.version} is in force already; nothing changes.")
    elif dry_run:
        console.print(f"{name}: version {change.version} would be in force. Nothing was published.")
    else:
        console.print(
            f"Published {name}: version {change.version} is in force. Members see it within a minute."
        )


def _show_losses(lost: Sequence[MemberLoss], console: Console) -> None:
    if not lost:
        console.print("nobody loses a milestone by ending the running cycle")
        return
    count = season_losses.summary(lost)
    console.print(
        f"{count['members']} members lose {count['milestones']} milestones they have begun; "
        f"{count['compensation']} points would make up for their days so far (--compensation FILE.csv)"
    )
    for each in lost[:_SHOWN_LOSSES]:
        what = ", ".join(
            f"{one.has_days} of {one.days} days {one.kind} for {one.points} points"
            for one in each.milestones
        )
        console.print(f"  {each.member_id}: {what}")
    if len(lost) > _SHOWN_LOSSES:
        console.print(f"  … and {len(lost) - _SHOWN_LOSSES} more")
