from __future__ import annotations

from huixue.members.nickname_text import LENGTH_OF_INTEREST, levelled, parts_of


def test_what_looks_the_same_is_spelled_the_same() -> None:
    assert [part.text for part in parts_of("長\u200b沙+⼲⽪｜ＳＨ Běi🍑xi'an")] == [
        "长沙", "干皮", "sh", "bei", "xi'an",
    ]  # fmt: skip
    assert levelled("廣東") == "广东"


def test_a_part_knows_where_it_stood_and_what_was_around_it() -> None:
    part = parts_of("🍑上\u200b海? 干")[0]

    assert (part.places, part.before, part.after) == ([1, 3], "🍑", "? ")


def test_reading_stops_after_the_length_of_interest() -> None:
    parts = parts_of("哈" * (LENGTH_OF_INTEREST + 1))

    assert len(parts[0].text) == LENGTH_OF_INTEREST
    assert parts[0].is_cut
    assert not parts_of("哈" * LENGTH_OF_INTEREST)[0].is_cut
