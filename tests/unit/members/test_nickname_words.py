from __future__ import annotations

import pytest

from huixue.members.nickname_words import (
    COMPOUNDS,
    holds_a_thing,
    is_like_a_nickname,
    kinds,
    names_a_thing,
)


@pytest.mark.parametrize("name", ["小鱼", "阿圆", "东东", "小团团"])
def test_people_are_called_so(name: str) -> None:
    assert is_like_a_nickname(name)


@pytest.mark.parametrize("name", ["小面", "小鱼干", "阿胶", "串串", "鱼", "夜生活", ""])
def test_things_are_not_nicknames(name: str) -> None:
    assert not is_like_a_nickname(name)


def test_a_compound_names_a_thing_but_holds_none() -> None:
    assert names_a_thing("京剧")
    assert not holds_a_thing("京剧")
    assert holds_a_thing("臭豆腐")


def test_no_word_of_the_convention_is_also_a_compound() -> None:
    assert not set(kinds()) & set(COMPOUNDS.split())
