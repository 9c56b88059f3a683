from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from huixue.edge import bootstrap, clients, pool_desks
from huixue.edge.import_files import S3ImportFiles
from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.orders.model import Order, Row
from huixue.orders.pool import pool_row
from infra.sandbox.server import CREDENTIALS, TAOBAO_APP_KEY
from tests.functions.orders import number, order
from tests.functions.stage import Stage, running_stage
from tests.functions.uploads import csv_of, row


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with running_stage() as running:
        yield running


@pytest.mark.usefixtures("stage")
@pytest.mark.parametrize("part", ["pool_desk", "imports", "import_desk", "coverage", "sweep_desk"])
def test_a_part_is_built_once(part: str) -> None:
    assert getattr(pool_desks, part)() is getattr(pool_desks, part)()


@pytest.mark.usefixtures("stage")
def test_imports_lie_in_the_bucket_of_the_deployment() -> None:
    assert isinstance(pool_desks.import_desk().files, S3ImportFiles)


@pytest.mark.usefixtures("stage")
def test_a_feed_has_the_credentials_of_its_application() -> None:
    _, programme = bootstrap.programmes().current("demo")
    feed = pool_desks.affiliate_feed(programme.feeds[0], programme)

    refunds = pool_desks.refund_feed(programme.feeds[0])

    for made in (feed, refunds):
        gateway = made.client.gateway
        assert gateway.app_key == TAOBAO_APP_KEY
        assert gateway.app_secret == CREDENTIALS[f"taobao:{TAOBAO_APP_KEY}"]
        assert gateway.app_secret not in repr(made)
    assert (feed.feed_id, refunds.feed_id) == (
        f"taobao-affiliate-{TAOBAO_APP_KEY}", f"taobao-affiliate-refunds-{TAOBAO_APP_KEY}",
    )  # fmt: skip


def test_an_export_is_read_row_by_row() -> None:
    content = csv_of([row(number(1)), row("none")])

    found = list(
        pool_desks.read_export_rows(
            io.BytesIO(content), filename="a.csv", platform="taobao", as_of=datetime.now(UTC)
        )
    )

    assert [type(each) for each in found] == [OrderSnapshot, RowError]


def groups(stage: Stage, count: int) -> list[list[Row]]:
    hashes = clients.keyed_hash()
    return [[pool_row(order(number(n)), room=None, hashes=hashes)] for n in range(count)]


def test_groups_are_written_side_by_side_and_come_back_in_order(stage: Stage) -> None:
    together = threading.Barrier(2, timeout=30)
    seen: list[str] = []

    def call(rows: Sequence[Row]) -> Order | None:
        together.wait()  # passes only if two calls are under way at once
        seen.append(rows[0].order_ref)
        return None

    done = list(pool_desks.in_parallel(call, groups(stage, 8)))

    assert done == [None] * 8
    assert len(seen) == 8


def test_what_one_of_them_raises_is_raised(stage: Stage) -> None:
    def call(rows: Sequence[Row]) -> Order | None:
        raise RuntimeError("the third")

    with pytest.raises(RuntimeError, match="the third"):
        list(pool_desks.in_parallel(call, groups(stage, 3)))


def test_runs_share_the_time_and_what_one_leaves_over_is_for_the_next() -> None:
    now = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    until = now + timedelta(minutes=4)

    first = pool_desks.share_of(now, until, waiting=2)
    second = pool_desks.share_of(now + timedelta(seconds=5), until, waiting=1)

    assert (first, second) == (now + timedelta(minutes=2), until)
    assert pool_desks.share_of(until, now, waiting=2) < until
