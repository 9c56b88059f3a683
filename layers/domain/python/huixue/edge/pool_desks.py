"""The composition root of what fills the order pool: imports, feeds and the sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from typing import BinaryIO

from huixue.edge import bootstrap, clients
from huixue.edge.affiliate_feed import TaobaoAffiliateFeed, TaobaoRefundFeed, refunds_feed_id
from huixue.edge.import_files import S3ImportFiles
from huixue.edge.observability import Counts, logger
from huixue.edge.settings import settings
from huixue.kernel.calendar import SystemClock
from huixue.kernel.errors import HuixueError
from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.orders.feed_store import CoverageStore, CursorStore
from huixue.orders.feeds import Feed as Source
from huixue.orders.feeds import Pulled, Snapshot, Take, into_pool, pull, refunds_into_pool
from huixue.orders.import_store import ImportStore
from huixue.orders.imports import ImportDesk
from huixue.orders.model import Order, Row
from huixue.orders.pool import PoolDesk
from huixue.orders.sweep import SweepDesk
from huixue.orders.walk import TableWalk
from huixue.platforms.taobao.affiliate import AffiliateFeed
from huixue.platforms.taobao.affiliate_refunds import AffiliateRefunds
from huixue.platforms.taobao.gateway import Gateway
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
    call: Callable[[Sequence[Row]], Order | None], groups: Iterable[Sequence[Row]]
) -> Iterable[Order | None]:
    return _writers().map(call, groups)


@cache
def pool_desk() -> PoolDesk:
    return PoolDesk(
        pool=bootstrap.orders(), book=bootstrap.orders(), outbox=bootstrap.outbox(),
        in_parallel=in_parallel, now=bootstrap.now,
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
    client = AffiliateFeed(gateway=_gateway(feed))
    return TaobaoAffiliateFeed(feed_id=feed.feed_id, programme=programme, client=client)


def refund_feed(feed: Feed) -> TaobaoRefundFeed:
    """Raises MisconfiguredError where the deployment has no credential for it."""
    client = AffiliateRefunds(gateway=_gateway(feed))
    return TaobaoRefundFeed(feed_id=refunds_feed_id(feed), client=client)


def _gateway(feed: Feed) -> Gateway:
    return Gateway(
        pool=clients.http_pool(),
        endpoint=settings().need("taobao_endpoint").taobao_endpoint,
        app_key=feed.app_key,
        app_secret=clients.platform_secret(f"taobao:{feed.app_key}"),
        clock=SystemClock(),
    )


def pull_feeds(until: datetime) -> dict[str, object]:
    """Pulls every feed of the default programme as it stands now, its orders and its refunds, also after one of them
    failed; then raises the first failure, so that it is seen. Each gets its share of the time that is left."""
    programme_id = settings().need("default_programme_id").default_programme_id
    _, programme = bootstrap.programmes().current(programme_id)
    done: dict[str, object] = {}
    failures: list[HuixueError] = []
    pulls = [pull_one for feed in programme.feeds for pull_one in _pulls(feed, programme)]
    for at, (feed_id, pull_one) in enumerate(pulls):
        try:
            pulled = pull_one(share_of(bootstrap.now(), until, waiting=len(pulls) - at))
        except HuixueError as error:
            logger().warning("feed failed", feed=feed_id, code=error.code, reason=error.message)
            failures.append(error)
        else:
            done[feed_id] = asdict(pulled)
    if failures:
        raise failures[0]
    return done


def share_of(now: datetime, until: datetime, *, waiting: int) -> datetime:
    """When the next of `waiting` runs is to stop, so that each gets as much time as the others; what one leaves over
    is shared by those behind it."""
    return now + (until - now) / waiting


def _pulls(feed: Feed, programme: Programme) -> list[tuple[str, Callable[[datetime], Pulled]]]:
    """What there is to pull of a feed, each under its own id and with its own coverage."""

    def orders(until: datetime) -> Pulled:
        source = affiliate_feed(feed, programme)
        take = into_pool(room_of=source.room_of, desk=pool_desk(), hashes=clients.keyed_hash())
        return _pulled(source, take, until)

    def refunds(until: datetime) -> Pulled:
        take = refunds_into_pool(desk=pool_desk(), hashes=clients.keyed_hash())
        return _pulled(refund_feed(feed), take, until)

    pulls: list[tuple[str, Callable[[datetime], Pulled]]] = [(feed.feed_id, orders)]
    if feed.refunds:
        pulls.append((refunds_feed_id(feed), refunds))
    return pulls


def _pulled(source: Source[Snapshot], take: Take[Snapshot], until: datetime) -> Pulled:
    return pull(
        source, take=take, book=coverage(), metrics=Counts(), now=bootstrap.now, until=until
    )


@cache
def sweep_desk() -> SweepDesk:
    table = settings().need("orders_table_name").orders_table_name
    database = bootstrap.database()
    return SweepDesk(
        pool=pool_desk(), due=bootstrap.orders(), imports=imports(), walk=TableWalk(database, table),
        cursor=CursorStore(database, table), postings=bootstrap.postings,
        lineage=bootstrap.lineage, metrics=Counts(), now=bootstrap.now, rest=REST,
    )  # fmt: skip
