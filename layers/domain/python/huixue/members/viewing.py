"""Whom content may address: a member's tags as far as she allows it. Pure; apart from profiles, so that whoever shows a
page does not load the parser of nicknames."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from huixue.members.consents import decided, granted
from huixue.members.model import Member
from huixue.members.tags import GROUPS, live_tags


def viewer_tags(
    member: Member, now: datetime, *, room_id: str | None = None
) -> Mapping[str, frozenset[str]]:
    """By which content may be chosen for her now: group → values; with a region its province, with her skin type what
    troubles it. Nothing where she declined recommendations; of sensitive groups only what she allows, in `room_id`
    where one is named."""
    if decided(member.consents, "recommendation", room_id) is False:
        return {}
    found = {
        group: frozenset(each.value for each in in_group)
        for group, in_group in live_tags(member.tags, now).items()
        if (purpose := GROUPS[group].consent) is None or granted(member.consents, purpose, room_id)
    }
    return addressed_by(found)


def addressed_by(tags: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    """What content finds somebody by who has these tags: with a region its province, with her skin type what troubles
    it. May be repeated."""
    found = dict(tags)
    if "region" in found:
        found["region"] |= {region.partition("/")[0] for region in found["region"]}
    if "skin_concern" in found:
        found["skin_type"] = found.get("skin_type", frozenset()) | found["skin_concern"]
    return found
