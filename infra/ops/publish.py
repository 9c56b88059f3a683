"""`huixue publish FILE.yaml`: validates a programme or a season, shows what changes for members, publishes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huixue.kernel.calendar import SystemClock, business_date
from huixue.kernel.ids import KeyedHash
from huixue.programme import use_cases
from huixue.programme.model import Programme, canonical_json, with_hashed_staff
from huixue.programme.ports import ProgrammeStore
from huixue.programme.store import DynamoDbProgrammes
from infra.ops import deployment, season_publish, stores
from infra.ops.errors import OperatorError
from infra.ops.programme_differences import differences
from infra.ops.programme_yaml import read_programme
from infra.ops.refusals import told_to_operator
from infra.ops.season_yaml import MAX_FILE_BYTES
from infra.ops.yaml_files import read_document


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    programme_id: str
    version: int
    """The version in force afterwards; in a dry run the one there would be."""
    changed: bool
    dry_run: bool
    differences: list[str]


def publish(
    file: Annotated[
        Path, typer.Argument(help="A programme or, with a season_id, a season; as YAML.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; publish nothing.")
    ] = False,
    compensation: Annotated[
        Path | None,
        typer.Option(
            help="With --dry-run of a season that cuts a cycle of check-ins: write a file for `huixue grant` here."
        ),
    ] = None,
    stage: Annotated[str, typer.Option(help="The deployment to publish to.")] = "local",
    region: Annotated[str | None, typer.Option(help="AWS region, for stages on AWS.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Publish a programme or a season: a new version if anything differs; older versions are kept for ever."""
    document = read_document(file, max_bytes=MAX_FILE_BYTES)
    if season_publish.is_season(document.data):
        season_publish.publish_document(
            document, stage=stage, region=region, dry_run=dry_run, compensation=compensation,
            as_json=as_json,
        )  # fmt: skip
        return
    if compensation is not None:
        raise OperatorError(
            "--compensation is for a season that cuts a cycle of check-ins",
            next_step="Leave it out: this file is a programme.",
        )
    programme = read_programme(file)
    with told_to_operator():
        deployed = deployment.load(stage, region=region)
        report = publish_programme(
            programme, store=_store(deployed), now=SystemClock().now(), dry_run=dry_run,
            keyed_hash=lambda: stores.keyed_hash(deployed),
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False))
    else:
        _show(report, Console(soft_wrap=True))


def no_key() -> KeyedHash:
    """For programmes without staff accounts. Raises OperatorError for others."""
    raise OperatorError(
        "staff accounts are stored as keyed hashes, and there is no key here",
        next_step="Publish with `huixue publish FILE.yaml`, which uses the deployment's key.",
    )


def publish_file(
    file: Path, *, store: ProgrammeStore, now: datetime, dry_run: bool,
    keyed_hash: Callable[[], KeyedHash] = no_key,
) -> PublishReport:  # fmt: skip
    """`publish_programme` for a file. Raises ProgrammeFileError too, and then has read and written nothing else."""
    return publish_programme(
        read_programme(file), store=store, now=now, dry_run=dry_run, keyed_hash=keyed_hash
    )


def publish_programme(
    programme: Programme, *, store: ProgrammeStore, now: datetime, dry_run: bool,
    keyed_hash: Callable[[], KeyedHash] = no_key,
) -> PublishReport:  # fmt: skip
    """Publishes it, or in a dry run tells what would come and writes nothing. May be repeated.

    Names of staff accounts are hashed before anything is compared, told or stored; `keyed_hash` is asked for only
    where there are any. Raises ProgrammeChangedError where somebody else published at the same moment.
    """
    if programme.staff_accounts:
        programme = with_hashed_staff(programme, keyed_hash().account_ref)
    before = store.current(programme.programme_id)
    today = business_date(now, programme.zone_info())
    changes = _changes(before.programme if before else None, programme, today)
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


def _changes(before: Programme | None, after: Programme, today: date) -> list[str]:
    sentences = differences(before, after, today=today)
    if not sentences and before is not None and canonical_json(before) != canonical_json(after):
        return ["only the order of lists changes"]
    return sentences


def programme_store(stage: str, region: str | None = None) -> DynamoDbProgrammes:
    return _store(deployment.load(stage, region=region))


def _store(deployed: deployment.Deployment) -> DynamoDbProgrammes:
    return DynamoDbProgrammes(stores.database(deployed), deployed.output("ProgrammesTableName"))


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
