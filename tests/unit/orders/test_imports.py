from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import BinaryIO

import pytest

from huixue.kernel.errors import NotFoundError
from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.orders import imports
from huixue.orders.imports import MAX_ROW_ERRORS_KEPT, ROWS_PER_CHUNK, Import
from huixue.orders.model import WHOLE_ORDER, PoolRow
from tests.unit.orders.pool_fakes import IMPORT_ID, FakeFiles, FillingWorld
from tests.unit.orders.world import HASHES, NOW
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
