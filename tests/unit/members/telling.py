"""Short words for tags, consents and edits in tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.consents import Consent, Purpose
from huixue.members.model import Member
from huixue.members.profiles import Decision, ProfileEdit, edited
from huixue.members.tags import Tag, TagSource
from tests.unit.members.signing_in import NOW

YES = Decision(purpose="skin_type", granted=True)
NO = Decision(purpose="skin_type", granted=False)


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def a_tag(
    group: str,
    value: str,
    source: TagSource = "self",
    minute: int = 0,
    expires: int | None = None,
    confidence: int = 100,
) -> Tag:
    return Tag(
        group=group, value=value, source=source, confidence=confidence, set_at=at(minute),
        set_by="tests", expires_at=None if expires is None else at(expires),
    )  # fmt: skip


def consent(
    purpose: Purpose, granted: bool = True, room_id: str | None = None, minute: int = 0
) -> Consent:
    return Consent(purpose=purpose, room_id=room_id, granted=granted, decided_at=at(minute))


def a_member(member_id: str = "m1") -> Member:
    return Member(
        member_id=MemberId(member_id), programme_id=ProgrammeId("demo"), openids={"wx1": "o1"},
        created_at=NOW,
    )  # fmt: skip


def after(*edits: ProfileEdit, of: Member | None = None) -> Member:
    """A member who made these edits, a minute apart."""
    member = of or a_member()
    for minute, edit in enumerate(edits, start=1):
        member = replace(edited(member, edit, at(minute)).member, to_forget=())
    return member
