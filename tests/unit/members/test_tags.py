"""Whose word counts: ranks, one value or many, endings, and that nothing depends on the order of arrival."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.members.tags import (
    GROUPS,
    MAX_VALUES,
    RANKS,
    SKIN_TYPES,
    Tag,
    Tags,
    TagSource,
    TooManyTagsError,
    joined_tags,
    live_tags,
    redacted,
    sensitive_groups,
    with_tag,
    without_tags,
)
from tests.unit.members.signing_in import NOW
from tests.unit.members.telling import a_tag, at

VALUES = {"region": ["上海", "北京"], "skin_type": SKIN_TYPES[:3], "interests": ["a", "b", "c"]}


@st.composite
def some_tags(draw: st.DrawFn) -> Tag:
    group = draw(st.sampled_from(sorted(VALUES)))
    minute = draw(st.integers(0, 9))
    return a_tag(
        group,
        draw(st.sampled_from(VALUES[group])),
        draw(st.sampled_from(sorted(RANKS))),
        minute,
        draw(st.none() | st.integers(minute + 1, 20)),
        draw(st.integers(0, 100)),
    )


def placed(*tags: Tag) -> Tags:
    found: Tags = {}
    for tag in tags:
        found, _ = with_tag(found, tag)
    return found


def counting(tags: Tags, minute: int = 0) -> dict[str, list[tuple[str, str]]]:
    found = live_tags(tags, at(minute))
    return {name: [(tag.value, tag.source) for tag in found[name]] for name in sorted(found)}


@pytest.mark.parametrize(
    "order", list(permutations(["behaviour", "nickname", "self", "import", "operator"], 3))
)
def test_of_one_value_the_highest_source_counts_whoever_spoke_last(
    order: tuple[TagSource, ...],
) -> None:
    tags = placed(
        *(
            a_tag("region", f"by {source}", source, minute)
            for minute, source in enumerate(order, start=1)
        )
    )

    highest = max(order, key=lambda each: RANKS[each])
    assert counting(tags) == {"region": [(f"by {highest}", highest)]}


def test_a_second_value_of_the_same_source_replaces_the_first_and_the_change_says_so() -> None:
    tags, first = with_tag({}, a_tag("skin_type", "dry", minute=1))
    tags, second = with_tag(tags, a_tag("skin_type", "oily", minute=2))

    assert counting(tags) == {"skin_type": [("oily", "self")]}
    assert first is not None
    assert (first.former, first.value, first.at) == (None, "dry", at(1))
    assert second is not None
    assert (second.former, second.value, second.at) == ("dry", "oily", at(2))


def test_many_values_stand_beside_each_other() -> None:
    tags = placed(
        a_tag("interests", "lipstick"), a_tag("interests", "toner"),
        a_tag("interests", "toner", "operator", 1),
    )  # fmt: skip

    assert counting(tags) == {"interests": [("lipstick", "self"), ("toner", "operator")]}


def test_the_same_word_again_changes_nothing_and_an_older_one_comes_too_late() -> None:
    tags = placed(a_tag("region", "上海", minute=5))

    again, no_change = with_tag(tags, a_tag("region", "上海", minute=9))
    late, nor_here = with_tag(tags, a_tag("region", "北京", minute=4))

    assert again == late == tags
    assert no_change is nor_here is None


@pytest.mark.parametrize("minute", [5, 6, 100])
def test_when_a_higher_word_ends_the_next_one_counts_again(minute: int) -> None:
    tags = placed(
        a_tag("region", "北京", "operator", 1, expires=5), a_tag("region", "上海", minute=2)
    )

    assert counting(tags, 4) == {"region": [("北京", "operator")]}
    assert counting(tags, minute) == {"region": [("上海", "self")]}


def test_taking_back_names_what_went_and_whose_it_was() -> None:
    tags = placed(
        a_tag("region", "上海"),
        a_tag("region", "上海", "nickname"),
        a_tag("region", "北京", "import"),
    )

    left, changes = without_tags(tags, "region", value="上海", at=at(9), by="ann")
    gone, _ = without_tags(left, "region", at=at(9), by="ann")

    assert counting(left) == {"region": [("北京", "import")]}
    assert [(each.source, each.former, each.value, each.by) for each in changes] == [
        ("nickname", "上海", None, "ann"), ("self", "上海", None, "ann"),
    ]  # fmt: skip
    assert gone == {}


def test_a_group_holds_so_many_values_and_those_that_ended_make_room() -> None:
    full = placed(*(a_tag("interests", f"i{n}", minute=1) for n in range(MAX_VALUES - 1)))
    full, _ = with_tag(full, a_tag("interests", "short", minute=1, expires=3))

    with pytest.raises(TooManyTagsError) as refused:
        with_tag(full, a_tag("interests", "one more", minute=2))
    later, _ = with_tag(full, a_tag("interests", "one more", minute=3))

    assert refused.value.facts["limit"] == MAX_VALUES
    assert len(later["interests"]) == MAX_VALUES


@pytest.mark.parametrize(
    ("group", "value", "confidence"),
    [("shoe_size", "38", 100), ("skin_type", "green", 100), ("region", "", 100),
     ("region", "上海", -1), ("region", "上海", 101)],
)  # fmt: skip
def test_a_tag_that_means_nothing_cannot_be_made(group: str, value: str, confidence: int) -> None:
    with pytest.raises(ValueError, match=r"tag|confidence"):
        a_tag(group, value, confidence=confidence)


@given(st.lists(some_tags(), max_size=12), st.integers(9, 25))
def test_what_counts_is_the_newest_word_of_the_highest_living_source(
    said: list[Tag], minute: int
) -> None:
    """Against a plain reading of all that was ever said, in the order of time."""
    in_order = sorted(said, key=lambda each: each.set_at)
    newest: dict[tuple[str, str, str], Tag] = {}
    for tag in in_order:
        one = GROUPS[tag.group].cardinality == "one"
        newest[tag.group, tag.source, "" if one else tag.value] = tag

    found = live_tags(placed(*in_order), at(minute))

    for group in VALUES:
        alive = [
            tag
            for (of, _, _), tag in newest.items()
            if of == group and (tag.expires_at is None or at(minute) < tag.expires_at)
        ]
        ranks = {
            value: max(RANKS[tag.source] for tag in alive if tag.value == value)
            for value in {tag.value for tag in alive}
        }
        counts = [(tag.value, RANKS[tag.source]) for tag in found.get(group, ())]
        if GROUPS[group].cardinality == "many":
            assert dict(counts) == ranks
        else:
            assert [rank for _, rank in counts] == ([max(ranks.values())] if ranks else [])
            assert all(ranks[value] == rank for value, rank in counts)


@given(st.lists(some_tags(), max_size=8), st.lists(some_tags(), max_size=8))
def test_two_members_tags_are_joined_to_the_newest_word_of_each_source(
    mine: list[Tag], others: list[Tag]
) -> None:
    one, other = placed(*mine), placed(*others)

    both = joined_tags(one, other)

    assert joined_tags(both, other) == joined_tags(both, one) == both
    every = [tag for tags in (one, other) for group in tags.values() for tag in group]
    for group in both.values():
        for tag in group:
            rivals = [
                each.set_at
                for each in every
                if (each.group, each.source) == (tag.group, tag.source)
                and (GROUPS[tag.group].cardinality == "one" or each.value == tag.value)
            ]
            assert tag in every
            assert tag.set_at == max(rivals)


def test_what_is_known_of_her_skin_is_sensitive_and_a_redacted_change_keeps_only_that_it_happened() -> (
    None
):
    _, change = with_tag({}, a_tag("skin_type", "dry", minute=1))
    assert change is not None

    hidden = redacted(change)

    assert sensitive_groups() == {"skin_type": "skin_type", "skin_concern": "skin_type"}
    assert (hidden.value, hidden.former, hidden.at, hidden.source) == (None, None, at(1), "self")
    assert a_tag("region", "上海").is_live(NOW)
