"""The walk over the Orders table: everything once, page by page, and only what the sweep looks at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.ids import MemberId
from huixue.orders.claims import message_of
from huixue.orders.feed_store import CoverageStore, CursorStore
from huixue.orders.import_store import ImportStore
from huixue.orders.model import OrderSync, Tries
from huixue.orders.pool import Applied, PoolDesk
from huixue.orders.ports import Place
from huixue.orders.store import OrderStore
from huixue.orders.sweep import SweepDesk, sweep
from huixue.orders.walk import TableWalk
from tests.engines.clock import FrozenClock
from tests.engines.tables import TableNames
from tests.stores.test_imports import an_import
from tests.unit.orders.fakes import FakeMetrics, FakeOutbox
from tests.unit.orders.pool_fakes import IMPORT_ID, one_by_one
from tests.unit.orders.test_sweep import LATER
from tests.unit.orders.world import HASHES, HER, HER_ACCOUNT, NOW, REF, a_claim, an_order

pytestmark = pytest.mark.exact_engines
ORDERS = 12


@pytest.fixture
def store(dynamodb: Any, tables: TableNames) -> OrderStore:
    """A table with something of everything that lies in it."""
    database = Database(dynamodb)
    store = OrderStore(database, tables.orders)
    for at in range(ORDERS):
        store.save(an_order(ref=HASHES.order_ref("taobao", f"26{at:017}")))
    store.add_claim(a_claim())
    sync = OrderSync(
        sync_id="syn_1", member_id=HER, programme_id="demo", platform="taobao",
        account_ref=HER_ACCOUNT, order_ref=REF, paid_amount_fen=17880, requested_at=NOW, run=1,
    )  # fmt: skip
    store.save_sync(sync, expected_run=None)
    store.bind(HER_ACCOUNT, [HER], sync)
    store.save_tries(Tries(member_id=HER))
    imports = ImportStore(database, tables.orders)
    imports.add(an_import())
    imports.finish_chunk(IMPORT_ID, 0, Applied(orders_new=1))
    CoverageStore(database, tables.orders).add("feed", (1, 2))
    CursorStore(database, tables.orders).save(Place())
    return store


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_every_item_is_met_once_whatever_the_size_of_the_pages(
    dynamodb: Any, tables: TableNames, store: OrderStore, limit: int
) -> None:
    walk = TableWalk(Database(dynamodb), tables.orders)
    orders, others, start = [], [], None

    while True:
        page = walk.page(start, limit)
        orders += [order.order_ref for order in page.orders]
        others += [*page.claims, *page.syncs, *page.imports]
        if page.next_start is None:
            break
        start = page.next_start

    assert len(orders) == len(set(orders)) == ORDERS
    kinds = sorted(type(each).__name__ for each in others)
    assert kinds == ["Claim", "Import", "OrderSync"]
    assert store.orders(orders).keys() == set(orders)


def test_a_sweep_of_the_real_table_finds_what_was_lost_and_keeps_its_place(
    dynamodb: Any, tables: TableNames, store: OrderStore
) -> None:
    database, clock, outbox = Database(dynamodb), FrozenClock(NOW), FakeOutbox()
    cursor = CursorStore(database, tables.orders)
    desk = SweepDesk(
        pool=PoolDesk(
            pool=store, book=store, outbox=outbox, in_parallel=one_by_one, now=clock.now
        ),
        due=store,
        imports=ImportStore(database, tables.orders), walk=TableWalk(database, tables.orders),
        cursor=cursor, postings=lambda _member, _lines: {},
        lineage=lambda member_id: (MemberId(member_id),), metrics=FakeMetrics(), now=clock.now,
        rest=timedelta(0),
    )  # fmt: skip
    clock.advance(LATER)

    done = sweep(desk=desk, until=clock.now() + LATER)

    assert (done.repairs, done.round_finished, cursor.load().start) == (2, True, None)
    assert message_of(a_claim()) in outbox.sent
    assert len(outbox.sent) == 2
