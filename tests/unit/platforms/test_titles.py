"""Which titles are of links for differences and freight, and that goods never are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.platforms.titles import pays_a_difference


@pytest.mark.parametrize(
    "title",
    [
        "补差价",
        "邮费",
        "补邮费专拍",
        "邮费补差链接",
        "运费 / 差价 专拍链接（勿单拍）",
        "补差价专用链接 差多少拍多少",
        "【补运费】1元",
        "差额　补拍",
    ],
)
def test_a_title_of_nothing_but_such_words_is_a_link_to_pay_a_difference(title: str) -> None:
    assert pays_a_difference(title)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "面膜",
        "氨基酸洁面乳 120g 补差价勿拍",
        "补水面膜 10片装 包邮费",
        "运费险",
        "专拍链接",
        "修护面霜，补差价专拍",
        "差价补" * 20,
    ],
)
def test_goods_are_goods_whatever_their_title_mentions(title: str) -> None:
    assert not pays_a_difference(title)


@given(st.text(alphabet="补差拍专价额多少用链接邮运费面膜 1元！", max_size=60))
def test_any_title_is_read_at_once(title: str) -> None:
    assert pays_a_difference(title) in (True, False)
