"""Members, levels, and the histories of tags and consents ↔ items; keys as in `layers/domain/README.md`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from huixue.dynamodb.items import Item, Key
from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.consents import (
    PURPOSES,
    Consent,
    ConsentChange,
    Consents,
    Purpose,
    consent_key,
)
from huixue.members.model import Member, Profile, VerifiedLevel
from huixue.members.tags import Tag, TagChange, Tags

TAG_HISTORY, CONSENT_HISTORY = "T#", "K#"
_PURPOSES: Mapping[str, Purpose] = {each: each for each in PURPOSES}


def member_key(member_id: MemberId) -> Key:
    return f"M#{member_id}", "MEMBER"


def level_key(member_id: MemberId, room_id: str) -> Key:
    return f"M#{member_id}", f"LEVEL#{room_id}"


def identity_key(programme_id: ProgrammeId, ref: str) -> Key:
    return f"ID#{programme_id}#{ref}", "IDENTITY"


def tag_change_key(member_id: MemberId, change: TagChange) -> Key:
    """In the order of time. No value is in a key: it may have to be forgotten."""
    place = f"{change.group}#{change.revision:06}.{change.number:02}"
    return f"M#{member_id}", f"{TAG_HISTORY}{to_text(change.at)}#{place}"


def consent_change_key(member_id: MemberId, change: ConsentChange) -> Key:
    purpose = consent_key(change.purpose, change.room_id)
    return f"M#{member_id}", f"{CONSENT_HISTORY}{to_text(change.at)}#{purpose}#{change.revision:06}"


def identity_item(member: Member, ref: str) -> Item:
    pk, sk = identity_key(member.programme_id, ref)
    return {"pk": pk, "sk": sk, "member_id": member.member_id}


def member_item(member: Member) -> Item:
    """What sign-ins write of a new member; profile, tags and consents come with her first edit."""
    pk, sk = member_key(member.member_id)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "member_id": member.member_id,
        "programme_id": member.programme_id,
        "openids": dict(member.openids),
        "unionid": member.unionid,
        "identity_refs": list(member.identity_refs),
        "created_at": to_text(member.created_at),
        "merged_from": list(member.merged_from),
        "revision": member.revision,
    }
    return item if member.merged_into is None else item | {"merged_into": member.merged_into}


def profile_attributes(member: Member) -> Item:
    """The attributes an edit writes, all of them, whole."""
    said = {each.name: getattr(member.profile, each.name) for each in fields(Profile)}
    group_nickname = said.pop("group_nickname")
    return {
        "profile": {name: text for name, text in said.items() if text is not None},
        "group_nickname": group_nickname,
        "tags": {
            group: [_tag_item(each) for each in in_group] for group, in_group in member.tags.items()
        },
        "consents": {
            key: {"granted": each.granted, "at": to_text(each.decided_at)}
            for key, each in member.consents.items()
        },
        "to_forget": list(member.to_forget),
        "profile_revision": member.profile_revision,
    }


def member_of_item(item: Item) -> Member:
    """A tombstone gives a member of whom nothing but ids and `erased_at` is known."""
    merged_into = item.get("merged_into")
    erased_at = item.get("erased_at")
    return Member(
        member_id=MemberId(item["member_id"]),
        programme_id=ProgrammeId(item["programme_id"]),
        openids=item.get("openids", {}),
        unionid=item.get("unionid"),
        identity_refs=tuple(item.get("identity_refs", ())),
        created_at=from_text(item.get("created_at") or item["erased_at"]),
        merged_into=None if merged_into is None else MemberId(merged_into),
        merged_from=tuple(MemberId(each) for each in item.get("merged_from", ())),
        revision=item["revision"],
        profile=Profile(**item.get("profile", {}), group_nickname=item.get("group_nickname")),
        tags=_tags(item.get("tags", {})),
        consents=_consents(item.get("consents", {})),
        profile_revision=item.get("profile_revision", 0),
        to_forget=tuple(item.get("to_forget", ())),
        erased_at=None if erased_at is None else from_text(erased_at),
    )


def tag_change_item(member_id: MemberId, change: TagChange) -> Item:
    pk, sk = tag_change_key(member_id, change)
    return {
        "pk": pk,
        "sk": sk,
        "group": change.group,
        "source": change.source,
        "value": change.value,
        "former": change.former,
        "confidence": change.confidence,
        "expires_at": _text(change.expires_at),
        "at": to_text(change.at),
        "by": change.by,
        "revision": change.revision,
        "number": change.number,
    }


def tag_change_of_item(item: Item) -> TagChange:
    return TagChange(
        group=item["group"],
        source=item["source"],
        value=item["value"],
        former=item["former"],
        confidence=item["confidence"],
        expires_at=_instant(item["expires_at"]),
        at=from_text(item["at"]),
        by=item["by"],
        revision=item["revision"],
        number=item["number"],
    )


def consent_change_item(member_id: MemberId, change: ConsentChange) -> Item:
    pk, sk = consent_change_key(member_id, change)
    return {
        "pk": pk,
        "sk": sk,
        "purpose": change.purpose,
        "room_id": change.room_id,
        "granted": change.granted,
        "at": to_text(change.at),
        "revision": change.revision,
    }


def consent_change_of_item(item: Item) -> ConsentChange:
    return ConsentChange(
        purpose=item["purpose"],
        room_id=item["room_id"],
        granted=item["granted"],
        at=from_text(item["at"]),
        revision=item["revision"],
    )


def level_item(level: VerifiedLevel) -> Item:
    pk, sk = level_key(level.member_id, level.room_id)
    return {
        "pk": pk,
        "sk": sk,
        "member_id": level.member_id,
        "room_id": level.room_id,
        "level": level.level,
        "source": level.source,
        "set_by": level.set_by,
        "set_at": to_text(level.set_at),
    }


def level_of_item(item: Item) -> VerifiedLevel:
    return VerifiedLevel(
        member_id=MemberId(item["member_id"]),
        room_id=item["room_id"],
        level=item["level"],
        source=item["source"],
        set_by=item["set_by"],
        set_at=from_text(item["set_at"]),
    )


def _tag_item(tag: Tag) -> Item:
    return {
        "value": tag.value,
        "source": tag.source,
        "confidence": tag.confidence,
        "set_at": to_text(tag.set_at),
        "set_by": tag.set_by,
        "expires_at": _text(tag.expires_at),
    }


def _tags(content: Mapping[str, Any]) -> Tags:
    return {
        group: tuple(
            Tag(
                group=group,
                value=each["value"],
                source=each["source"],
                confidence=each["confidence"],
                set_at=from_text(each["set_at"]),
                set_by=each["set_by"],
                expires_at=_instant(each["expires_at"]),
            )
            for each in in_group
        )
        for group, in_group in content.items()
    }


def _consents(content: Mapping[str, Any]) -> Consents:
    found: dict[str, Consent] = {}
    for key, each in content.items():
        purpose, _, room_id = key.partition("/")
        found[key] = Consent(
            purpose=_PURPOSES[purpose],
            room_id=room_id or None,
            granted=each["granted"],
            decided_at=from_text(each["at"]),
        )
    return found


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else to_text(instant)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)
