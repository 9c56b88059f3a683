from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import BinaryIO

import pytest

from huixue.kernel.errors import NotFoundError
from huixue.kernel.events import ExportUploaded, Message, OrdersChanged, RowsPlanned
from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.orders import imports
from huixue.orders.imports import MAX_ROW_ERRORS_KEPT, ROWS_PER_CHUNK, Import, chunk_message
from huixue.orders.model import WHOLE_ORDER, PoolRow
from tests.unit.orders.fakes import DiedError
from tests.unit.orders.pool_fakes import IMPORT_ID, FakeFiles, FillingWorld
from tests.unit.orders.world import HASHES, NOW, an_order, ownership
from tests.unit.platforms.exports.making_exports import csv_bytes, seller_row

HOUR = timedelta(hours=1)


def number(at: int) -> str:
    return f"26{at:017}"


def export(count: int, **changes: str) -> bytes:
    return csv_bytes([seller_row(订单编号=number(at), **changes) for at in range(count)])


def totals(done: Import) -> tuple[int, int, int | None, int, int, int, int]:
    return (
        done.rows, done.row_errors, done.chunks, done.chunks_finished,
        done.orders_new, done.orders_changed, done.orders_unchanged,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "chunks"),
    [(0, 0), (1, 1), (ROWS_PER_CHUNK, 1), (ROWS_PER_CHUNK + 1, 2), (3 * ROWS_PER_CHUNK, 3)],
)
def test_every_row_lies_in_exactly_one_chunk_and_is_counted_once(count: int, chunks: int) -> None:
    world = FillingWorld()
    content = export(count) if count else export(1).splitlines(keepends=True)[0]

    done = world.imported(world.upload(content))

    assert totals(done) == (count, 0, chunks, chunks, count, 0, 0)
    assert done.status == "done"
    refs = [row.order_ref for at in range(chunks) for row in world.files.chunks[IMPORT_ID, at]]
    assert refs == [HASHES.order_ref("taobao", number(at)) for at in range(count)]
    assert world.metrics.counts["ImportRows"] == count


def test_broken_rows_are_kept_by_line_number_and_the_rest_is_imported() -> None:
    world = FillingWorld()
    rows = [seller_row(订单编号=number(at)) for at in range(4)]
    rows[1] = seller_row(订单编号="合计")
    rows[3] = seller_row(订单编号=number(3), 买家实际支付金额="很多")

    done = world.imported(world.upload(csv_bytes(rows)))

    assert totals(done) == (2, 2, 1, 1, 2, 0, 0)
    assert world.files.errors[IMPORT_ID] == [
        RowError(line_number=3, column="订单编号", code="ORDER_NUMBER"),
        RowError(line_number=5, column="买家实际支付金额", code="AMOUNT"),
    ]


def test_more_row_errors_than_a_person_reads_are_counted_but_not_kept() -> None:
    world = FillingWorld()

    done = world.imported(world.upload(export(MAX_ROW_ERRORS_KEPT + 5, 买家实际支付金额="很多")))

    assert done.row_errors == MAX_ROW_ERRORS_KEPT + 5
    assert len(world.files.errors[IMPORT_ID]) == MAX_ROW_ERRORS_KEPT


def test_a_file_that_is_no_export_fails_with_what_was_expected_and_imports_nothing() -> None:
    world = FillingWorld()
    message = world.upload("姓名,电话\n演示,1\n".encode())

    done = world.plan(message)

    assert (done.status, done.failure_code, done.chunks) == ("failed", "NOT_AN_EXPORT", None)
    assert "订单编号" in str(done.failure)
    assert (world.files.chunks, world.store.by_ref, world.take()) == ({}, {}, [])
    assert world.imports.rows[IMPORT_ID] == world.plan(message)


def test_an_upload_that_is_gone_ends_the_import_and_says_what_to_do() -> None:
    world = FillingWorld()
    message = world.upload(export(1))
    world.files.uploads.clear()

    done = world.plan(message)

    assert (done.status, done.failure) == ("failed", "the object is gone: upload the file again")


def test_a_message_for_an_import_nobody_made_is_an_error() -> None:
    world = FillingWorld()
    message = world.upload(export(1))
    world.imports.rows.clear()

    with pytest.raises(NotFoundError):
        world.plan(message)


@dataclass(slots=True)
class Delivery:
    """The queues of one import: whatever was sent is delivered, whoever dies is tried again."""

    world: FillingWorld
    deaths: int = 0

    def run(self, first: Message) -> None:
        queue: list[tuple[Message, bool]] = [(first, False)]
        while queue:
            message, redelivered = queue.pop(0)
            try:
                self._act(message, redelivered)
            except DiedError:
                self.deaths += 1
                self.world.journal.die_at = None
                queue.append((message, True))
            queue += [(each, False) for each in self.world.take()]

    def _act(self, message: Message, redelivered: bool) -> None:
        match message:
            case ExportUploaded():
                self.world.plan(message)
            case RowsPlanned():
                self.world.apply(message, redelivered=redelivered)
            case OrdersChanged():
                self.world.held[message.order_refs[0]] = (1, 0, 1)
            case _:
                raise AssertionError(message)


def seeded(content: bytes) -> tuple[FillingWorld, Message]:
    """One of the orders is owned already: it has to be settled when the file changes it."""
    world = FillingWorld()
    order = an_order(ref=HASHES.order_ref("taobao", number(0)))
    world.put(replace(order, ownership=ownership()))
    return world, world.upload(content, exported_at=NOW + HOUR)


def test_killed_before_any_call_and_delivered_again_an_import_ends_with_the_same_totals() -> None:
    count = ROWS_PER_CHUNK + 2
    content = export(count)
    clean, message = seeded(content)
    Delivery(clean).run(message)
    assert totals(clean.imports.rows[IMPORT_ID]) == (count, 0, 2, 2, count - 1, 1, 0)
    pool = {ref: order.sources for ref, order in clean.store.by_ref.items()}
    calls = list(enumerate(clean.journal.calls))
    saves = [at for at, name in calls if name == "save"]
    others = [at for at, name in calls if name != "save"]

    for at in [*others, *saves[:2], *saves[::100], *saves[-2:]]:
        world, message = seeded(content)
        world.journal.die_at = at
        delivery = Delivery(world)
        delivery.run(message)

        done = world.imports.rows[IMPORT_ID]
        assert delivery.deaths == 1, at
        assert (done.status, done.rows, done.chunks_finished) == ("done", count, 2), at
        assert done.orders_new + done.orders_changed + done.orders_unchanged == count, at
        assert {ref: order.sources for ref, order in world.store.by_ref.items()} == pool, at
        assert list(world.held) == [HASHES.order_ref("taobao", number(0))], at


def test_every_message_of_an_import_may_arrive_five_times() -> None:
    world = FillingWorld()
    message = world.upload(export(ROWS_PER_CHUNK + 3))

    for _ in range(5):
        world.plan(message)
    messages = [each for each in world.take() if isinstance(each, RowsPlanned)]
    for each in messages * 5:
        world.apply(each, redelivered=True)

    done = world.imports.rows[IMPORT_ID]
    assert totals(done) == (ROWS_PER_CHUNK + 3, 0, 2, 2, ROWS_PER_CHUNK + 3, 0, 0)
    assert {order.revision for order in world.store.by_ref.values()} == {1}


def test_the_same_file_as_another_import_writes_to_no_order() -> None:
    world = FillingWorld()
    world.imported(world.upload(export(600)))
    before = dict(world.store.by_ref)

    again = world.imported(world.upload(export(600), import_id="imp_2"))

    assert world.store.by_ref == before
    assert totals(again) == (600, 0, 2, 2, 0, 0, 600)


@pytest.mark.parametrize("newer_first", [True, False])
def test_an_older_export_never_undoes_a_newer_one(newer_first: bool) -> None:
    world = FillingWorld()
    older = ("imp_old", export(3, 订单状态="交易关闭", 退款金额="150.30"), NOW)
    newer = ("imp_new", export(3, 订单状态="交易成功", 退款金额="10.00"), NOW + HOUR)

    for import_id, content, exported_at in sorted([older, newer], reverse=not newer_first):
        world.imported(world.upload(content, import_id=import_id, exported_at=exported_at))

    lines = [order.sources["export"][WHOLE_ORDER] for order in world.store.by_ref.values()]
    assert {(each.state, each.refunded_fen) for each in lines} == {("confirmed", 1000)}


def test_two_files_of_one_instant_join_state_rank_and_refund() -> None:
    outcomes = []
    shipped = export(1, 订单状态="卖家已发货，等待买家确认", 退款金额="36.50")
    confirmed = export(1, 订单状态="交易成功", 退款金额="0.00")
    for files in ([shipped, confirmed], [confirmed, shipped]):
        world = FillingWorld()
        for at, content in enumerate(files):
            world.imported(world.upload(content, import_id=f"imp_{at}"))
        [order] = world.store.by_ref.values()
        outcomes.append(order.sources["export"][WHOLE_ORDER])

    assert outcomes[0] == outcomes[1]
    assert (outcomes[0].state, outcomes[0].refunded_fen) == ("confirmed", 3650)


def test_an_import_whose_chunk_was_lost_goes_on_when_it_is_started_again() -> None:
    world = FillingWorld()
    message = world.upload(export(2 * ROWS_PER_CHUNK))
    world.plan(message)
    world.take()
    world.apply(chunk_message(IMPORT_ID, 0))
    world.files.chunks.clear()  # a day later

    world.plan(message)
    for each in world.take():
        assert isinstance(each, RowsPlanned)
        world.apply(each)

    done = world.imports.rows[IMPORT_ID]
    assert (done.status, done.orders_new) == ("done", 2 * ROWS_PER_CHUNK)


def test_a_finished_chunk_that_comes_again_when_its_rows_are_gone_is_done_already() -> None:
    world = FillingWorld()
    world.imported(world.upload(export(1)))
    world.files.chunks.clear()

    assert world.apply(chunk_message(IMPORT_ID, 0), redelivered=True) is None


def test_a_finished_import_is_not_read_again() -> None:
    world = FillingWorld()
    message = world.upload(export(2))
    done = world.imported(message)
    world.take()
    world.files.uploads.clear()

    assert world.plan(message) == done
    assert world.take() == []


class DroppedFiles(FakeFiles):
    """Keeps how many rows were written, not the rows."""

    def write_chunk(self, import_id: str, chunk: int, rows: Sequence[PoolRow]) -> None:
        self.chunks[import_id, chunk] = []


def test_planning_holds_one_chunk_in_memory_however_long_the_file_is() -> None:
    def peak_bytes(count: int) -> int:
        world = FillingWorld()
        world.files = DroppedFiles(world.journal)
        message = world.upload(b"")

        def rows(
            stream: BinaryIO, *, filename: str, platform: str, as_of: datetime
        ) -> Iterator[OrderSnapshot | RowError]:
            for at in range(count):
                yield OrderSnapshot(
                    platform=platform, source="export", order_number=number(at), as_of=as_of,
                    state="paid", paid_fen=100,
                )  # fmt: skip

        tracemalloc.start()
        try:
            done = imports.plan(message, desk=world.import_desk, read_export=rows, hashes=HASHES)
            assert done.rows == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak_bytes(2 * ROWS_PER_CHUNK), peak_bytes(12 * ROWS_PER_CHUNK)

    assert many < few * 1.5


def test_the_stream_is_closed_after_planning_whatever_happened() -> None:
    opened: list[io.BytesIO] = []

    class Watched(FakeFiles):
        def open_upload(self, object_key: str) -> BinaryIO:
            opened.append(io.BytesIO(self.uploads[object_key]))
            return opened[-1]

    world = FillingWorld()
    world.files = Watched(world.journal)
    world.plan(world.upload(export(1)))
    world.plan(world.upload(b"no export", import_id="imp_2"))

    assert [each.closed for each in opened] == [True, True]
