"""`huixue publish FILE.yaml`: validates a programme, shows what changes for members, publishes a new version."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huixue.dynamodb.database import Database
from huixue.kernel.calendar import SystemClock
from huixue.programme import use_cases
from huixue.programme.model import Programme, canonical_json
from huixue.programme.ports import ProgrammeStore
from huixue.programme.store import DynamoDbProgrammes
from infra.ops import deployment
from infra.ops.programme_differences import differences
from infra.ops.programme_yaml import read_programme
from infra.ops.refusals import told_to_operator


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    programme_id: str
    version: int
    """The version in force afterwards; in a dry run the one there would be."""
    changed: bool
    dry_run: bool
    differences: list[str]


def publish(
    file: Annotated[Path, typer.Argument(help="The programme, as YAML.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; publish nothing.")
    ] = False,
    stage: Annotated[str, typer.Option(help="The deployment to publish to.")] = "local",
    region: Annotated[str | None, typer.Option(help="AWS region, for stages on AWS.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Publish a programme: a new version if anything differs; older versions are kept for ever."""
    programme = read_programme(file)
    with told_to_operator():
        store = programme_store(stage, region)
        report = publish_programme(programme, store=store, now=SystemClock().now(), dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False))
    else:
        _show(report, Console(soft_wrap=True))


def publish_file(
    file: Path, *, store: ProgrammeStore, now: datetime, dry_run: bool
) -> PublishReport:
    """`publish_programme` for a file. Raises ProgrammeFileError too, and then has read and written nothing else."""
    return publish_programme(read_programme(file), store=store, now=now, dry_run=dry_run)


def publish_programme(
    programme: Programme, *, store: ProgrammeStore, now: datetime, dry_run: bool
) -> PublishReport:
    """Publishes it, or in a dry run tells what would come and writes nothing. May be repeated.

    Raises ProgrammeChangedError where somebody else published at the same moment.
    """
    before = store.current(programme.programme_id)
    changes = _changes(before.programme if before else None, programme)
    if dry_run:
        version, changed = (before.version if before else 0) + bool(changes), bool(changes)
    else:
        published = use_cases.publish(programme, store=store, now=now)
        version, changed = published.version, published.changed
    return PublishReport(
        programme_id=programme.programme_id,
        version=version,
        changed=changed,
        dry_run=dry_run,
        differences=changes,
    )


def _changes(before: Programme | None, after: Programme) -> list[str]:
    sentences = differences(before, after)
    if not sentences and before is not None and canonical_json(before) != canonical_json(after):
        return ["only the order of lists changes"]
    return sentences


def programme_store(stage: str, region: str | None = None) -> DynamoDbProgrammes:
    deployed = deployment.load(stage, region=region)
    client = deployed.client("dynamodb")
    return DynamoDbProgrammes(Database(client), deployed.output("ProgrammesTableName"))


def _show(report: PublishReport, console: Console) -> None:
    for sentence in report.differences:
        console.print(f"  {sentence}", markup=False, highlight=False)
    name = f"{report.programme_id} version {report.version}"
    if not report.changed:
        console.print(f"{name} is in force already; nothing changes.", highlight=False)
    elif report.dry_run:
        console.print(f"This would become {name}. Nothing was published.", highlight=False)
    else:
        console.print(f"Published {name}. Functions take it up within a minute.", highlight=False)
