"""Only a yes is a yes, a room's word goes before the programme's, and of two members' words the newer counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.members.consents import (
    PURPOSES,
    Consent,
    decided,
    granted,
    granted_anywhere,
    joined_consents,
    with_decisions,
)
from tests.unit.members.telling import at, consent

DECISIONS = st.builds(
    consent,
    st.sampled_from(PURPOSES),
    st.booleans(),
    st.none() | st.sampled_from(["main", "guest"]),
    st.integers(0, 9),
)


def test_never_asked_is_no_consent() -> None:
    assert decided({}, "marketing") is None
    assert not granted({}, "marketing")


@pytest.mark.parametrize("general", [True, False])
def test_her_word_for_a_room_goes_before_her_word_for_all(general: bool) -> None:
    consents, _ = with_decisions(
        {}, [consent("marketing", general), consent("marketing", not general, "main")]
    )

    assert granted(consents, "marketing", "main") is not general
    assert granted(consents, "marketing", "guest") is general
    assert granted(consents, "marketing") is general
    assert granted_anywhere(consents, "marketing")
    assert not granted_anywhere(consents, "skin_type")


def test_a_decision_that_stands_already_is_no_change() -> None:
    before, first = with_decisions({}, [consent("marketing", minute=1)])

    again, none = with_decisions(before, [consent("marketing", minute=2)])
    withdrawn, second = with_decisions(before, [consent("marketing", False, minute=3)])

    assert again == before
    assert none == []
    assert [(each.granted, each.at) for each in (*first, *second)] == [
        (True, at(1)), (False, at(3)),
    ]  # fmt: skip
    assert not granted(withdrawn, "marketing")


@given(st.lists(DECISIONS, max_size=6), st.lists(DECISIONS, max_size=6))
def test_joining_takes_the_newer_word_and_at_the_same_instant_the_no(
    mine: list[Consent], others: list[Consent]
) -> None:
    one, other = ({each.key: each for each in said} for said in (mine, others))

    both = joined_consents(one, other)

    assert both == joined_consents(other, one)
    for key, each in both.items():
        said = [of[key] for of in (one, other) if key in of]
        newest = max(word.decided_at for word in said)
        hers = all(word.granted for word in said if word.decided_at == newest)
        whole = both.get(each.purpose)
        if hers and whole is not None and not whole.granted and whole.decided_at > newest:
            hers, newest = False, whole.decided_at  # she ended it for the whole programme since
        assert (each.granted, each.decided_at) == (hers, newest)


def test_a_no_for_the_programme_is_one_for_every_room_and_each_is_recorded() -> None:
    before, _ = with_decisions(
        {},
        [
            consent("marketing"), consent("marketing", room_id="main"),
            consent("marketing", room_id="guest"), consent("skin_type", room_id="main"),
        ],
    )  # fmt: skip

    withdrawn, changes = with_decisions(before, [consent("marketing", False, minute=2)])

    assert not granted_anywhere(withdrawn, "marketing")
    assert granted(withdrawn, "skin_type", "main")
    assert [(each.purpose, each.room_id, each.granted, each.at) for each in changes] == [
        ("marketing", None, False, at(2)), ("marketing", "guest", False, at(2)),
        ("marketing", "main", False, at(2)),
    ]  # fmt: skip
    assert with_decisions(withdrawn, [consent("marketing", False, minute=3)]) == (withdrawn, [])


def test_what_she_says_of_a_room_in_the_same_breath_is_an_exception() -> None:
    before, _ = with_decisions({}, [consent("marketing", room_id="main")])
    both = [consent("marketing", False, minute=1), consent("marketing", True, "main", minute=1)]

    after, changes = with_decisions(before, both)

    assert granted(after, "marketing", "main")
    assert [each.room_id for each in changes] == [None]
    assert joined_consents(after, {}) == after
