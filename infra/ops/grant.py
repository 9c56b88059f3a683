"""`huixue grant`: points for many members at once; only what was previewed is entered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from huixue.kernel.ids import MemberId
from huixue.points.adjusting import REASONS, Adjusted
from huixue.points.four_eyes import Proposal
from huixue.points.granting import Granted, run
from huixue.points.grants import Grant, GrantDesk, Preview, RowResult, preview
from infra.ops import adjust
from infra.ops.deployment import LOCAL, load
from infra.ops.erased_members import erased_on
from infra.ops.errors import OperatorError
from infra.ops.grant_files import COLUMNS, read_grant
from infra.ops.ledger_doors import LedgerDoors, doors, operator_of, plain_console, told
from infra.ops.options import DEFAULT_PROGRAMME, AsJson, Operator, Programme, Region, Stage

WORKERS = 8
TOP = 20
_T = TypeVar("_T")
_R = TypeVar("_R")


def grant(
    file: Annotated[
        Path, typer.Argument(help=f"A CSV file with the columns {', '.join(COLUMNS)}.")
    ],
    reason: Annotated[str, typer.Option(help=f"One of {', '.join(REASONS)}.")],
    note_member: Annotated[
        str, typer.Option(help="What the members read, in Chinese; no personal data.")
    ],
    programme: Programme = DEFAULT_PROGRAMME,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Preview it; nothing is written.")
    ] = False,
    seen: Annotated[
        str | None, typer.Option("--preview", help="The hash that the dry run ended with.")
    ] = None,
    operator: Operator = None,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Give points to the members of a file. Run it with --dry-run first, then with the --preview it told.

    The same rows with the same reason and note are the same grant: run again it enters only what is missing.
    """
    rows = read_grant(file)
    if not dry_run and seen is None:
        raise OperatorError(
            "a grant is entered only as it was previewed",
            next_step="Run it with --dry-run, look at it, then run it with the --preview it told.",
        )
    with told():
        at = doors(load(stage, region=region))
        policy = at.desk.policy_of(programme)
        by = operator_of(at.deployment, operator)
        wished = Grant(
            programme_id=programme, rows=rows, reason=reason, member_note=note_member, by=by
        )
        if dry_run or seen is None:
            with _Bar(len(rows), "previewing", quiet=as_json) as step:
                found = preview(wished, at=_desk(at, step))
            erased = at.erased([MemberId(each) for each in found.unknown])
            second = found.asked > policy.four_eyes_above_points
            _show_preview(found, erased, second, as_json=as_json)
            return
        done = _run(wished, seen, at, quiet=as_json)
    _show_run(done, at, as_json=as_json)


def _run(wished: Grant, seen: str, at: LedgerDoors, *, quiet: bool) -> Granted:
    with _Bar(len(wished.rows), "granting", quiet=quiet) as step:
        return run(wished, seen, at=_desk(at, lambda: None), entered=lambda _: step())


class _Bar:
    """A progress bar on stderr; every call is one step."""

    def __init__(self, total: int, what: str, *, quiet: bool) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(
            *columns, TimeElapsedColumn(), console=plain_console(stderr=True), disable=quiet
        )
        self._task = self._progress.add_task(what, total=total)

    def __enter__(self) -> Callable[[], None]:
        self._progress.start()
        return lambda: self._progress.advance(self._task)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _desk(at: LedgerDoors, step: Callable[[], None]) -> GrantDesk:
    def programmes_of(member_ids: Iterable[MemberId]) -> dict[MemberId, str]:
        return at.programmes_of(list(member_ids))

    return GrantDesk(
        desk=at.desk, programme_of=programmes_of, proposals=at.proposals, in_parallel=_Workers(step)
    )


class _Workers:
    """A bounded number of threads; what has not begun when one fails, or at Ctrl-C, never begins."""

    def __init__(self, step: Callable[[], None]) -> None:
        self._step = step

    def __call__(self, work: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
        workers = ThreadPoolExecutor(WORKERS)
        try:
            for result in workers.map(work, items):
                self._step()
                yield result
        finally:
            workers.shutdown(wait=True, cancel_futures=True)


def _show_preview(
    found: Preview, erased: Mapping[MemberId, datetime], second: bool, *, as_json: bool
) -> None:
    facts = _facts(found) | {"dry_run": True, "needs_second_operator": second}
    facts["erased"] = sorted(erased)
    if as_json:
        typer.echo(json.dumps(facts))
        return
    console = plain_console()
    console.print(_rows_table(found))
    if found.unknown:
        shown = ", ".join(found.unknown[:TOP])
        console.print(
            f"{len(found.unknown)} rows are of nobody in this programme, and left out: {shown}"
        )
    for member_id, erased_at in erased.items():
        console.print(f"{member_id} was {erased_on(erased_at)}: nothing can be done for her.")
    done = len(found.results) - len(found.missing)
    again = f"; {done} of them have theirs already" if done else ""
    console.print(
        f"{len(found.results)} members get {found.credited} of {found.asked} points; caps keep "
        f"{found.capped} back{again}."
    )
    console.print("A second operator must agree." if second else "One operator is enough.")
    console.print(f"Nothing was written. To grant exactly this: --preview {found.hash}")


def _facts(found: Preview) -> dict[str, Any]:
    return {
        "grant_id": found.grant_id, "preview": found.hash, "members": len(found.results),
        "asked": found.asked, "credited": found.credited, "capped": found.capped,
        "entered_before": len(found.results) - len(found.missing), "unknown": list(found.unknown),
        "capped_members": [_row(each) for each in found.results if each.capped],
        "top": [_row(each) for each in _largest(found)],
    }  # fmt: skip


def _row(each: RowResult) -> dict[str, Any]:
    return {
        "member_id": each.row.member_id, "account": each.member_id, "points": each.row.points,
        "credited": each.credited, "capped": each.capped, "expires_on": each.expires_on,
    }  # fmt: skip


def _largest(found: Preview) -> list[RowResult]:
    return sorted(found.results, key=lambda each: (-each.credited, each.row.member_id))[:TOP]


def _rows_table(found: Preview) -> Table:
    """The largest, and whatever caps cut."""
    title = f"The {TOP} largest, and what caps cut"
    member = Column("member", no_wrap=True)  # to be copied into the next command
    table = Table(member, "points", "gets", "kept back", "expires", title=title)
    largest = _largest(found)
    cut = [each for each in found.results if each.capped and each not in largest][:TOP]
    for each in [*largest, *cut]:
        table.add_row(
            each.row.member_id, str(each.row.points), str(each.credited), str(each.capped),
            each.expires_on,
        )  # fmt: skip
    return table


def _show_run(done: Granted, at: LedgerDoors, *, as_json: bool) -> None:
    stands: Proposal = done.proposal
    if done.entered is None:
        adjust.show(Adjusted(proposal=stands, moved=None), at, as_json=as_json)
        return
    if as_json:
        typer.echo(json.dumps({
            "id": stands.proposal_id, "state": stands.state, "entered": done.entered,
            **_facts(done.preview), "entered_before": len(done.preview.results) - done.entered,
        }))  # fmt: skip
        return
    before = len(done.preview.results) - done.entered
    again = f"; {before} members had theirs already" if before else ""
    plain_console().print(
        f"Entered for {done.entered} members now{again}. "
        f"In all {done.preview.credited} points for {len(done.preview.results)} members."
    )
