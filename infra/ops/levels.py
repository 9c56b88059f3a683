"""`huixue set-level`: the verified room level of one member, or of a CSV file of them."""

from __future__ import annotations

import csv
import getpass
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from huixue.dynamodb.database import Database
from huixue.kernel.calendar import SystemClock
from huixue.kernel.errors import NotFoundError
from huixue.kernel.ids import MemberId
from huixue.members.levels import set_verified_level
from huixue.members.model import LevelSource
from huixue.members.ports import MemberStore
from huixue.members.store import DynamoDbMembers
from huixue.members.use_cases import living_member
from huixue.programme.model import find_room, level_names
from huixue.programme.rules import NO_LEVEL
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import CachedProgrammes
from infra.ops import deployment
from infra.ops.erased_members import erased_among, erased_on
from infra.ops.errors import OperatorError
from infra.ops.refusals import told_to_operator
from infra.ops.text_files import text_of

COLUMNS = ("member_id", "room", "level")
_MEMBER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    line_number: int
    member_id: str
    room: str
    level: str
    """`none` withdraws the level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRowError:
    line_number: int
    column: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What setting levels works on."""

    members: MemberStore
    programmes: CachedProgrammes


def set_level(
    member_id: Annotated[str | None, typer.Argument(help="The member's id.")] = None,
    room: Annotated[str | None, typer.Argument(help="The room's id.")] = None,
    level: Annotated[
        str | None, typer.Argument(help=f"A level of that room; {NO_LEVEL} withdraws it.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help=f"A CSV file with the columns {', '.join(COLUMNS)}.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check; change nothing.")] = False,
    stage: Annotated[str, typer.Option(help="The deployment to change.")] = "local",
    region: Annotated[str | None, typer.Option(help="AWS region, for stages on AWS.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Verify a member's room level: it multiplies the points of orders claimed from now on."""
    source: LevelSource = "operator" if file is None else "import"
    rows = _rows_asked_for(member_id, room, level, file)
    with told_to_operator():
        errors = apply_levels(
            _with_progress(rows) if file is not None and not as_json else rows,
            doors=_doors(stage, region),
            source=source,
            set_by=_operator(),
            now=SystemClock().now(),
            dry_run=dry_run,
        )
    _show(len(rows), errors, dry_run=dry_run, as_json=as_json)
    if errors:
        raise typer.Exit(1)


def apply_levels(
    rows: Iterable[LevelRow],
    *,
    doors: Doors,
    source: LevelSource,
    set_by: str,
    now: datetime,
    dry_run: bool,
) -> list[LevelRowError]:
    """Each good row is set, each bad one reported and left out. May be repeated; a dry run writes nothing."""
    errors: list[LevelRowError] = []
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        error = _error_of(row, doors) or _contradiction(row, seen)
        if error is not None:
            errors.append(error)
        elif not dry_run:
            level = None if row.level == NO_LEVEL else row.level
            member_id = MemberId(row.member_id)
            set_verified_level(member_id, row.room, level, source, set_by, now, store=doors.members)
    return errors


def read_rows(file: Path) -> list[LevelRow]:
    """The rows of a CSV file in UTF-8 or GB18030. Raises OperatorError for a file that is none."""
    reader = csv.DictReader(io.StringIO(text_of(file, _refused), newline=""), strict=True)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        if not set(COLUMNS) <= set(header):
            raise _refused(file, f"its first line must name the columns {', '.join(COLUMNS)}")
        reader.fieldnames = header
        return list(_rows(reader))
    except csv.Error as error:
        raise _refused(file, f"line {reader.line_num} is no CSV: {error}") from None


def _rows(reader: csv.DictReader[str]) -> Iterator[LevelRow]:
    for row in reader:
        values = [(row.get(column) or "").strip() for column in COLUMNS]
        yield LevelRow(
            line_number=reader.line_num, member_id=values[0], room=values[1], level=values[2]
        )


def _refused(file: Path, why: str) -> OperatorError:
    return OperatorError(
        f"{file} is no list of levels: {why}.",
        next_step="Correct the file and run the command again; nothing was changed.",
    )


def _rows_asked_for(
    member_id: str | None, room: str | None, level: str | None, file: Path | None
) -> Sequence[LevelRow]:
    if file is not None and member_id is None:
        return read_rows(file)
    if file is None and member_id and room and level:
        return [LevelRow(line_number=1, member_id=member_id, room=room, level=level)]
    raise OperatorError(
        "Name either one member, room and level, or a file.",
        next_step="Try `huixue set-level MEMBER_ID ROOM LEVEL` or `huixue set-level --file FILE.csv`.",
    )


def _error_of(row: LevelRow, doors: Doors) -> LevelRowError | None:
    try:
        if _MEMBER_ID.fullmatch(row.member_id) is None:
            return _wrong(row, "member_id", "a member's id")
        member = living_member(MemberId(row.member_id), store=doors.members)
    except NotFoundError:
        erased = erased_among([MemberId(row.member_id)], doors.members)
        for erased_at in erased.values():
            return _wrong(row, "member_id", f"a living member: she was {erased_on(erased_at)}")
        return _wrong(row, "member_id", "the id of a member of this deployment")
    _, programme = doors.programmes.current(member.programme_id)
    if find_room(programme, row.room) is None:
        rooms = ", ".join(each.room_id for each in programme.rooms)
        return _wrong(row, "room", f"one of {rooms}")
    levels = (*level_names(programme, row.room), NO_LEVEL)
    if row.level not in levels:
        return _wrong(row, "level", f"one of {', '.join(levels)}")
    return None


def _contradiction(row: LevelRow, seen: dict[tuple[str, str], str]) -> LevelRowError | None:
    if seen.setdefault((row.member_id, row.room), row.level) == row.level:
        return None
    return _wrong(row, "level", "one level for this member and room, as in an earlier line")


def _wrong(row: LevelRow, column: str, expected: str) -> LevelRowError:
    return LevelRowError(line_number=row.line_number, column=column, expected=expected)


def _doors(stage: str, region: str | None) -> Doors:
    deployed = deployment.load(stage, region=region)
    database = Database(deployed.client("dynamodb"))
    programmes = DynamoDbProgrammes(database, deployed.output("ProgrammesTableName"))
    return Doors(
        members=DynamoDbMembers(database, deployed.output("MembersTableName")),
        programmes=CachedProgrammes(programmes, SystemClock()),
    )


def _with_progress(rows: Sequence[LevelRow]) -> Iterable[LevelRow]:
    return track(rows, "Levels", console=Console(stderr=True))


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no name for this user: containers
        return "operator"


def _show(rows: int, errors: list[LevelRowError], *, dry_run: bool, as_json: bool) -> None:
    taken = rows - len(errors)
    if as_json:
        shown = [asdict(error) for error in errors]
        typer.echo(json.dumps({"set": taken, "dry_run": dry_run, "errors": shown}))
        return
    for error in errors:
        typer.echo(f"line {error.line_number}, {error.column}: expected {error.expected}", err=True)
    done = "would be set" if dry_run else "set"
    typer.echo(f"{taken} of {rows} levels {done}.")
