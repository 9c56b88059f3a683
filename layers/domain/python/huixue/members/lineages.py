"""All ids of one person: today's, and those of members that became her."""

from __future__ import annotations

from huixue.kernel.errors import MemberErasedError
from huixue.kernel.ids import MemberId
from huixue.members.model import MemberNotFoundError
from huixue.members.ports import MemberStore
from huixue.members.use_cases import living_member


def lineage_of(member_id: MemberId, *, store: MemberStore) -> tuple[MemberId, ...]:
    """Her id as it is today first; an id without a row stands for itself. Raises MemberErasedError,
    BrokenMergeError."""
    try:
        living = living_member(member_id, store=store)
    except MemberNotFoundError:
        row = store.members([member_id]).get(member_id)
        if row is not None and row.erased_at is not None:
            raise MemberErasedError("the member was erased", member_id=member_id) from None
        return (member_id,)
    return (living.member_id, *living.merged_from)
