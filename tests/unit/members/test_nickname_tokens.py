from __future__ import annotations

from huixue.members.nickname_text import parts_of
from huixue.members.nickname_tokens import all_places, tokens_of


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens_of(parts_of(text)[0])]


def test_tokens_are_the_longest_words_and_cover_the_part() -> None:
    assert kinds("广西安静的干皮") == [
        ("place", "广西"), ("unknown", "安静"), ("of", "的"), ("skin", "干皮"),
    ]  # fmt: skip
    assert kinds("amy现居上海95后") == [
        ("latin", "amy"), ("present", "现居"), ("place", "上海"), ("word", "95后"),
    ]  # fmt: skip


def test_a_province_of_one_character_needs_a_state_or_a_place_behind_it() -> None:
    assert kinds("渝混油")[0] == ("place", "渝")
    assert kinds("湘长沙")[0] == ("place", "湘")
    assert kinds("津津有味")[0][0] == "unknown"


def test_words_that_only_look_like_states_are_unknown() -> None:
    assert kinds("加油") == [("unknown", "加油")]


def test_only_places_are_all_places() -> None:
    assert [token.text for token in all_places("广东深圳市") or ()] == ["广东", "深圳市"]
    assert all_places("上海小鱼") is None
