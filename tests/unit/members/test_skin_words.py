from __future__ import annotations

import pytest

from huixue.members.skin_words import joined_values, names_zones, skin_at


@pytest.mark.parametrize(
    ("text", "values", "strength"),
    [
        ("混油敏", {"combination_oily", "sensitive"}, "sure"), ("干", {"dry"}, "bare"),
        ("敏", {"sensitive"}, "concern"), ("敏感", {"sensitive"}, "weak"), ("偏油", {"oily"}, "weak"),
        ("干皮转油皮", {"oily"}, "sure"), ("冬干夏油", set(), "unsettled"),
        ("中性偏干", set(), "unsettled"), ("T区油两颊干".lower(), {"combination"}, "sure"),
    ],
)  # fmt: skip
def test_states(text: str, values: set[str], strength: str) -> None:
    found = skin_at(text, 0)

    assert found is not None
    assert (found.end, found.values, found.strength) == (
        len(text),
        frozenset(values),
        strength,
    )


def test_other_words_are_no_states() -> None:
    assert skin_at("千皮", 0) is None
    assert skin_at("", 0) is None


def test_types_that_exclude_each_other_are_both_left_out() -> None:
    assert joined_values(frozenset({"dry", "sensitive"}), frozenset({"oily"})) == {"sensitive"}
    assert joined_values(frozenset({"combination"}), frozenset({"combination_oily"})) == {
        "combination_oily"
    }


def test_zones_may_stand_in_two_parts() -> None:
    assert names_zones("t区油", "两颊干")
    assert not names_zones("上海", "干皮")
