"""One cell: amounts, times, numbers, quantities."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.calendar import SHANGHAI
from huixue.platforms.exports import cells

SELLER_NUMBER = re.compile(r"[0-9]{10,20}")


@given(st.integers(0, 10_000_000_000))
def test_every_amount_in_fen_survives_being_printed(fen: int) -> None:
    plain = f"{fen // 100}.{fen % 100:02}"
    grouped = f"¥{fen // 100:,}.{fen % 100:02}"

    assert cells.amount_fen(plain) == cells.amount_fen(grouped) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("178.8", 17880), ("0", 0), ("￥1,234.50", 123_450), ('="12.00"', 1200), ("１２．５", 1250),
        (" 7 ", 700), ("", None), ("--", None), ("null", None),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_print_them(text: str, fen: int | None) -> None:
    assert cells.amount_fen(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "-1",
        "1.234",
        "1e3",
        "12,34",
        "1,2345",
        "nan",
        "inf",
        "１２x",
        "1_000",
        "1 000",
        "=1+1",
        "100000000.01",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        cells.amount_fen(text)


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)))  # noqa: DTZ001 - a wall clock
def test_every_second_survives_being_printed_in_every_form(local: datetime) -> None:
    local = local.replace(microsecond=0)
    expected = local.replace(tzinfo=SHANGHAI).astimezone(UTC)
    serial = (local - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001 - a wall clock

    assert cells.instant(str(local)) == expected
    assert cells.instant(f" {local:%Y/%m/%d  %H:%M:%S}") == expected
    assert cells.instant(f"{serial:.6f}") == expected


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2020/2/20 23:59", (2020, 2, 20, 23, 59)),
        ("2020-02-20 9:05", (2020, 2, 20, 9, 5)),
        ("2020-02-20", (2020, 2, 20, 0, 0)),
        ("2020-02-20T23:59:00", (2020, 2, 20, 23, 59)),
        ("２０２０-02-20 23:59:00", (2020, 2, 20, 23, 59)),
    ],
)
def test_times_are_read_in_the_platforms_zone(text: str, local: tuple[int, ...]) -> None:
    year, month, day, hour, minute = local

    assert cells.instant(text) == datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "text",
    ["昨天", "2020-02-30 10:00:00", "0001-01-01 00:00:00", "2020-02-20 23:59+08", "12", "2020-13-01",
     "2020-02-20 25:00:00", "9999-12-31 23:59:59", "2020-W08-4", "99999.5"],
)  # fmt: skip
def test_what_is_no_time_of_an_order_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words vary
        cells.instant(text)


@given(st.text(max_size=30))
def test_no_text_at_all_breaks_a_reader(text: str) -> None:
    for reader in (cells.amount_fen, cells.instant, cells.quantity, cells.account, cells.title):
        with suppress(ValueError):
            reader(text)


@pytest.mark.parametrize("text", ["1.23457E+18", "1.23457e18", '="1E+18"', "4E18"])
def test_a_number_a_spreadsheet_rounded_is_refused_as_such(text: str) -> None:
    with pytest.raises(cells.RoundedNumberError):
        cells.order_number(text, SELLER_NUMBER)


@pytest.mark.parametrize(
    "text", ["", "123", "1" * 21, "12345678901x", "1234567890.5", "合计", "=", "'"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="order number"):
        cells.order_number(text, SELLER_NUMBER)


@pytest.mark.parametrize(("text", "count"), [("2", 2), ("2.0", 2), ("", None), ("'3", 3)])
def test_quantities_are_whole(text: str, count: int | None) -> None:
    assert cells.quantity(text) == count


@pytest.mark.parametrize("text", ["1.5", "-1", "两", "1000001", "1e3"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="quantity"):
        cells.quantity(text)
