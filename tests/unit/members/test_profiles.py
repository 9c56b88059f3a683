"""Edits as a pure function: what stays, what is cleared, what a consent allows to keep and who is addressed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from huixue.members.consents import PURPOSES, ConsentRequiredError
from huixue.members.model import UNDISCLOSED, Member, Profile, merged
from huixue.members.profiles import (
    Decision,
    ProfileEdit,
    clean_text,
    edited,
    is_complete,
)
from huixue.members.tags import SKIN_TYPES
from huixue.members.use_cases import identity_refs
from tests.unit.members.signing_in import HASHES, identity
from tests.unit.members.telling import NO, YES, a_member, a_tag, after, at

SKIN_GROUPS = ("skin_type", "skin_concern")
TEXTS = st.sampled_from([UNSET, None, "小美", "阿丽"])
GROUP_NICKNAMES = st.sampled_from([UNSET, None, "小美", "上海+干敏皮", "广州-油痘", "敏感肌"])
EDITS = st.builds(
    ProfileEdit,
    nickname=TEXTS,
    region=TEXTS,
    skin_type=st.sampled_from([UNSET, None, UNDISCLOSED, *SKIN_TYPES]),
    group_nickname=GROUP_NICKNAMES,
    decisions=st.lists(
        st.builds(
            Decision,
            purpose=st.sampled_from(PURPOSES),
            room_id=st.sampled_from([None, "main"]),
            granted=st.booleans(),
        ),
        max_size=3,
        unique_by=lambda each: (each.purpose, each.room_id),
    ).map(tuple),
)


def test_absent_fields_stay_and_null_clears_one() -> None:
    member = after(ProfileEdit(nickname="小美", region="上海"), ProfileEdit(region=None))

    assert member.profile == Profile(nickname="小美")
    assert member.tags == {}
    assert member.profile_revision == 2


def test_what_she_says_becomes_a_tag_of_hers() -> None:
    found = edited(a_member(), ProfileEdit(region="上海"), at(1))

    (tag,) = found.member.tags["region"]
    assert (tag.value, tag.source, tag.confidence, tag.set_at) == ("上海", "self", 100, at(1))
    assert [(each.group, each.value, each.revision) for each in found.tag_changes] == [
        ("region", "上海", 1)
    ]


def test_a_skin_type_without_consent_is_refused_whole() -> None:
    with pytest.raises(ConsentRequiredError) as refused:
        edited(a_member(), ProfileEdit(nickname="小美", skin_type="dry"), at(1))

    assert refused.value.facts["purpose"] == "skin_type"


@pytest.mark.parametrize("decisions", [(YES,), (replace(YES, room_id="main"),)])
def test_consent_may_come_in_the_same_edit(decisions: tuple[Decision, ...]) -> None:
    member = after(ProfileEdit(skin_type="dry", decisions=decisions))

    assert member.profile.skin_type == "dry"
    assert [tag.value for tag in member.tags["skin_type"]] == ["dry"]


def test_withdrawing_removes_every_word_about_it_and_what_is_written_of_that_says_no_value() -> (
    None
):
    before = after(ProfileEdit(skin_type="dry", region="上海", decisions=(YES,)))
    import_says = a_tag("skin_type", "oily", "import")
    before = replace(
        before, tags={**before.tags, "skin_type": (*before.tags["skin_type"], import_says)}
    )

    found = edited(before, ProfileEdit(decisions=(NO,)), at(9))

    assert found.member.profile.skin_type is None
    assert sorted(found.member.tags) == ["region"]
    assert found.member.to_forget == SKIN_GROUPS
    assert {(each.source, each.value, each.former) for each in found.tag_changes} == {
        ("self", None, None), ("import", None, None),
    }  # fmt: skip


def test_what_was_cleared_before_the_withdrawal_is_forgotten_too() -> None:
    before = after(ProfileEdit(skin_type="dry", decisions=(YES,)), ProfileEdit(skin_type=None))

    assert edited(before, ProfileEdit(decisions=(NO,)), at(9)).member.to_forget == SKIN_GROUPS


def test_her_wish_not_to_say_needs_no_consent_and_outlives_a_withdrawal() -> None:
    said = after(ProfileEdit(skin_type="dry", decisions=(YES,)), ProfileEdit(skin_type=UNDISCLOSED))

    withdrawn = after(ProfileEdit(decisions=(NO,)), of=said)

    assert "skin_type" not in said.tags
    assert withdrawn.profile.skin_type == UNDISCLOSED
    assert after(ProfileEdit(skin_type=UNDISCLOSED)).profile.skin_type == UNDISCLOSED


@given(st.lists(EDITS, max_size=5), EDITS)
def test_an_edit_again_changes_nothing(before: list[ProfileEdit], edit: ProfileEdit) -> None:
    member = a_member()
    for minute, each in enumerate([*before, edit]):
        try:
            member = edited(member, each, at(minute)).member
        except ConsentRequiredError:
            return

    again = edited(member, edit, at(99))

    assert again.member is member
    assert (again.tag_changes, again.consent_changes) == ((), ())


@given(st.lists(EDITS, max_size=6))
def test_without_a_consent_nothing_of_her_skin_is_kept_or_written(edits: list[ProfileEdit]) -> None:
    member = a_member()
    for minute, edit in enumerate(edits):
        try:
            found = edited(member, edit, at(minute))
        except ConsentRequiredError:
            continue
        allowed = any(
            each.granted for each in found.member.consents.values() if each.purpose == "skin_type"
        )
        skin = [each for each in found.tag_changes if each.group in SKIN_GROUPS]
        assert allowed or all(each.value is each.former is None for each in skin)
        assert allowed or not {*SKIN_GROUPS} & set(found.member.tags)
        assert allowed or found.member.profile.skin_type in (None, UNDISCLOSED)
        member = found.member


@pytest.mark.parametrize(
    ("edit", "complete"),
    [
        (ProfileEdit(), False),
        (ProfileEdit(nickname="小美", region="上海"), False),
        (ProfileEdit(nickname="小美", region="上海", skin_type=UNDISCLOSED), True),
        (ProfileEdit(nickname="小美", region="上海", skin_type="dry", decisions=(YES,)), True),
        (ProfileEdit(region="上海", skin_type=UNDISCLOSED), False),
        (ProfileEdit(nickname="小美", skin_type=UNDISCLOSED), False),
    ],
)
def test_a_profile_is_complete_with_a_name_a_region_and_a_word_about_skin(
    edit: ProfileEdit, complete: bool
) -> None:
    assert is_complete(after(edit), at(9)) is complete


def test_what_others_told_is_not_asked_again() -> None:
    member = after(ProfileEdit(nickname="小美", skin_type=UNDISCLOSED))
    member = replace(member, tags={"region": (a_tag("region", "上海", "operator", expires=5),)})

    assert is_complete(member, at(4))
    assert not is_complete(member, at(5))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  小美 ", "小美"), ("👩‍🔬", "👩‍🔬"), ("a" * 32, "a" * 32), ("a" * 33, None), ("", None),
        (" \u3000", None), ("a\nb", None), ("a\u202eb", None), ("\u200d", None), ("a\u2028b", None),
        ("\u0301", None), ("😀" * 32, "😀" * 32), ("a\x7f", None),
    ],
)  # fmt: skip
def test_names_are_trimmed_and_hold_what_shows(text: str, kept: str | None) -> None:
    assert clean_text(text) == kept


def test_two_concerns_are_two_changes_of_one_revision() -> None:
    found = edited(a_member(), ProfileEdit(group_nickname="痘敏", decisions=(YES,)), at(1))

    assert [(each.value, each.revision, each.number) for each in found.tag_changes] == [
        ("acne_prone", 1, 0), ("sensitive", 1, 1),
    ]  # fmt: skip


def test_of_two_members_that_are_one_the_newer_no_holds_for_the_words_of_both() -> None:
    refs = identity_refs(identity("o1", "u"), HASHES)
    consenting = after(ProfileEdit(nickname="小美", skin_type="dry", decisions=(YES,)))
    declining = after(
        ProfileEdit(region="上海"), ProfileEdit(decisions=(YES,)), ProfileEdit(decisions=(NO,)),
        of=a_member("m2"),
    )  # fmt: skip

    both = merged(declining, consenting, identity("o1", "u"), refs)

    assert both.profile == Profile(nickname="小美", region="上海")
    assert sorted(both.tags) == ["region"]
    assert both.to_forget == SKIN_GROUPS
    assert both.profile_revision == consenting.profile_revision + 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("上海+干皮", "上海"), ("广州干敏皮", "广州"), ("干皮星人", None), ("上海-不是油皮", "上海"),
        ("老家四川现居北京-油皮", "北京"), ("上海+小美", "上海+小美"), ("小美", "小美"),
        ("美" * 70 + "干皮", None),
    ],
)  # fmt: skip
def test_without_consent_a_group_nickname_keeps_no_word_about_her_skin(
    said: str, kept: str | None
) -> None:
    never = after(ProfileEdit(group_nickname=said))
    withdrawn = after(
        ProfileEdit(group_nickname=said, decisions=(YES,)), ProfileEdit(decisions=(NO,))
    )

    assert never.profile.group_nickname == kept
    assert withdrawn.profile == never.profile
    assert set(never.tags) == set(withdrawn.tags) <= {"region"}
    again = edited(never, ProfileEdit(group_nickname=said), at(9)).member
    assert again is never


def test_a_later_consent_brings_nothing_back_by_itself() -> None:
    member = after(
        ProfileEdit(group_nickname="上海+干皮", decisions=(YES,)),
        ProfileEdit(decisions=(NO,)),
        ProfileEdit(decisions=(YES,)),
    )

    assert member.profile.group_nickname == "上海"
    assert set(member.tags) == {"region"}


def test_of_two_that_are_one_no_group_nickname_stays_that_one_of_them_allowed_and_both_do_not() -> (
    None
):
    gone = after(ProfileEdit(group_nickname="上海+干皮", decisions=(YES,)), of=a_member("m0"))
    refused = after(
        *[ProfileEdit()] * 5, ProfileEdit(decisions=(YES,)), ProfileEdit(decisions=(NO,))
    )
    plain = after(ProfileEdit(group_nickname="小美"), of=a_member("m2"))

    def one_of(other: Member) -> Member:
        who = identity("o1", "u")
        return merged(gone, other, who, identity_refs(who, HASHES))

    assert one_of(refused).profile.group_nickname is None
    assert one_of(replace(refused, profile=plain.profile)).profile.group_nickname == "小美"
    assert one_of(plain).profile.group_nickname == "小美"
    assert one_of(a_member("m3")).profile.group_nickname == "上海+干皮"
