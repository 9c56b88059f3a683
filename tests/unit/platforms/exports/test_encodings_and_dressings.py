"""However a file is encoded, separated and dressed for spreadsheets, the snapshots are the same."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.snapshots import OrderSnapshot
from huixue.platforms.exports import csv_rows
from huixue.platforms.exports.formats import TAOBAO
from tests.unit.platforms.exports.making_exports import (
    AS_OF,
    NUMBER,
    SELLER_ROW,
    csv_bytes,
    errors_of,
    only_snapshot,
    reading_of,
    rows_of,
    seller_row,
)

EXPECTED = OrderSnapshot(
    platform="taobao",
    source="export",
    order_number=NUMBER,
    as_of=AS_OF,
    state="confirmed",
    paid_fen=18680,
    freight_fen=800,
    refunded_fen=3650,
    account="演示账号",
    created_at=datetime(2026, 2, 20, 15, 56, 36, tzinfo=UTC),
    paid_at=datetime(2026, 2, 20, 15, 56, 40, tzinfo=UTC),
    confirmed_at=datetime(2026, 2, 25, 2, 0, tzinfo=UTC),
    title="演示面膜",
    quantity=2,
)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb2312", "gb18030", "utf-16", "utf-16-le-bom"]
)
def test_every_encoding_delimiter_and_line_end_gives_the_same_snapshot(
    encoding: str, delimiter: str, newline: str
) -> None:
    bom, codec = (
        (codecs.BOM_UTF16_LE, "utf-16-le") if encoding == "utf-16-le-bom" else (b"", encoding)
    )

    data = bom + csv_bytes([SELLER_ROW], encoding=codec, delimiter=delimiter, newline=newline)

    assert only_snapshot(data) == EXPECTED


@pytest.mark.parametrize(
    "dressed",
    [
        '="{}"', '"=""{}"""', "'{}", "’{}", "{}\t", "\t{}", " {} ", '"{}"', "\u200b{}", '="{}"\t', '"{}\t"',
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_order_numbers_come_out_of_every_dressing(dressed: str, encoding: str) -> None:
    number = dressed.format(NUMBER)

    data = csv_bytes([seller_row(订单编号=number)], encoding=encoding)

    assert only_snapshot(data) == EXPECTED


def test_full_width_digits_are_the_same_number() -> None:
    wide = NUMBER.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})

    assert only_snapshot(csv_bytes([seller_row(订单编号=wide)])) == EXPECTED


def test_quoted_cells_may_hold_commas_quotes_and_line_breaks() -> None:
    row = seller_row(**{"收货地址 ": '"路 1 号, ""东""\r\n二楼"'})

    data = csv_bytes([row, row], encoding="gbk")

    assert [(line, snapshot) for line, snapshot in rows_of(data)] == [(2, EXPECTED), (4, EXPECTED)]


def test_lines_above_the_header_are_passed_over() -> None:
    data = "2026 年 11 月订单\r\n\r\n".encode("gbk") + csv_bytes([SELLER_ROW], encoding="gbk")

    reading = reading_of(data)

    assert reading.header_line == 3
    assert list(reading.rows) == [(4, EXPECTED)]


def test_characters_only_gb18030_has_are_read() -> None:
    data = csv_bytes([seller_row(**{"宝贝标题 ": "演示㐀面膜😀"})], encoding="gb18030")

    assert only_snapshot(data).title == "演示㐀面膜😀"


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
@pytest.mark.parametrize("offset", range(8))
def test_a_character_across_two_blocks_stays_whole(encoding: str, offset: int) -> None:
    rows = [seller_row(**{"收货地址 ": "x" * offset + "演示" * 300, "宝贝标题 ": f"演示{at}"})
            for at in range(400)]  # fmt: skip

    data = csv_bytes(rows, encoding=encoding)

    assert len(data) > 2 * csv_rows.BLOCK_BYTES
    titles = [row.title for _, row in rows_of(data) if isinstance(row, OrderSnapshot)]
    assert titles == [f"演示{at}" for at in range(400)]


@given(
    data=st.binary(max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=6),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_damage_is_found_alike_wherever_blocks_end(
    data: bytes, cuts: list[int], encoding: str
) -> None:
    ends = [0, *sorted(cuts), len(data)]
    blocks = [data[start:end] for start, end in pairwise(ends)]
    dialect = csv_rows.Dialect(encoding=encoding, errors="surrogateescape", delimiter=",")

    cut = "".join(csv_rows._lines(iter(blocks), dialect))
    whole = "".join(csv_rows._lines(iter([data]), dialect))

    assert cut == whole
    if encoding == "utf-8":
        assert cut.encode(encoding, "surrogateescape") == data, "nothing is lost"


@given(st.binary(min_size=1, max_size=3).filter(lambda data: not data.isascii()))
def test_a_damaged_character_never_hides_a_delimiter(damage: bytes) -> None:
    damage = bytes(byte for byte in damage if byte >= 0x80)
    dialect = csv_rows.Dialect(encoding="gb18030", errors="surrogateescape", delimiter=",")

    text = "".join(csv_rows._lines(iter([b'a,"' + damage + b'",' + damage + b"\r\nb"]), dialect))

    assert text.count(",") == 2
    assert text.count('"') == 2
    assert text.endswith("\r\nb")


def test_the_header_decides_the_encoding_though_everything_after_it_is_damaged() -> None:
    data = csv_bytes([SELLER_ROW], encoding="utf-8") + b"\xff\xfe\xff" * 30_000

    dialect = csv_rows.sniffed(data[: csv_rows.BLOCK_BYTES], TAOBAO)

    assert dialect is not None
    assert dialect.encoding == "utf-8"


def test_rows_that_are_blank_are_left_out() -> None:
    blank = dict.fromkeys(SELLER_ROW, "")

    data = csv_bytes([SELLER_ROW, blank, SELLER_ROW]) + b"\r\n\r\n"

    assert [line for line, _ in rows_of(data)] == [2, 4]
    assert errors_of(data) == []
