"""Members who were erased, as operators meet them: the day, and that nothing can be done for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from huixue.kernel.errors import MemberErasedError
from huixue.kernel.ids import MemberId
from huixue.members.model import Member
from huixue.members.ports import MemberRows


def erased_on(erased_at: datetime) -> str:
    return f"erased on {erased_at:%Y-%m-%d}"


def erased_among(member_ids: Sequence[MemberId], rows: MemberRows) -> Mapping[MemberId, datetime]:
    """Those of them that were erased, and when."""
    found = rows.members([each for each in member_ids if each])
    return {each: row.erased_at for each, row in found.items() if row.erased_at is not None}


def must_live(member_id: MemberId, rows: MemberRows) -> None:
    """Raises MemberErasedError; who was never there is somebody else's question."""
    for erased_at in erased_among([member_id], rows).values():
        raise MemberErasedError(
            f"she was {erased_on(erased_at)}: nothing can be done for her", member_id=member_id
        )


def erasure_line(member: Member) -> str | None:
    """What stands under her points where she was erased."""
    if member.erased_at is None:
        return None
    return f"{member.member_id} was {erased_on(member.erased_at)}: her points can only expire."
