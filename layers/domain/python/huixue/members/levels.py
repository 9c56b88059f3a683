"""Verified room levels: set by an operator or an import, never by the member herself; only these multiply points."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from huixue.kernel.ids import MemberId
from huixue.members.model import LevelSource, Member, VerifiedLevel, newest_level
from huixue.members.ports import MemberStore
from huixue.members.use_cases import living_member


def set_verified_level(
    member_id: MemberId,
    room_id: str,
    level: str | None,
    source: LevelSource,
    set_by: str,
    now: datetime,
    *,
    store: MemberStore,
) -> VerifiedLevel:
    """Written for the living member behind the id; None withdraws it. May be repeated; an older `now` never
    overwrites a newer one. Whether the room knows the level is the programme's business, asked before.
    Raises MemberNotFoundError, BrokenMergeError.
    """
    member = living_member(member_id, store=store)
    verified = VerifiedLevel(
        member_id=member.member_id,
        room_id=room_id,
        level=level,
        source=source,
        set_by=set_by,
        set_at=now,
    )
    store.put_level(verified)
    return verified


def level_of(member_id: MemberId, room_id: str, *, store: MemberStore) -> str | None:
    """The level that counts for points now, one read for a member that never merged; None: none is verified.

    Rows of members that merged into her count as hers; of several the one set last.
    """
    member, verified = store.member_with_level(member_id, room_id)
    if member is not None and (member.merged_into is not None or member.merged_from):
        living = living_member(member_id, store=store) if member.merged_into else member
        verified = newest_level(store.room_levels(_everyone(living), room_id))
    return verified.level if verified else None


def verified_levels(member_id: MemberId, *, store: MemberStore) -> Mapping[str, VerifiedLevel]:
    """By room, withdrawn ones left out. Raises MemberNotFoundError."""
    living = living_member(member_id, store=store)
    rows = [row for each in _everyone(living) for row in store.levels(each)]
    newest = {
        room_id: newest_level([row for row in rows if row.room_id == room_id])
        for room_id in sorted({row.room_id for row in rows})
    }
    return {room: level for room, level in newest.items() if level and level.level is not None}


def _everyone(member: Member) -> tuple[MemberId, ...]:
    return (member.member_id, *member.merged_from)
