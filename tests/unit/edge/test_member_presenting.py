"""Bodies → edits, members → answers."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from huixue.edge.member_presenting import edit_of, me, rooms_named
from huixue.edge.member_wire import ConsentDecision, MeRequest
from huixue.edge.problems import FieldsInvalidError
from huixue.members.profiles import Decision, ProfileEdit
from tests.unit.members.telling import YES, a_member, after, at

MAIN = ConsentDecision(purpose="marketing", room_id="main", granted=True)


def test_a_body_becomes_an_edit_of_what_it_names_alone() -> None:
    body = MeRequest(nickname=" 小美 ", region=None, consents=[MAIN])

    edit = edit_of(body, ["main"])

    assert edit == ProfileEdit(
        nickname="小美", region=None,
        decisions=(Decision(purpose="marketing", room_id="main", granted=True),),
    )  # fmt: skip
    assert edit.group_nickname is UNSET


def test_a_programme_is_asked_for_its_rooms_only_where_one_is_named() -> None:
    general = ConsentDecision(purpose="marketing", granted=True)

    assert rooms_named(MeRequest(consents=[general, MAIN]))
    assert not rooms_named(MeRequest(consents=[general]))
    assert not rooms_named(MeRequest())


def test_everything_that_is_wrong_is_named() -> None:
    body = MeRequest(nickname=" ", region="\u202e", group_nickname="\n", consents=[MAIN])

    with pytest.raises(FieldsInvalidError) as refused:
        edit_of(body, ["guest"])

    assert [pointer for pointer, _ in refused.value.fields] == [
        "/nickname", "/region", "/group_nickname", "/consents",
    ]  # fmt: skip


def test_an_answer_shows_local_times_and_no_tag_that_ended() -> None:
    member = after(ProfileEdit(region="上海", skin_type="dry", decisions=(YES,)))

    shown = me(member, at(9))

    assert [(tag.group, tag.set_at.isoformat()) for tag in shown.tags] == [
        ("region", "2026-11-20T12:01:00+08:00"), ("skin_type", "2026-11-20T12:01:00+08:00"),
    ]  # fmt: skip
    assert shown.consents[0].decided_at.isoformat() == "2026-11-20T12:01:00+08:00"
    assert str(shown.joined_on) == "2026-11-20"
    assert me(a_member(), at(0)).tags == []


def test_what_she_allowed_a_room_that_is_no_more_she_may_withdraw_and_only_that() -> None:
    no = ConsentDecision(purpose="marketing", room_id="main", granted=False)

    edit = edit_of(MeRequest(consents=[no]), ["guest"], ["main"])

    assert edit.decisions == (Decision(purpose="marketing", room_id="main", granted=False),)
    for refused, former in ((MAIN, ["main"]), (no, [])):
        with pytest.raises(FieldsInvalidError):
            edit_of(MeRequest(consents=[refused]), ["guest"], former)
