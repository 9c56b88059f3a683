"""A file that is no export is refused before its first row, with what was expected and what was found."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from huixue.platforms.exports.errors import NotAnExportError
from huixue.platforms.exports.reading import read_export
from tests.unit.platforms.exports.making_exports import AS_OF, REPORT_ROW, csv_bytes, reading_of


def packed(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def other_workbook() -> bytes:
    book, target = Workbook(), io.BytesIO()
    book.active.append(["name", "price"])
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "an empty file"),
        (b"\xef\xbb\xbf", "no column is known"),
        (b"\r\n\r\n \t\r\n", "an empty file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "save it as plain XLSX or CSV"),
        ("<!DOCTYPE html><html><title>登录".encode(), "a web page"),
        (b"  <html><body>login", "a web page"),
        (b"name,price\r\n1,2\r\n", "no column is known"),
        ("商品,价格\r\n面膜,2\r\n".encode("gbk"), "no column is known"),
        (b"\x00\x01\x02" * 300, "a binary file"),
        (packed(**{"a.csv": b"x"}), "a zip archive"),
        (b"PK\x03\x04 cut off", "a damaged workbook"),
        (other_workbook(), "no line of column names"),
        (b"\x1f\x8b\x08\0", "a gzip archive"),
    ],
)
def test_what_is_no_export_is_named_for_what_it_is(data: bytes, found: str) -> None:
    with pytest.raises(NotAnExportError, match=found) as refusal:
        reading_of(data, filename="folder/upload.csv")

    assert refusal.value.code == "NOT_AN_EXPORT"
    assert "expected" in refusal.value.message


@pytest.mark.parametrize("left_out", ["订单编号", "订单付款时间 ", "买家实际支付金额"])
def test_a_file_without_a_needed_column_is_told_which_are_there(left_out: str) -> None:
    header = [name for name in REPORT_ROW if name != left_out]

    with pytest.raises(NotAnExportError) as refusal:
        reading_of(csv_bytes([REPORT_ROW], header=header))

    expected, _, found = refusal.value.message.partition("found")
    assert left_out.strip() in expected
    assert left_out.strip() not in found
    assert "退款金额" in found


def test_a_file_whose_header_was_cut_off_shows_nobodys_data() -> None:
    rows = csv_bytes([{**REPORT_ROW, "收货地址 ": "某某某的家"}] * 3).split(b"\r\n", 1)[1]

    with pytest.raises(NotAnExportError) as refusal:
        reading_of(rows)

    assert "某某某" not in refusal.value.message
    assert "2020-02-20" not in refusal.value.message


def test_another_platform_is_refused_by_name() -> None:
    with pytest.raises(NotAnExportError, match="douyin"):
        read_export(io.BytesIO(), filename="x", platform="douyin", as_of=AS_OF)


def test_a_time_without_a_zone_is_a_programmers_error() -> None:
    naive = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(ValueError, match="zone"):
        read_export(io.BytesIO(), filename="x", platform="taobao", as_of=naive)


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_rubbish_is_always_refused_and_never_crashes(rubbish: bytes) -> None:
    with pytest.raises(NotAnExportError):
        reading_of(rubbish)


@given(st.binary(max_size=100))
def test_rubbish_in_a_workbooks_place_is_always_refused(rubbish: bytes) -> None:
    with pytest.raises(NotAnExportError):
        reading_of(b"PK\x03\x04" + rubbish)
