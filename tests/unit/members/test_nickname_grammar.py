from __future__ import annotations

import pytest

from huixue.members.nickname_grammar import respelled, settled, with_statuses
from huixue.members.nickname_text import parts_of
from huixue.members.nickname_tokens import tokens_of


def statuses(nickname: str) -> list[tuple[str, str]]:
    parts = respelled(parts_of(nickname))
    rows = [settled(tokens_of(part)) for part in parts]
    return [(seen.token.text, seen.status) for seen in with_statuses(parts, rows)]


@pytest.mark.parametrize(
    ("nickname", "expected"),
    [
        ("坐标：成都", [("成都", "present")]),
        ("老家四川现居北京", [("四川", "void"), ("北京", "present")]),
        ("不是油皮是干皮", [("油皮", "void"), ("干皮", "plain")]),
        ("上海？干皮", [("上海", "asked"), ("干皮", "plain")]),
        ("干皮→油皮", [("干皮", "void"), ("油皮", "plain")]),
        ("广州打工", [("广州", "present")]),
        ("成都出差", [("成都", "void")]),
        ("上海滩", []),
        ("敏感肌救星", []),
    ],
)
def test_what_the_words_around_say(nickname: str, expected: list[tuple[str, str]]) -> None:
    assert statuses(nickname) == expected


def test_single_characters_in_a_row_are_one_part() -> None:
    assert [part.text for part in respelled(parts_of("上 海 干 皮"))] == ["上海干皮"]
    assert [part.text for part in respelled(parts_of("上海 干"))] == ["上海", "干"]
