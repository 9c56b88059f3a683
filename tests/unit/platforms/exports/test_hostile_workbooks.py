"""A workbook that is damaged or hostile costs neither memory nor what was read before."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from contextlib import suppress

import pytest

from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.platforms.exports import xlsx_package, xlsx_rows
from huixue.platforms.exports.errors import NotAnExportError
from tests.unit.platforms.exports.making_exports import (
    NUMBER,
    reading_of,
    rows_of,
)
from tests.unit.platforms.exports.making_workbooks import HEADER, PAID_AT, repacked, workbook


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(
        workbook([HEADER]), **{"xl/media/x.bin": b"\0" * (xlsx_package.MAX_PART_BYTES + 1)}
    )

    assert len(bomb) < 1 << 20
    with pytest.raises(NotAnExportError, match="save the export as CSV"):
        reading_of(bomb)


def test_an_xml_bomb_is_refused() -> None:
    bomb = (
        b'<?xml version="1.0"?><!-- x --><!DOCTYPE a [<!ENTITY b "c">]><styleSheet>&b;</styleSheet>'
    )

    with pytest.raises(NotAnExportError, match="document type"):
        reading_of(repacked(workbook([HEADER]), **{"xl/styles.xml": bomb}))


def test_too_many_parts_are_refused() -> None:
    parts = {f"xl/x{at}.xml": b"<a/>" for at in range(xlsx_package.MAX_PARTS + 1)}

    with pytest.raises(NotAnExportError, match="save the export as CSV"):
        reading_of(repacked(workbook([HEADER]), **parts))


def test_rows_before_a_damage_are_read_and_the_damage_is_told() -> None:
    whole = workbook([HEADER, *([NUMBER, PAID_AT, 1, 0] for _ in range(2000))])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")

    rows = rows_of(repacked(whole, **{"xl/worksheets/sheet1.xml": sheet[: len(sheet) // 2]}))

    assert isinstance(rows[-1][1], RowError)
    assert rows[-1][1].code == "UNREADABLE"
    assert len(rows) > 500
    assert all(isinstance(row, OrderSnapshot) for _, row in rows[:-1])


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("content", [b"", b"<a/>", b"<a", b"\xff\xfe\x00"])
def test_a_workbook_with_a_broken_part_is_refused_or_read_never_a_crash(
    part: str, content: bytes
) -> None:
    data = repacked(workbook([HEADER, [NUMBER, PAID_AT, 1, 0]]), **{part: content})

    try:
        rows = rows_of(data)
    except NotAnExportError:
        return
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("opening", "filling"),
    [
        (b"", b"<x/>" * 64),
        (b"", b"<row>" + b"<c><v>1</v></c>" * 3 + b"</row>"),
        (b"<row>", b"<c><v>" + b"1" * 999 + b"</v></c>"),
        (b"<row><c><v>", b"x" * 999),
        (b"", b"<!--" + b"x" * 999 + b"-->"),
    ],
    ids=["elements", "rows", "one endless row", "one endless cell", "comments"],
)
def test_a_sheet_that_unpacks_to_many_megabytes_is_never_in_memory(
    opening: bytes, filling: bytes
) -> None:
    sheet = b"<worksheet><sheetData>" + opening + filling * (12_000_000 // len(filling))
    data = repacked(workbook([HEADER]), **{"xl/worksheets/sheet1.xml": sheet})
    del sheet

    tracemalloc.start()
    try:
        with suppress(NotAnExportError):
            rows_of(data)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(data) < 1 << 20
    assert peak_bytes < 4_000_000


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="2"/><row r="1"/>', b'<row r="99999999"/>', b'<row r="x"/>', b'<c r="1A"><v>1</v></c>',
        b'<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>', b'<c t="s"><v>-1</v></c>',
        b'<c t="s"><v>7</v></c>', b"<c><v>x</v></c>", b'<c s="x"><v>1</v></c>',
        b'<x y="' + b"z" * (5 << 20) + b'"/>',
    ],
)  # fmt: skip
def test_a_sheet_no_spreadsheet_writes_is_damaged_not_a_crash(rows: bytes) -> None:
    sheet = b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"
    data = repacked(workbook([HEADER]), **{"xl/worksheets/sheet1.xml": sheet})

    [records] = xlsx_rows.sheets(io.BytesIO(data))

    last = list(records)[-1][1]
    assert isinstance(last, RowError)
    assert last.code == "UNREADABLE"
