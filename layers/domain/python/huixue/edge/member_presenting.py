"""Members ↔ the shapes of `member_wire.py`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
from msgspec import UnsetType

from huixue.edge import member_wire
from huixue.edge.api import Answer, repeated
from huixue.edge.presenting import local
from huixue.edge.problems import FieldsInvalidError
from huixue.kernel.calendar import business_date
from huixue.members.convention import region_of
from huixue.members.model import Member
from huixue.members.profiles import (
    MAX_GROUP_NAME_CHARS,
    MAX_NAME_CHARS,
    Decision,
    ProfileEdit,
    Text,
    clean_text,
    is_complete,
)
from huixue.members.tags import live_tags


def me(member: Member, now: datetime) -> member_wire.Me:
    tags = live_tags(member.tags, now)
    return member_wire.Me(
        member_id=member.member_id,
        nickname=member.profile.nickname,
        region=member.profile.region,
        skin_type=msgspec.convert(member.profile.skin_type, member_wire.SkinType | None),
        group_nickname=member.profile.group_nickname,
        tags=[
            member_wire.Tag(
                group=each.group, value=each.value, source=each.source,
                confidence=each.confidence, set_at=local(each.set_at),
                expires_at=local(each.expires_at) if each.expires_at is not None else None,
            )
            for group in sorted(tags)
            for each in tags[group]
        ],
        consents=[
            member_wire.ConsentState(
                purpose=each.purpose, room_id=each.room_id, granted=each.granted,
                decided_at=local(each.decided_at),
            )
            for _, each in sorted(member.consents.items())
        ],
        profile_complete=is_complete(member, now),
        joined_on=business_date(member.created_at) if member.revision else None,
    )  # fmt: skip


def edited(member: Member, before: Member, asked: member_wire.MeRequest, now: datetime) -> Answer:
    """200, with Idempotency-Hit where her edit changed nothing of what `before` says. A group nickname that is not
    kept as she wrote it, because it may tell of her skin, is no repeat: the answer says something else than she did."""
    body = me(member, now)
    name = asked.group_nickname
    is_kept = not isinstance(name, str) or name.strip() == body.group_nickname
    if is_kept and member.profile_revision == before.profile_revision:
        return repeated(body)
    return Answer(status=200, body=body)


def edit_of(
    body: member_wire.MeRequest, room_ids: Collection[str], former_room_ids: Collection[str] = ()
) -> ProfileEdit:
    """The edit she asks for; of `former_room_ids` she may withdraw what she once allowed. Raises FieldsInvalidError
    naming every field that holds no text to show, a region that is none, a room that the programme does not have, or
    two words about one purpose."""
    bad: list[str] = []
    texts: dict[str, Text] = {}
    for name, max_chars in _TEXTS.items():
        given: Text = getattr(body, name)
        cleaned = clean_text(given, max_chars) if isinstance(given, str) else given
        if name == "region" and isinstance(cleaned, str):
            cleaned = region_of(cleaned)
        if isinstance(given, str) and cleaned is None:
            bad.append(f"/{name}")
        texts[name] = cleaned
    asked = [] if isinstance(body.consents, UnsetType) else body.consents
    places = [(each.purpose, each.room_id) for each in asked]
    unknown = {each for each in asked if each.room_id not in {None, *room_ids}}
    is_known = all(not each.granted and each.room_id in former_room_ids for each in unknown)
    if len(set(places)) < len(places) or not is_known:
        bad.append("/consents")
    if bad:
        raise FieldsInvalidError([(pointer, "INVALID") for pointer in bad])
    return ProfileEdit(
        nickname=texts["nickname"],
        region=texts["region"],
        skin_type=body.skin_type,
        group_nickname=texts["group_nickname"],
        decisions=tuple(
            Decision(purpose=each.purpose, room_id=each.room_id, granted=each.granted)
            for each in asked
        ),
    )


def rooms_named(body: member_wire.MeRequest) -> set[str]:
    """By its consents: of them the programme has to be asked."""
    asked = [] if isinstance(body.consents, UnsetType) else body.consents
    return {each.room_id for each in asked if each.room_id is not None}


_TEXTS = {
    "nickname": MAX_NAME_CHARS, "region": MAX_NAME_CHARS, "group_nickname": MAX_GROUP_NAME_CHARS,
}  # fmt: skip
