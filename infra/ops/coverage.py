"""`huixue coverage`: which instants of a feed have been read, and which have not."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from huixue.edge.affiliate_feed import LOOK_BACK_S, refunds_feed_id
from huixue.kernel.calendar import SHANGHAI, to_epoch_s
from huixue.orders.feed_store import CoverageStore
from huixue.orders.feeds import LAG_S, Coverage, gaps, lag_s
from infra.ops import stores
from infra.ops.deployment import LOCAL, load
from infra.ops.refusals import told_to_operator

GAPS_SHOWN = 20
POLL_S = 600
"""Twice the schedule of pull_taobao_orders: one late run is no gap yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCoverage:
    feed_id: str
    covered_s: int
    lag_s: int
    """Age of the oldest instant of the look-back that was not read."""
    gaps: list[tuple[str, str]]


def coverage(
    programme: Annotated[str, typer.Option(help="The programme whose feeds are shown.")] = "demo",
    stage: Annotated[str, typer.Option(help="Which deployment.")] = LOCAL,
    region: Annotated[str | None, typer.Option(help="AWS region, for stages on AWS.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Show what of the last 90 days each feed has been read for; exit code 1 while there are gaps."""
    deployment = load(stage, region=region)
    with told_to_operator():
        feeds = stores.published_programme(deployment, programme).feeds
        book = CoverageStore(stores.database(deployment), deployment.output("OrdersTableName"))
        now_s = to_epoch_s(datetime.now(UTC))
        ids = [feed.feed_id for feed in feeds]
        ids += [refunds_feed_id(feed) for feed in feeds if feed.refunds]
        found = [of_feed(each, book.load(each), now_s) for each in ids]
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found]))
    else:
        _show(found, Console(soft_wrap=True))
    raise typer.Exit(1 if any(each.gaps for each in found) else 0)


def of_feed(
    feed_id: str, covered: Coverage, now_s: int, look_back_s: int = LOOK_BACK_S
) -> FeedCoverage:
    """What is proven: the union of completed windows against the look-back. The newest POLL_S are no gap: the next
    poll reads them."""
    start, end = now_s - look_back_s, now_s - LAG_S - POLL_S
    missing = gaps(covered, start, end)
    return FeedCoverage(
        feed_id=feed_id,
        covered_s=(end - start) - sum(high - low for low, high in missing),
        lag_s=lag_s(covered, now_s, look_back_s),
        gaps=[(_local(low), _local(high)) for low, high in missing],
    )


def _local(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, SHANGHAI).isoformat()


def _show(found: list[FeedCoverage], console: Console) -> None:
    if not found:
        console.print("the programme has no feeds")
    for feed in found:
        state = "covered" if not feed.gaps else f"{len(feed.gaps)} gaps"
        console.print(f"{feed.feed_id}: {state}, {feed.covered_s / 86_400:.1f} days read")
        table = Table("not read from", "to")
        for low, high in feed.gaps[:GAPS_SHOWN]:
            table.add_row(low, high)
        if feed.gaps:
            console.print(table)
            console.print(
                "Gaps are read by themselves, newest first; `huixue logs --failures` says what stands in the way."
            )
