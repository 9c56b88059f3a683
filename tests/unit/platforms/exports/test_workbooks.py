"""XLSX gives the same snapshots as CSV, says where digits were lost, and cannot be a bomb."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.platforms.exports import xlsx_rows
from huixue.platforms.exports.reading import read_export
from infra.demo import seller_export
from infra.demo.orders import generate
from infra.demo.workbook import write_workbook
from tests.unit.platforms.exports.making_exports import (
    AS_OF,
    NUMBER,
    SELLER_ROW,
    csv_bytes,
    errors_of,
    only_snapshot,
    reading_of,
    rows_of,
)
from tests.unit.platforms.exports.making_workbooks import HEADER, PAID_AT, repacked, workbook

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def test_the_same_export_as_workbook_and_as_csv_gives_the_same_snapshots() -> None:
    lines, _ = seller_export.make(generate(300), now=NOW)
    printed = list(seller_export.rows(lines, now=NOW))
    target = io.BytesIO()

    write_workbook(printed, target)

    as_csv = "".join(seller_export.csv_text(iter(printed))).encode("gbk")
    from_csv = [row for _, row in rows_of(as_csv)]
    assert [row for _, row in rows_of(target.getvalue())] == from_csv
    assert all(isinstance(row, OrderSnapshot) for row in from_csv)


def test_cells_may_be_texts_numbers_or_dates() -> None:
    as_text = [NUMBER, "2026-02-20 23:56:40", "178.80", "0"]
    typed = [NUMBER, PAID_AT, 178.8, 0]
    serial = [NUMBER, 46073.997685185185, 178.79999999999998, 0.0]

    rows = [row for _, row in rows_of(workbook([HEADER, as_text, typed, serial]))]

    assert isinstance(rows[0], OrderSnapshot)
    assert rows[0].paid_at == datetime(2026, 2, 20, 15, 56, 40, tzinfo=UTC)
    assert rows[0] == rows[1] == rows[2]


@pytest.mark.parametrize("number", [int(NUMBER), float(NUMBER), 1234567890123456, "1.23457E+18"])
def test_a_number_that_lost_digits_is_refused_rather_than_taken_wrong(number: object) -> None:
    data = workbook([HEADER, [number, PAID_AT, 1, 0], [NUMBER, PAID_AT, 1, 0]])

    assert errors_of(data) == [(2, "订单编号", "ORDER_NUMBER_ROUNDED")]
    assert [line for line, _ in rows_of(data)] == [2, 3]


def test_a_short_number_typed_as_a_number_is_whole() -> None:
    assert only_snapshot(workbook([HEADER, [28010.0, PAID_AT, 1, 0]])).order_number == "28010"


def test_the_sheet_with_the_header_is_found() -> None:
    data = workbook(
        [["说明"], ["导出于今天"]], [["x"]], [["标题"], HEADER, [NUMBER, PAID_AT, 1, 0]]
    )

    reading = reading_of(data)

    assert (reading.file_format, reading.header_line) == ("xlsx", 2)
    assert [line for line, _ in reading.rows] == [3]


def test_rows_may_be_short_or_blank_but_not_longer_with_values() -> None:
    data = workbook([HEADER, [NUMBER, PAID_AT, 1], [], [NUMBER, PAID_AT, 1, 0, "x"], [None] * 4])

    found = [(line, getattr(row, "code", None)) for line, row in rows_of(data)]

    assert found == [(2, None), (4, "COLUMN_COUNT")]


def test_the_csv_model_row_reads_the_same_from_a_workbook() -> None:
    data = workbook([list(SELLER_ROW), list(SELLER_ROW.values())])

    assert only_snapshot(data) == only_snapshot(csv_bytes([SELLER_ROW]))


def test_dates_counted_from_1904_are_the_same_days() -> None:
    book, target = Workbook(), io.BytesIO()
    book.epoch = CALENDAR_MAC_1904
    for row in (HEADER, [NUMBER, PAID_AT, 1, 0]):
        book.active.append(row)
    book.save(target)

    assert only_snapshot(target.getvalue()).paid_at == datetime(2026, 2, 20, 15, 56, 40, tzinfo=UTC)


@given(
    st.lists(
        st.lists(
            st.none()
            | st.text(
                st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=8
            )
            | st.integers(-(10**14), 10**14)
            | st.decimals(-1000, 1000, places=2).map(float)
            | st.booleans()
            | st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001 - wall clocks
            max_size=5,
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_cells_read_as_the_library_that_wrote_them_reads_them(
    rows: list[list[object]], write_only: bool
) -> None:
    book, target = Workbook(write_only=write_only), io.BytesIO()
    sheet = book.create_sheet() if write_only else book.active
    for row in rows:
        sheet.append(
            ["'" if isinstance(cell, str) and cell.startswith("=") else cell for cell in row]
        )
    book.save(target)

    [records] = xlsx_rows.sheets(io.BytesIO(target.getvalue()))
    ours = {line: row for line, row in records if not isinstance(row, RowError)}

    library = load_workbook(target, data_only=True).active
    for number, cells in enumerate(library.iter_rows(values_only=True), start=1):
        found = [*ours.get(number, []), *([""] * len(cells))][: len(cells)]
        assert found == [as_printed(cell) for cell in cells]


def as_printed(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, datetime):
        return str((cell + timedelta(microseconds=500_000)).replace(microsecond=0))
    return f"{cell:.6f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell)


@pytest.mark.parametrize("shared", [True, False])
def test_reading_aids_are_no_part_of_a_text(shared: bool) -> None:
    text = "<r><t>订单</t></r><rPh sb='0' eb='1'><t>dd</t></rPh>"
    texts = f"<sst><si><t>x</t></si><si>{text}</si></sst>".encode()
    in_place = f"<c r='A1' t='inlineStr'><is>{text}</is></c>"
    cell = "<c r='A1' t='s'><v>1</v></c>" if shared else in_place
    sheet = f"<worksheet><sheetData><row>{cell}</row></sheetData></worksheet>".encode()
    parts = {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": texts}

    [records] = xlsx_rows.sheets(io.BytesIO(repacked(workbook([HEADER]), **parts)))

    assert list(records) == [(1, ["订单"])]


def test_a_stream_that_cannot_seek_is_enough() -> None:
    class Pipe(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1000, 1000))

        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation("a pipe")

    pipe = Pipe(workbook([HEADER, [NUMBER, PAID_AT, 1, 0]]))

    reading = read_export(pipe, filename="a.xlsx", platform="taobao", as_of=AS_OF)

    assert len(list(reading.rows)) == 1
