"""The composition root of what fills the order pool: imports, feeds and the sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from typing import BinaryIO

from huixue.edge import bootstrap, clients
from huixue.edge.affiliate_feed import TaobaoAffiliateFeed
from huixue.edge.import_files import S3ImportFiles
from huixue.edge.observability import Counts, logger
from huixue.edge.settings import settings
from huixue.kernel.calendar import SystemClock
from huixue.kernel.errors import HuixueError
from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.orders.feed_store import CoverageStore, CursorStore
from huixue.orders.feeds import pull
from huixue.orders.import_store import ImportStore
from huixue.orders.imports import ImportDesk
from huixue.orders.model import Order, PoolRow
from huixue.orders.pool import PoolDesk
from huixue.orders.sweep import SweepDesk
from huixue.orders.walk import TableWalk
from huixue.platforms.taobao.affiliate import AffiliateFeed
from huixue.programme.model import Feed, Programme

REST = timedelta(hours=1)
"""Between two rounds of the sweep. A round costs about 2 RCU for each owned order (a quarter of a dollar for a
million), so a loss is found within about an hour and a large pool is not read all day."""
WRITERS = 8
"""Conditional writes of one chunk that wait on the network side by side."""


@cache
def _writers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=WRITERS)


def in_parallel(
    call: Callable[[Sequence[PoolRow]], Order | None], groups: Iterable[Sequence[PoolRow]]
) -> Iterable[Order | None]:
    return _writers().map(call, groups)


@cache
def pool_desk() -> PoolDesk:
    return PoolDesk(
        pool=bootstrap.orders(), book=bootstrap.orders(), outbox=bootstrap.outbox(),
        in_parallel=in_parallel,
    )  # fmt: skip


@cache
def imports() -> ImportStore:
    table = settings().need("orders_table_name").orders_table_name
    return ImportStore(bootstrap.database(), table)


@cache
def import_desk() -> ImportDesk:
    bucket = settings().need("imports_bucket_name").imports_bucket_name
    return ImportDesk(
        imports=imports(), files=S3ImportFiles(clients.s3_client(), bucket),
        outbox=bootstrap.outbox(), metrics=Counts(), now=bootstrap.now,
    )  # fmt: skip


def read_export_rows(
    stream: BinaryIO, *, filename: str, platform: str, as_of: datetime
) -> Iterator[OrderSnapshot | RowError]:
    """The `ReadExport` port of orders. The parser is loaded where it is used: only planning reads files."""
    from huixue.platforms.exports.reading import read_export  # noqa: PLC0415

    reading = read_export(stream, filename=filename, platform=platform, as_of=as_of)
    return (row for _, row in reading.rows)


@cache
def coverage() -> CoverageStore:
    table = settings().need("orders_table_name").orders_table_name
    return CoverageStore(bootstrap.database(), table)


def affiliate_feed(feed: Feed, programme: Programme) -> TaobaoAffiliateFeed:
    """Raises MisconfiguredError where the deployment has no credential for it."""
    client = AffiliateFeed(
        pool=clients.http_pool(),
        endpoint=settings().need("taobao_endpoint").taobao_endpoint,
        app_key=feed.app_key,
        app_secret=clients.platform_secret(f"taobao:{feed.app_key}"),
        clock=SystemClock(),
    )
    return TaobaoAffiliateFeed(feed_id=feed.feed_id, programme=programme, client=client)


def pull_feeds(until: datetime) -> dict[str, object]:
    """Pulls every feed of the default programme as it stands now, also after one of them failed; then raises the
    first failure, so that it is seen."""
    programme_id = settings().need("default_programme_id").default_programme_id
    _, programme = bootstrap.programmes().current(programme_id)
    done: dict[str, object] = {}
    failures: list[HuixueError] = []
    for feed in programme.feeds:
        try:
            pulled = pull(
                affiliate_feed(feed, programme), desk=pool_desk(), book=coverage(),
                hashes=clients.keyed_hash(), metrics=Counts(), now=bootstrap.now, until=until,
            )  # fmt: skip
        except HuixueError as error:
            logger().warning(
                "feed failed", feed=feed.feed_id, code=error.code, reason=error.message
            )
            failures.append(error)
        else:
            done[feed.feed_id] = asdict(pulled)
    if failures:
        raise failures[0]
    return done


@cache
def sweep_desk() -> SweepDesk:
    table = settings().need("orders_table_name").orders_table_name
    database = bootstrap.database()
    return SweepDesk(
        pool=pool_desk(), imports=imports(), walk=TableWalk(database, table),
        cursor=CursorStore(database, table), postings=bootstrap.postings,
        lineage=bootstrap.lineage, metrics=Counts(), now=bootstrap.now, rest=REST,
    )  # fmt: skip
