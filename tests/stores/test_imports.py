"""Imports on real engines: every chunk counted once, whoever dies and however many workers there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.edge.pool_desks import in_parallel
from huixue.kernel.errors import HuixueError
from huixue.orders.import_store import ImportStore, chunk_key, import_key
from huixue.orders.imports import Import, ImportDesk, apply_chunk, chunk_message
from huixue.orders.model import Order, PoolRow
from huixue.orders.pool import Applied, PoolDesk, apply_rows
from huixue.orders.store import OrderStore
from tests.engines.tables import TableNames
from tests.faults.harness import Faults, Killed, single_faults
from tests.unit.orders.fakes import FakeMetrics, FakeOutbox, Journal
from tests.unit.orders.pool_fakes import IMPORT_ID, FakeFiles, one_by_one
from tests.unit.orders.world import HASHES, NOW, line, row

HOUR = timedelta(hours=1)


class Place:
    """The import and order stores on one engine; files and queues in memory."""

    def __init__(self, dynamodb: Any, table: str, *, threads: bool = True) -> None:
        self.database = Database(dynamodb, sleep=lambda _: None)
        self.table = table
        self.imports = ImportStore(self.database, table)
        self.orders = OrderStore(self.database, table)
        self.files = FakeFiles(Journal())
        self.outbox = FakeOutbox()
        self.pool = PoolDesk(
            pool=self.orders, book=self.orders, outbox=self.outbox,
            in_parallel=in_parallel if threads else one_by_one, now=lambda: NOW,
        )  # fmt: skip

    def planned(self, *chunks: Sequence[PoolRow], import_id: str = IMPORT_ID) -> Import:
        rows = sum(map(len, chunks))
        self.imports.add(an_import(import_id))
        for at, chunk in enumerate(chunks):
            self.files.chunks[import_id, at] = list(chunk)
        self.imports.planned(an_import(import_id, rows=rows, chunks=len(chunks)))
        return self.now(import_id)

    def now(self, import_id: str = IMPORT_ID) -> Import:
        found = self.imports.load(import_id)
        assert found is not None
        return found

    def apply(
        self, chunk: int, *, redelivered: bool = False, import_id: str = IMPORT_ID
    ) -> Applied | None:
        desk = ImportDesk(
            imports=self.imports, files=self.files, outbox=self.outbox, metrics=FakeMetrics(),
            now=lambda: NOW,
        )  # fmt: skip
        message = chunk_message(import_id, chunk)
        return apply_chunk(message, desk=desk, pool=self.pool, redelivered=redelivered)

    def stored(self, rows: Sequence[PoolRow]) -> dict[str, Order]:
        return self.orders.orders([each.order_ref for each in rows])


def an_import(import_id: str = IMPORT_ID, **changes: Any) -> Import:
    known: dict[str, Any] = {
        "import_id": import_id, "object_key": "key", "filename": "导出.csv",
        "platform": "taobao", "programme_id": "demo", "room_id": "main",
        "exported_at": NOW, "requested_at": NOW,
    }  # fmt: skip
    return Import(**known | changes)


def rows_of(count: int, start: int = 0) -> list[PoolRow]:
    return [
        row(line(), ref=HASHES.order_ref("taobao", f"26{at:017}"))
        for at in range(start, start + count)
    ]


@pytest.fixture
def place(dynamodb: Any, tables: TableNames) -> Place:
    return Place(dynamodb, tables.orders)


def test_an_import_is_stored_once_and_reads_back_as_it_was(place: Place) -> None:
    first = place.imports.add(an_import())
    other = place.imports.add(an_import(filename="other.csv", exported_at=NOW + HOUR))

    assert place.imports.load("imp_unknown") is None
    assert first == other == place.now() == an_import()
    assert (place.now().status, place.imports.unfinished_chunks(place.now())) == ("running", [])


def test_a_plan_and_its_chunks_come_to_totals_whatever_comes_first(place: Place) -> None:
    place.imports.add(an_import())
    place.imports.finish_chunk(IMPORT_ID, 1, Applied(orders_new=3))
    place.imports.planned(an_import(rows=9, row_errors=1, chunks=3))
    place.imports.planned(an_import(rows=9, row_errors=1, chunks=3))
    for _ in range(2):
        place.imports.finish_chunk(IMPORT_ID, 0, Applied(orders_changed=2, orders_unchanged=1))

    assert place.imports.unfinished_chunks(place.now()) == [2]
    assert place.now() == an_import(
        rows=9, row_errors=1, chunks=3, chunks_finished=2, orders_new=3, orders_changed=2,
        orders_unchanged=1,
    )  # fmt: skip
    place.imports.finish_chunk(IMPORT_ID, 2, Applied(orders_new=3))
    assert place.now().status == "done"


def test_a_failure_is_kept_and_an_operator_can_start_again(place: Place) -> None:
    place.imports.add(an_import())
    place.imports.planned(an_import(failure_code="UPLOAD_GONE", failure="gone"))
    assert (place.now().status, place.now().failure) == ("failed", "gone")

    place.imports.reopen(IMPORT_ID)
    place.imports.reopen(IMPORT_ID)

    assert place.now() == an_import()


def test_records_of_imports_and_chunks_never_expire_one_without_the_other(place: Place) -> None:
    place.planned(rows_of(1))
    place.apply(0)

    keys = [import_key(IMPORT_ID), chunk_key(IMPORT_ID, 0)]
    items = place.database.batch_get(place.table, keys, consistent=True)

    assert ["expires_at_epoch_s" in item for item in items.values()] == [False, False]


def test_the_same_rows_as_another_import_change_no_item(place: Place) -> None:
    rows = rows_of(120)
    place.planned(rows)
    place.apply(0)
    before = place.stored(rows)

    place.planned(rows, import_id="imp_2")
    applied = place.apply(0, import_id="imp_2")

    assert applied == Applied(orders_unchanged=120)
    assert place.stored(rows) == before
    assert {order.revision for order in before.values()} == {1}


@pytest.mark.exact_engines
def test_a_chunk_in_two_workers_and_two_chunks_at_once_come_to_exact_totals(place: Place) -> None:
    chunks = [rows_of(60), rows_of(60, start=30)]
    place.planned(*chunks)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(place.apply, [0, 1, 0, 1]))

    done = place.now()
    stored = place.stored([*chunks[0], *chunks[1]])
    assert done.status == "done"
    assert done.orders_new + done.orders_changed + done.orders_unchanged == 120
    assert len(stored) == 90
    assert {order.revision for order in stored.values()} == {1}


@pytest.mark.exact_engines
def test_two_workers_with_different_statements_end_in_their_join(place: Place) -> None:
    older = rows_of(40)
    newer = [
        row(line("closed", at=NOW + HOUR, refunded_fen=17880), ref=each.order_ref) for each in older
    ]
    with ThreadPoolExecutor(2) as workers:
        list(
            workers.map(
                lambda rows: apply_rows(rows, desk=place.pool, resend=False),
                [[*older[:20], *newer[20:]], [*newer[:20], *older[20:]]],
            )
        )

    lines = [order.sources["export"]["order"] for order in place.stored(older).values()]
    assert {(each.state, each.refunded_fen) for each in lines} == {("closed", 17880)}
    assert {order.revision for order in place.stored(older).values()} <= {1, 2}


def _plans(dynamodb: Any, tables: TableNames) -> Iterator[tuple[Place, Faults, dict[int, Any]]]:
    place = Place(dynamodb, tables.orders, threads=False)
    with Faults(dynamodb) as faults:
        place.planned(rows_of(2), import_id="clean")
        faults.plan({})
        place.apply(0, import_id="clean")
        calls = list(faults.calls)
        assert [each.operation for each in calls] == [
            "GetItem", "BatchGetItem", "PutItem", "PutItem", "TransactWriteItems",
        ]  # fmt: skip
        for plan in single_faults(calls):
            yield place, faults, plan


@pytest.mark.exact_engines
def test_one_fault_at_any_call_and_a_redelivery_leave_the_totals_exact(
    dynamodb: Any, tables: TableNames
) -> None:
    tried = 0
    for place, faults, plan in _plans(dynamodb, tables):
        tried += 1
        import_id, rows = f"imp_{tried}", rows_of(2, start=1000 + 2 * tried)
        faults.plan({})
        place.planned(rows, import_id=import_id)
        faults.plan(plan)
        with suppress(Killed, HuixueError):
            place.apply(0, import_id=import_id)
        faults.plan({})
        place.apply(0, redelivered=True, import_id=import_id)

        done = place.now(import_id)
        assert (done.status, done.chunks_finished) == ("done", 1), plan
        assert done.orders_new + done.orders_changed + done.orders_unchanged == 2, plan
        assert {order.revision for order in place.stored(rows).values()} == {1}, plan
    assert tried > 30
