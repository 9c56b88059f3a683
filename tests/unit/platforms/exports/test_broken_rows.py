"""A broken row is told with its line, column and code; all others are read."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.platforms.exports import csv_rows
from huixue.platforms.exports.errors import NotAnExportError
from infra.demo import seller_export, trouble
from infra.demo.orders import generate
from tests.unit.platforms.exports.making_exports import (
    NUMBER,
    SELLER_ROW,
    csv_bytes,
    errors_of,
    reading_of,
    rows_of,
    seller_row,
)

PAID = "订单付款时间 "
SOUND = csv_bytes([SELLER_ROW]).split(b"\r\n")[1] + b"\r\n"
HEADER = csv_bytes([SELLER_ROW]).split(b"\r\n")[0] + b"\r\n"


def lines_read(data: bytes) -> list[int]:
    return [line for line, row in rows_of(data) if isinstance(row, OrderSnapshot)]


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("订单编号", "123", "ORDER_NUMBER"),
        ("订单编号", "", "ORDER_NUMBER"),
        ("订单编号", "1.23457E+18", "ORDER_NUMBER_ROUNDED"),
        ("买家实际支付金额", "-1", "AMOUNT"),
        ("退款金额", "无效", "AMOUNT"),
        ("买家应付邮费", "1.005", "AMOUNT"),
        (PAID, "昨天", "TIME"),
        ("订单创建时间", "2026-02-30", "TIME"),
        ("确认收货时间", "x", "TIME"),
        ("宝贝总数量", "-2", "QUANTITY"),
        ("买家会员名", "长" * 65, "ACCOUNT"),
    ],
)
def test_one_bad_cell_is_one_error_and_its_neighbours_are_read(
    column: str, text: str, code: str
) -> None:
    data = csv_bytes([SELLER_ROW, seller_row(**{column: text}), SELLER_ROW])

    assert errors_of(data) == [(3, column.strip(), code)]
    assert lines_read(data) == [2, 4]


@pytest.mark.parametrize("line", [SOUND.rsplit(b",", 1)[0] + b"\r\n", b"x," + SOUND, b"x\r\n"])
def test_a_row_with_other_cells_than_the_header_is_refused(line: bytes) -> None:
    data = HEADER + SOUND + line + SOUND

    assert errors_of(data) == [(3, "", "COLUMN_COUNT")]
    assert lines_read(data) == [2, 4]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-8-sig"])
@pytest.mark.parametrize(("near", "column"), [("演示账号", "买家会员名"), ("演示省", "")])
def test_a_byte_that_is_no_character_costs_its_row_alone(
    encoding: str, near: str, column: str
) -> None:
    head, good, *_ = csv_bytes([SELLER_ROW], encoding=encoding).splitlines(keepends=True)
    codec = encoding.removesuffix("-sig")
    bad = good.replace(near.encode(codec), near.encode(codec) + b"\xff", 1)

    data = head + good * 300 + bad + good

    assert errors_of(data) == [(302, column, "DECODE")]
    assert len(lines_read(data)) == 301


def test_a_file_that_ends_inside_a_character_says_so() -> None:
    data = csv_bytes([SELLER_ROW, {**SELLER_ROW, "退款金额": "0面"}], encoding="gbk")[:-3]

    assert errors_of(data) == [(3, "退款金额", "DECODE")]
    [(line, _, code)] = errors_of(csv_bytes([SELLER_ROW], encoding="utf-16") + b"\x01")
    assert (line, code) == (3, "DECODE")


def test_a_header_with_damage_is_no_header() -> None:
    damaged = HEADER.replace("退款金额".encode(), "退款金".encode() + b"\xff\xfe")

    with pytest.raises(NotAnExportError, match="cannot be decoded"):
        reading_of(damaged + SOUND)


@pytest.mark.parametrize("rows_after", [0, 1, 5, 150, 3000])
def test_a_quote_that_never_closes_costs_one_row(rows_after: int) -> None:
    unclosed = SOUND.replace("演示面膜".encode(), '"演示面膜'.encode())

    data = HEADER + SOUND + unclosed + SOUND * rows_after

    assert errors_of(data) == [(3, "", "QUOTE")]
    assert lines_read(data) == [2, *range(4, 4 + rows_after)]


def test_a_quote_closed_by_the_next_rows_quote_costs_one_row() -> None:
    quoted = SOUND.replace("演示面膜".encode(), '"演示,面膜"'.encode())
    unclosed = SOUND.replace("演示面膜".encode(), '"演示面膜'.encode())

    data = HEADER + quoted + unclosed + quoted * 3

    assert errors_of(data) == [(3, "", "QUOTE")]
    assert lines_read(data) == [2, 4, 5, 6]


def test_ten_thousand_unclosed_quotes_are_ten_thousand_errors() -> None:
    unclosed = SOUND.replace("演示面膜".encode(), '"演示面膜'.encode())

    data = HEADER + (unclosed + SOUND) * 5_000

    assert len(errors_of(data)) == 5_000
    assert len(lines_read(data)) == 5_000


def test_line_numbers_are_physical_lines_through_quoted_line_breaks() -> None:
    broken_up = SOUND.replace("演示面膜".encode(), '"演示\n面\r\n膜"'.encode())
    bad = SOUND.replace(NUMBER.encode(), b"1")

    data = HEADER + broken_up + bad + broken_up + bad

    assert [line for line, _ in rows_of(data)] == [2, 5, 6, 9]
    assert [line for line, _, _ in errors_of(data)] == [5, 9]


def test_a_line_longer_than_any_row_is_one_error() -> None:
    long = SOUND.replace("演示省".encode(), b"x" * (3 * csv_rows.MAX_RECORD_CHARS))

    data = HEADER + SOUND + long + SOUND

    assert errors_of(data) == [(3, "", "RECORD_TOO_LONG")]
    assert lines_read(data) == [2, 4]


def test_a_note_may_have_many_lines_but_not_half_the_file() -> None:
    def noted(lines: int) -> bytes:
        return SOUND.replace("演示省演示市".encode(), b'"' + b"x\n" * lines + b'"')

    most = csv_rows.MAX_RECORD_LINES - 1

    assert lines_read(HEADER + noted(most) + SOUND) == [2, most + 3]
    assert errors_of(HEADER + noted(most + 1) + SOUND)[0] == (2, "", "QUOTE")


def test_a_lone_carriage_return_in_a_row_is_an_error_not_a_crash() -> None:
    data = HEADER + SOUND + SOUND.replace("演示省".encode(), b"a\rb") + SOUND

    assert errors_of(data) == [(3, "", "RECORD")]
    assert lines_read(data) == [2, 4]


def test_a_header_in_the_middle_is_reported() -> None:
    assert errors_of(HEADER + SOUND + HEADER + SOUND) == [(3, "订单编号", "ORDER_NUMBER")]


@given(st.binary(max_size=400))
def test_no_bytes_at_all_break_a_reading(rubbish: bytes) -> None:
    rows = rows_of(HEADER + SOUND + rubbish + b"\r\n" + SOUND)

    assert isinstance(rows[0][1], OrderSnapshot)
    lines = [line for line, _ in rows]
    assert lines == sorted(lines)
    assert all(row.line_number == line for line, row in rows if isinstance(row, RowError))


@given(st.sampled_from(sorted(SELLER_ROW)), st.text(min_size=5, max_size=20))
def test_an_error_never_holds_a_value(column: str, text: str) -> None:
    for _, row in rows_of(csv_bytes([seller_row(**{column: text})], encoding="utf-8-sig")
                          if text.isprintable() else SELLER_BYTES):  # fmt: skip
        if isinstance(row, RowError):
            assert row.column in {"", *(name.strip() for name in SELLER_ROW)}
            assert row.code.isupper()


SELLER_BYTES = csv_bytes([SELLER_ROW])


def test_every_trouble_of_the_demo_is_told_where_it_is() -> None:
    now = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    lines, _ = seller_export.make(generate(300), now=now)
    sound = list(seller_export.rows(lines, now=now))[:100]

    data, expected = trouble.with_trouble(sound)

    assert errors_of(data) == [(row.line_number, row.column, row.code) for row in expected]
    assert len(lines_read(data)) == len(sound)


def test_errors_of_the_stream_pass_through() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 0:
                raise TimeoutError("the connection is gone")
            return super().read(size)

    with pytest.raises(TimeoutError):
        csv_rows.first_block(Broken(HEADER))
