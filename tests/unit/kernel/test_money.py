"""Fen and points are whole numbers from the first character to the last."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.money import MAX_FEN, fen_from_yuan, points_for


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("178.8", 17880),
        ("178.80", 17880),
        ("178.8000", 17880),
        ("0", 0),
        ("0.01", 1),
        ("1,234.56", 123456),
        ("¥12", 1200),
        ("￥12.3", 1230),
        (" 12 ", 1200),
        ("100000000", MAX_FEN),
    ],
)
def test_yuan_become_fen(text: str, fen: int) -> None:
    assert fen_from_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "+1", "1.234", "1e3", "0x10", "nan", "12元", "1.2.3", ".5", "5.", "100000000.01",
     "1234567890123", "１２", "1_000"],
)  # fmt: skip
def test_what_is_no_amount_of_yuan_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount in yuan"):
        fen_from_yuan(text)


@given(st.integers(0, MAX_FEN))
def test_every_amount_reads_back(fen: int) -> None:
    assert fen_from_yuan(f"{fen // 100}.{fen % 100:02}") == fen


@given(st.integers(-(10**6), MAX_FEN), st.integers(0, 100_000), st.integers(0, 1000))
def test_points_are_floored_once_at_the_very_end(base_fen: int, rate: int, percent: int) -> None:
    exact = Fraction(max(0, base_fen), 100) * Fraction(rate, 1000) * Fraction(percent, 100)

    assert points_for(base_fen, rate_milli=rate, multiplier_percent=percent) == floor(exact)


def test_one_yuan_is_one_point_at_the_plain_rate() -> None:
    plain = [
        points_for(fen, rate_milli=1000, multiplier_percent=100) for fen in (99, 100, 199, 200)
    ]

    assert plain == [0, 1, 1, 2]


@given(st.integers(0, 10**8), st.integers(0, 10**6))
def test_a_larger_refund_never_brings_more_points(paid: int, refund: int) -> None:
    full = points_for(paid, rate_milli=1500, multiplier_percent=233)

    assert 0 <= points_for(paid - refund, rate_milli=1500, multiplier_percent=233) <= full
