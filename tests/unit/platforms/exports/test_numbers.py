"""The form of order numbers that members type."""

from __future__ import annotations

import pytest

from huixue.platforms.numbers import order_number_form


@pytest.mark.parametrize(
    ("platform", "shortest", "longest"),
    [
        ("taobao", 15, 20),
        ("douyin", 15, 20),
        ("kuaishou", 13, 20),
        ("jd", 9, 20),
        ("wechat_shop", 15, 20),
    ],
)
def test_numbers_have_the_length_of_their_platform(
    platform: str, shortest: int, longest: int
) -> None:
    assert order_number_form(platform, "1" * shortest)
    assert order_number_form(platform, "9" * longest)
    assert not order_number_form(platform, "1" * (shortest - 1))
    assert not order_number_form(platform, "1" * (longest + 1))


def test_only_douyin_ends_in_a_letter() -> None:
    assert order_number_form("douyin", "1" * 18 + "A")
    assert not order_number_form("douyin", "1" * 18 + "B")
    assert not order_number_form("taobao", "1" * 18 + "A")


@pytest.mark.parametrize(
    "text", ["", " " + "1" * 18, "1" * 18 + "\n", "１" * 18, "1" * 9 + "-" + "1" * 9]
)
def test_the_text_counts_as_it_stands(text: str) -> None:
    assert not order_number_form("taobao", text)


def test_a_platform_nobody_knows_has_no_numbers() -> None:
    assert not order_number_form("ebay", "1" * 18)
