"""`huixue reconcile`: what the order pool says of each platform and day, beside what the ledger holds for it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from huixue.dynamodb.database import Database
from huixue.kernel.calendar import SystemClock
from huixue.kernel.events import LinePosting
from huixue.kernel.ids import MemberId
from huixue.orders.model import Order
from huixue.orders.ports import OrderPool, Postings
from huixue.orders.pricing import quotes_of
from huixue.orders.reconciliation import Day, Difference, Kind, Reconciliation, agrees, reconciled
from huixue.orders.store import OrderStore
from huixue.points.posting import must_not_be_erased
from huixue.points.store import LedgerStore
from huixue.programme.words import PLATFORMS
from infra.ops import ledger_strays
from infra.ops.deployment import LOCAL, Deployment, load
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import told
from infra.ops.ledger_strays import Stray
from infra.ops.options import AsJson, Region, Stage
from infra.ops.order_postings import with_postings
from infra.ops.order_walk import Advance, progress, read_only, walked

SHOWN = 50
SETTLES_WITHIN_S = 2.0
"""How long a line that was settled a moment ago is waited for before it is read once more."""
KINDS: tuple[Kind, ...] = (
    "credited", "pending", "clawed_back", "parked", "excluded", "refused", "unpaid", "unclaimed",
)  # fmt: skip
TABLE_WIDTH = 168
"""Holds every column: a narrow terminal breaks its lines, which is better than cut numbers."""
_REREAD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is reported: of every platform and every day where nothing is said."""

    platform: str | None = None
    first: date | None = None
    last: date | None = None

    def has(self, day: Day) -> bool:
        if self.platform not in {None, day.platform}:
            return False
        if day.paid_on is None:
            return self.first is None and self.last is None
        return (self.first or date.min) <= day.paid_on <= (self.last or date.max)

    @property
    def is_everything(self) -> bool:
        return self == Span()


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What a reconciliation reads from."""

    pages: Iterable[Sequence[Order]]
    pool: OrderPool
    postings: Postings
    now: Callable[[], datetime]
    pause: Callable[[], None]
    """Called once, before lines that differ are read once more."""


@dataclass(slots=True)
class _Sums:
    """Orders added up, days outside the span left out."""

    span: Span
    days: dict[tuple[str, date | None], Day] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    def add(self, found: Sequence[tuple[Order, Mapping[str, LinePosting]]], now: datetime) -> None:
        for one in found:
            made = reconciled([one], now)
            inside = [day for day in made.days if self.span.has(day)]
            for day in inside:
                key = day.platform, day.paid_on
                self.days[key] = _joined(self.days[key], day) if key in self.days else day
            if inside:
                self.differences += made.differences


def reconcile(
    platform: Annotated[str | None, typer.Option(help="This platform alone.")] = None,
    day: Annotated[
        str | None, typer.Option(help="One business day of payment, 2026-11-11.")
    ] = None,
    from_day: Annotated[str | None, typer.Option("--from", help="From this day on.")] = None,
    to_day: Annotated[str | None, typer.Option("--to", help="Up to this day, included.")] = None,
    wait_s: Annotated[
        float,
        typer.Option("--wait", min=0, help="Seconds before what differs is read once more."),
    ] = SETTLES_WITHIN_S,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Compare orders and ledger by platform and day of payment; exit code 1 if they differ by a single point."""
    span = span_of(platform, day, from_day, to_day)
    console = Console(stderr=True, soft_wrap=True)
    with told():
        deployment = load(stage, region=region)
        found = compared(deployment, span, console=console, wait_s=wait_s)
        strays = _strays(deployment, console) if span.is_everything else []
    if as_json:
        typer.echo(json.dumps(as_data(found, strays), ensure_ascii=False))
    else:
        console = Console(soft_wrap=True)
        console.width = max(console.width, TABLE_WIDTH)
        _show(found, strays, console)
    raise typer.Exit(1 if found.differences or strays else 0)


def span_of(
    platform: str | None, day: str | None, from_day: str | None, to_day: str | None
) -> Span:
    """Raises OperatorError for what is no platform or day, and for days that contradict each other."""
    if day is not None and (from_day or to_day):
        raise OperatorError("--day says both ends.", next_step="Leave out --from and --to.")
    first, last = _day(day or from_day), _day(day or to_day)
    if first is not None and last is not None and first > last:
        raise OperatorError(f"{last} is before {first}.", next_step="Exchange --from and --to.")
    if platform is not None and platform not in PLATFORMS:
        raise OperatorError(
            f"{platform!r} is no platform.", next_step=f"Use one of {', '.join(PLATFORMS)}."
        )
    return Span(platform=platform, first=first, last=last)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise OperatorError(f"{text!r} is no day.", next_step="Write it as 2026-11-11.") from None


def compared(
    deployment: Deployment, span: Span, *, console: Console, wait_s: float = SETTLES_WITHIN_S
) -> Reconciliation:
    """One pass over the pool, read only."""
    database = read_only(deployment)
    with progress("orders compared", console) as advance:
        return reconciliation(_doors(deployment, database, advance, wait_s), span)


def reconciliation(doors: Doors, span: Span) -> Reconciliation:
    """Zero tolerance, but fair: an order that differs is read again, consistently and with the time of that moment,
    before it counts. Each page is judged as of when it was read, so a long walk over midnight makes no difference."""
    sums, late = _Sums(span), list[str]()
    for page in doors.pages:
        now = doors.now()
        found = list(with_postings(page, doors.postings))
        late += [order.order_ref for order, held in found if not _agree(order, held, now)]
        sums.add([one for one in found if _agree(*one, now)], now)
    if late:
        doors.pause()
    for start in range(0, len(late), _REREAD):
        again = doors.pool.orders(late[start : start + _REREAD])
        now = doors.now()
        sums.add(list(with_postings(list(again.values()), doors.postings)), now)
    days = sorted(sums.days.values(), key=lambda each: (each.platform, each.paid_on or date.min))
    return Reconciliation(days=tuple(days), differences=tuple(sums.differences))


def _agree(order: Order, held: Mapping[str, LinePosting], now: datetime) -> bool:
    return all(agrees(quote, held.get(quote.line_id)) for quote in quotes_of(order, now))


def _joined(left: Day, right: Day) -> Day:
    kinds = {*left.kinds, *right.kinds}
    return Day(
        platform=left.platform,
        paid_on=left.paid_on,
        ingested=left.ingested + right.ingested,
        eligible=left.eligible + right.eligible,
        kinds={kind: left.kinds.get(kind, 0) + right.kinds.get(kind, 0) for kind in kinds},
        due_points=left.due_points + right.due_points,
        held_points=left.held_points + right.held_points,
        pending_points=left.pending_points + right.pending_points,
        held_pending_points=left.held_pending_points + right.held_pending_points,
    )


def _doors(deployment: Deployment, database: Database, advance: Advance, wait_s: float) -> Doors:
    table = deployment.output("OrdersTableName")
    ledger = LedgerStore(database, deployment.output("PointsTableName"))

    def postings(member_id: MemberId, line_ids: Sequence[str]) -> Mapping[str, LinePosting]:
        standing = ledger.standing(member_id, line_ids)
        must_not_be_erased(standing.account)
        return {line_id: each.told() for line_id, each in standing.postings.items()}

    return Doors(
        pages=walked(database, table, advance), pool=OrderStore(database, table),
        postings=postings, now=SystemClock().now, pause=lambda: time.sleep(wait_s),
    )  # fmt: skip


def _strays(deployment: Deployment, console: Console) -> list[Stray]:
    with progress("entries read", console) as advance:
        return ledger_strays.strays(deployment, read_only(deployment), advance)


def as_data(found: Reconciliation, strays: Sequence[Stray]) -> dict[str, object]:
    days = [
        asdict(day) | {"paid_on": day.paid_on.isoformat() if day.paid_on else None}
        for day in found.days
    ]
    return {
        "days": days,
        "differences": [asdict(each) for each in found.differences],
        "strays": [asdict(each) for each in strays],
    }


def _show(found: Reconciliation, strays: Sequence[Stray], console: Console) -> None:
    console.print(_days_table(found.days))
    if not found.differences and not strays:
        console.print("orders and ledger: [green]equal[/green]")
        return
    if found.differences:
        console.print(_differences_table(found.differences))
    for stray in strays[:SHOWN]:
        console.print(_stray_words(stray), markup=False)
    console.print(
        f"[red]{len(found.differences) + len(strays)} differences.[/red] Run the command again: the sweep mends what "
        "was lost. What stays: `huixue status` shows dead letters, `huixue logs --failures` says why."
    )


def _stray_words(stray: Stray) -> str:
    whose = "no order has this line" if stray.owner is None else f"the order is {stray.owner}'s"
    return (
        f"line {stray.line_id}: {stray.member_id} holds {stray.points} points "
        f"and {stray.pending_points} pending for it, but {whose}"
    )


def _days_table(days: Sequence[Day]) -> Table:
    """Kinds that no day has are left out: all of them would not fit a terminal."""
    kinds = [kind for kind in KINDS if any(day.kinds.get(kind) for day in days)]
    names = [kind.replace("_", " ") for kind in kinds]
    sums_of = ("points due", "held", "pending", "held pending")
    day_of = Column("paid on", no_wrap=True)
    others = (Column(name, overflow="fold") for name in ("lines", "eligible", *names, *sums_of))
    table = Table("platform", day_of, *others, box=SIMPLE, padding=(0, 1, 0, 0))
    for day in days:
        counts = [day.kinds.get(kind, 0) for kind in kinds]
        sums = (day.due_points, day.held_points, day.pending_points, day.held_pending_points)
        cells = [str(each) for each in (day.ingested, day.eligible, *counts, *sums)]
        table.add_row(day.platform, day.paid_on.isoformat() if day.paid_on else "-", *cells)
    return table


def _differences_table(differences: Sequence[Difference]) -> Table:
    names = ("member", "points due", "held", "pending", "held pending")
    table = Table(Column("line", no_wrap=True), *(Column(name, overflow="fold") for name in names))
    for each in differences[:SHOWN]:
        numbers = (each.due_points, each.held_points, each.pending_points, each.held_pending_points)
        table.add_row(each.line_id, each.member_id, *map(str, numbers))
    return table
