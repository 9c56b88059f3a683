"""Edits and tags on the store: history, races, merges, and forgetting what a consent no longer covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest

from huixue.kernel.errors import ContentionError, UnavailableError
from huixue.kernel.ids import MemberId
from huixue.members.consents import ConsentRequiredError
from huixue.members.editing import (
    MAX_EDIT_TRIES,
    TagRefusedError,
    edit_profile,
    history,
    remove_tag,
    set_tag,
    tag_value,
)
from huixue.members.model import Member, MemberNotFoundError, Profile
from huixue.members.profiles import ProfileEdit
from huixue.members.tags import Tag, live_tags
from tests.unit.members.fakes import FakeMembers
from tests.unit.members.signing_in import NOW, Door, identity
from tests.unit.members.telling import NO, YES, a_tag, at

ANNA = MemberId("m1")


@pytest.fixture
def store() -> FakeMembers:
    members = FakeMembers()
    Door(members).sign_in(identity("o1"))
    return members


def edit(store: FakeMembers, asked: ProfileEdit, minute: int, member_id: MemberId = ANNA) -> Member:
    return edit_profile(member_id, asked, at(minute), store=store)


def said(store: FakeMembers, tag: Tag) -> Member:
    return set_tag(ANNA, tag, store=store)


def counting(member: Member, group: str, now: datetime = NOW) -> list[str]:
    return [tag.value for tag in live_tags(member.tags, now).get(group, ())]


def test_an_operators_tag_is_not_overwritten_by_a_lower_source_and_all_changes_are_readable(
    store: FakeMembers,
) -> None:
    edit(store, ProfileEdit(region="上海"), 1)
    said(store, a_tag("region", "北京", "operator", 2))

    member = edit(store, ProfileEdit(region="广东"), 3)

    assert counting(member, "region") == ["北京"]
    assert member.profile.region == "广东"
    rows = history(member, store=store).tags
    assert [(each.source, each.former, each.value) for each in rows] == [
        ("self", None, "上海"), ("operator", None, "北京"), ("self", "上海", "广东"),
    ]  # fmt: skip
    assert [each.revision for each in rows] == [1, 2, 3]


def test_a_second_skin_type_replaces_and_records_the_first(store: FakeMembers) -> None:
    edit(store, ProfileEdit(skin_type="dry", decisions=(YES,)), 1)

    member = edit(store, ProfileEdit(skin_type="oily"), 2)

    assert counting(member, "skin_type") == ["oily"]
    assert [(each.former, each.value) for each in history(member, store=store).tags] == [
        (None, "dry"), ("dry", "oily"),
    ]  # fmt: skip


def test_withdrawing_consent_removes_tag_and_values_and_leaves_the_rest(store: FakeMembers) -> None:
    edit(store, ProfileEdit(region="上海", skin_type="dry", decisions=(YES,)), 1)

    member = edit(store, ProfileEdit(decisions=(NO,)), 2)

    assert counting(member, "skin_type") == []
    assert counting(member, "region") == ["上海"]
    assert member.to_forget == store.by_id[ANNA].to_forget == ()
    skin = [row for row in store.tag_rows[ANNA] if row.group == "skin_type"]
    assert len(skin) == 2
    assert all(row.value is row.former is None for row in skin)
    consents = history(member, store=store).consents
    assert [(each.purpose, each.granted) for each in consents] == [
        ("skin_type", True), ("skin_type", False),
    ]  # fmt: skip


class Dying(FakeMembers):
    """Does not live to forget."""

    forgets = False

    def forget_values(self, member: Member) -> None:
        if not self.forgets:
            raise UnavailableError("gone")
        super().forget_values(member)


def test_dying_before_the_values_are_forgotten_hides_them_and_the_next_edit_forgets_them() -> None:
    store = Dying()
    Door(store).sign_in(identity("o1"))
    edit(store, ProfileEdit(skin_type="dry", decisions=(YES,)), 1)
    with pytest.raises(UnavailableError):
        edit(store, ProfileEdit(decisions=(NO,)), 2)

    stored = store.by_id[ANNA]
    shown = history(stored, store=store).tags
    store.forgets = True
    again = edit(store, ProfileEdit(decisions=(NO,)), 3)

    assert stored.to_forget == ("skin_type", "skin_concern")
    assert all(row.value is row.former is None for row in shown)
    assert again.profile_revision == 2
    assert all(row.value is None for row in store.tag_rows[ANNA])


def test_the_same_edit_again_writes_nothing(store: FakeMembers) -> None:
    asked = ProfileEdit(nickname="小美", region="上海", skin_type="dry", decisions=(YES,))
    first = edit(store, asked, 1)
    writes = store.writes

    again = edit(store, asked, 2)

    assert again == first
    assert store.writes == writes


def test_an_edit_that_loses_is_decided_again_over_what_the_other_one_left(
    store: FakeMembers,
) -> None:
    store.before_write = [partial(edit, store, ProfileEdit(nickname="阿丽", region="北京"), 1)]

    member = edit(store, ProfileEdit(nickname="小美"), 2)

    assert member.profile == Profile(nickname="小美", region="北京")
    assert member.profile_revision == 2


def test_an_edit_that_always_loses_gives_up_and_wrote_nothing(store: FakeMembers) -> None:
    others = [ProfileEdit(region=f"{n}") for n in range(MAX_EDIT_TRIES)]

    def lose(turn: int) -> None:
        if turn < MAX_EDIT_TRIES:
            store.before_write.insert(0, lambda: None)
            edit(store, others[turn], turn)
            store.before_write.append(lambda: lose(turn + 1))

    store.before_write = [lambda: lose(0)]

    with pytest.raises(ContentionError):
        edit(store, ProfileEdit(nickname="小美"), 99)

    assert store.by_id[ANNA].profile.nickname is None


def test_an_edit_meets_a_merge_and_lands_on_the_survivor(store: FakeMembers) -> None:
    door = Door(store, now=NOW)
    survivor = door.sign_in(identity("o2", "u", app_id="wx2")).member_id
    edit(store, ProfileEdit(region="上海"), 1, survivor)
    edit(store, ProfileEdit(nickname="小美", region="北京"), 2)
    store.before_write = [partial(door.sign_in, identity("o1", "u"))]

    member = edit(store, ProfileEdit(nickname="阿丽"), 3)

    assert member.member_id == survivor
    assert member.profile == Profile(nickname="阿丽", region="上海")
    assert counting(member, "region") == ["北京"]  # of the same source, the newer word
    assert len(history(member, store=store).tags) == 2
    gone = store.by_id[ANNA]
    assert (gone.profile, gone.tags, gone.consents) == (Profile(), {}, {})


def test_a_merge_that_meets_an_edit_takes_it_along(store: FakeMembers) -> None:
    door = Door(store)
    survivor = door.sign_in(identity("o2", "u", app_id="wx2")).member_id
    store.before_write = [partial(edit, store, ProfileEdit(nickname="小美"), 1)]

    door.sign_in(identity("o1", "u"))

    assert store.by_id[survivor].profile.nickname == "小美"


@pytest.mark.parametrize("state", ["never was", "erased"])
def test_nobody_can_be_edited_or_tagged(store: FakeMembers, state: str) -> None:
    member_id = MemberId("m9")
    if state == "erased":
        store.by_id[member_id] = replace(store.by_id[ANNA], member_id=member_id, erased_at=NOW)

    with pytest.raises(MemberNotFoundError):
        edit(store, ProfileEdit(nickname="小美"), 1, member_id)
    with pytest.raises(MemberNotFoundError):
        remove_tag(member_id, "region", "上海", set_by="ann", now=NOW, store=store)


def test_an_operator_sets_no_sensitive_tag_without_her_consent(store: FakeMembers) -> None:
    with pytest.raises(ConsentRequiredError):
        said(store, a_tag("skin_type", "dry", "operator"))

    edit(store, ProfileEdit(decisions=(YES,)), 1)
    assert counting(said(store, a_tag("skin_type", "dry", "operator", 2)), "skin_type") == ["dry"]


def test_taking_a_tag_away_takes_it_from_every_source_and_is_repeatable(store: FakeMembers) -> None:
    edit(store, ProfileEdit(region="上海"), 1)
    said(store, a_tag("region", "上海", "operator", 2))

    gone = remove_tag(ANNA, "region", "上海", set_by="ann", now=at(3), store=store)
    again = remove_tag(ANNA, "region", "上海", set_by="ann", now=at(4), store=store)

    assert counting(gone, "region") == []
    assert gone.profile.region == "上海"
    assert again == gone
    rows = history(gone, store=store).tags[2:]
    assert {(each.source, each.former, each.value, each.by) for each in rows} == {
        ("self", "上海", None, "ann"), ("operator", "上海", None, "ann"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("group", "text"),
    [("shoe_size", "38"), ("skin_type", "green"), ("region", " "), ("interests", "a\nb"),
     ("interests", "x" * 33)],
)  # fmt: skip
def test_what_is_no_tag_is_refused_with_what_there_is(group: str, text: str) -> None:
    with pytest.raises(TagRefusedError) as refused:
        tag_value(group, text)

    has_list = group in {"shoe_size", "skin_type"}
    assert refused.value.facts.get("known", "none") == "none" or has_list
    assert ("known" in refused.value.facts) == has_list
    assert ("only " if group == "shoe_size" else "it must be ") in refused.value.message
    assert tag_value("interests", " lipstick ") == "lipstick"
