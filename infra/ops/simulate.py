"""`huixue simulate`: what a draft of the programme would have given for the orders of the last days. Writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from huixue.dynamodb.database import Database
from huixue.kernel.calendar import SystemClock, window_start
from huixue.members.store import DynamoDbMembers
from huixue.orders.model import Order
from huixue.orders.simulation import Change, Simulation, simulated
from huixue.programme.model import Programme, ProgrammeNotFoundError, with_hashed_staff
from huixue.programme.ports import ProgrammeStore
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import current
from infra.ops import stores
from infra.ops.deployment import LOCAL, Deployment, load
from infra.ops.draft_terms import Draft, Tally
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import told
from infra.ops.options import AsJson, Region, Stage
from infra.ops.order_walk import progress, read_only, walked
from infra.ops.programme_yaml import read_programme
from infra.ops.publish import publish_programme

_MILLI_FEN_PER_YUAN = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationReport:
    programme_id: str
    published_version: int
    days: int
    differences: list[str]
    """What publishing the draft would change, in sentences."""
    replayed: Simulation
    due_now: int
    """The part of `points_now` that is spendable by now."""
    due_draft: int
    cost_milli_fen: int
    """Of the difference, at the draft's cost per point; negative where it saves."""
    unclaimed_lines: int
    """Lines of the programme's rooms that nobody has claimed and that could be claimed today, under the draft."""
    unclaimed_points_now: int
    unclaimed_points_draft: int


def simulate(
    draft: Annotated[Path, typer.Argument(help="The draft of a published programme, as YAML.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="Orders paid in so many days.")] = 30,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Replay the orders of the last days under a draft; nothing is written, for nobody anything changes."""
    programme = read_programme(draft)
    console = Console(stderr=True, soft_wrap=True)
    with told():
        deployment = load(stage, region=region)
        report = simulation(
            programme, days, deployment=deployment, database=read_only(deployment),
            now=SystemClock().now(), console=console,
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(as_data(report), ensure_ascii=False))
    else:
        _show(report, Console(soft_wrap=True))


def simulation(
    programme: Programme, days: int, *, deployment: Deployment, database: Database, now: datetime,
    console: Console,
) -> SimulationReport:  # fmt: skip
    """Reads through `database` alone, which may refuse writes. Raises OperatorError where the programme was never
    published: then nobody has orders in it."""
    programmes = DynamoDbProgrammes(database, deployment.output("ProgrammesTableName"))
    version, published = _published(programme.programme_id, programmes)
    if programme.staff_accounts:
        programme = with_hashed_staff(programme, stores.keyed_hash(deployment).account_ref)
    told = publish_programme(programme, store=programmes, now=now, dry_run=True)
    members = DynamoDbMembers(database, deployment.output("MembersTableName"))
    draft = Draft(programme=programme, version=version + 1, members=members, now=now)
    since = window_start(now, days, programme.zone_info())
    present = Draft(programme=published, version=version, members=members, now=now)
    tally = Tally(draft=draft, present=present, since=since)
    with progress("orders replayed", console) as advance:
        pages = walked(database, deployment.output("OrdersTableName"), advance)
        mine = _tallied(_of_programme(pages, programme.programme_id), tally)
        replayed = simulated(mine, draft.terms_of_line, since, now)
    more = replayed.points_draft - replayed.points_now
    return SimulationReport(
        programme_id=programme.programme_id, published_version=version, days=days,
        differences=told.differences, replayed=replayed,
        due_now=tally.due_now, due_draft=tally.due_draft,
        cost_milli_fen=more * programme.points.cost_milli_fen,
        unclaimed_lines=tally.unclaimed_lines,
        unclaimed_points_now=tally.unclaimed_now, unclaimed_points_draft=tally.unclaimed_draft,
    )  # fmt: skip


def _published(programme_id: str, programmes: ProgrammeStore) -> tuple[int, Programme]:
    try:
        return current(programme_id, store=programmes)
    except ProgrammeNotFoundError:
        raise OperatorError(
            f"no programme {programme_id} is published: no order can be replayed",
            next_step="Name a published programme in the draft, or publish it: `huixue publish`.",
        ) from None


def _of_programme(pages: Iterable[Sequence[Order]], programme_id: str) -> Iterator[Order]:
    for page in pages:
        for order in page:
            if order.ownership is None or order.ownership.terms.programme_id == programme_id:
                yield order


def _tallied(orders: Iterable[Order], tally: Tally) -> Iterator[Order]:
    for order in orders:
        tally.add(order)
        yield order


def as_data(report: SimulationReport) -> dict[str, object]:
    replayed = report.replayed
    said = {key: each for key, each in asdict(report).items() if key != "replayed"}
    listed = {
        name: [asdict(each) | {"points": each.points} for each in changes]
        for name, changes in (("gainers", replayed.gainers), ("losers", replayed.losers))
    }
    return asdict(replayed) | said | listed


def yuan(milli_fen: int) -> str:
    return f"{Decimal(milli_fen) / _MILLI_FEN_PER_YUAN:+,.2f}"


def _show(report: SimulationReport, console: Console) -> None:
    replayed = report.replayed
    for sentence in report.differences:
        console.print(f"  {sentence}", markup=False, highlight=False)
    table = Table(f"{report.programme_id}, {report.days} days", "now", "under the draft", "difference")  # fmt: skip
    rows = (
        ("points", replayed.points_now, replayed.points_draft),
        ("of them spendable by now", report.due_now, report.due_draft),
        ("not claimed yet, if claimed today", report.unclaimed_points_now,
         report.unclaimed_points_draft),
    )  # fmt: skip
    for name, now, draft in rows:
        table.add_row(name, f"{now:,}", f"{draft:,}", f"{draft - now:+,}")
    table.add_row("cost of the points, yuan", "", "", yuan(report.cost_milli_fen))
    console.print(table)
    console.print(
        f"{replayed.members_affected} of {replayed.members} members and {replayed.lines_changed} of "
        f"{replayed.lines} lines would have other points. Caps are not counted, here nor there."
    )
    for title, changes in (("gain the most", replayed.gainers), ("lose the most", replayed.losers)):
        if changes:
            console.print(_members(title, changes))
    console.print("Nothing was written; orders that have an owner keep their terms for ever.")


def _members(title: str, changes: Sequence[Change]) -> Table:
    table = Table(f"members who would {title}", "now", "under the draft", "difference")
    for each in changes:
        numbers = (f"{each.points_now:,}", f"{each.points_draft:,}", f"{each.points:+,}")
        table.add_row(each.member_id, *numbers)
    return table
