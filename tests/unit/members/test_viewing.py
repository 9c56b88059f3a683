"""Whom content addresses: what counts now, as far as she allows it."""

from __future__ import annotations

from dataclasses import replace

from huixue.members.model import UNDISCLOSED
from huixue.members.profiles import Decision, ProfileEdit
from huixue.members.tags import live_tags
from huixue.members.viewing import addressed_by, viewer_tags
from tests.unit.members.telling import NO, YES, a_tag, after, at


def test_content_is_chosen_by_what_counts_now_and_by_what_she_allows() -> None:
    tags = {
        "region": (a_tag("region", "北京", "operator", expires=5), a_tag("region", "上海")),
        "skin_type": (a_tag("skin_type", "dry"),),
        "interests": (a_tag("interests", "toner"), a_tag("interests", "lipstick")),
    }
    member = replace(after(ProfileEdit(decisions=(YES, replace(NO, room_id="guest")))), tags=tags)
    everything = {
        "region": {"北京"}, "skin_type": {"dry"}, "interests": {"toner", "lipstick"},
    }  # fmt: skip

    assert viewer_tags(member, at(1)) == everything
    assert viewer_tags(member, at(5))["region"] == {"上海"}
    assert "skin_type" not in viewer_tags(member, at(1), room_id="guest")
    declined = after(
        ProfileEdit(decisions=(Decision(purpose="recommendation", granted=False),)), of=member
    )
    assert viewer_tags(declined, at(1)) == {}
    assert "region" in live_tags(declined.tags, at(1))


def test_a_group_nickname_is_read_below_her_own_word_and_her_skin_only_with_consent() -> None:
    named = ProfileEdit(group_nickname="广州-干敏皮")

    unasked = after(named)
    allowed = after(ProfileEdit(group_nickname="广州-干敏皮", decisions=(YES,)), of=unasked)
    spoken = after(ProfileEdit(region="上海", skin_type="oily"), of=allowed)
    renamed = after(ProfileEdit(group_nickname="小美"), of=spoken)

    assert viewer_tags(unasked, at(9)) == {"region": {"广东/广州", "广东"}}
    assert viewer_tags(allowed, at(9)) == {
        "region": {"广东/广州", "广东"}, "skin_type": {"dry", "sensitive"},
        "skin_concern": {"sensitive"},
    }  # fmt: skip
    assert viewer_tags(spoken, at(9)) == {
        "region": {"上海"}, "skin_type": {"oily", "sensitive"}, "skin_concern": {"sensitive"},
    }  # fmt: skip
    assert viewer_tags(renamed, at(9)) == {"region": {"上海"}, "skin_type": {"oily"}}
    quiet = after(ProfileEdit(skin_type=UNDISCLOSED), of=allowed)
    assert set(viewer_tags(quiet, at(9))) == {"region"}


def test_whom_a_preview_names_is_found_like_a_member() -> None:
    named = {"region": frozenset({"广东/深圳"}), "skin_concern": frozenset({"sensitive"})}

    found = addressed_by(named)

    assert found == {
        "region": {"广东/深圳", "广东"}, "skin_concern": {"sensitive"}, "skin_type": {"sensitive"},
    }  # fmt: skip
    assert addressed_by(found) == found
