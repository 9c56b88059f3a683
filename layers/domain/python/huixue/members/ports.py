"""What members need from the outside: their store, and the ledger's part in a merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from huixue.dynamodb.writes import Write
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.consents import ConsentChange
from huixue.members.model import Member, VerifiedLevel
from huixue.members.tags import TagChange


class LedgerMerge(Protocol):
    """The ledger's offer for a merge: committed in the same transaction, or not at all."""

    def merge_writes(self, merged: MemberId, survivor: MemberId, now: datetime) -> Sequence[Write]:
        """Conditional writes that move `merged`'s points to `survivor`; none where there are none. Raises nothing;
        called again with fresh reads when a condition failed."""
        ...


class MemberRows(Protocol):
    def members(self, member_ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        """Consistently read; ids without a row are left out."""
        ...


class MemberStore(Protocol):
    """Consistent reads; each write is one transaction that raises ConditionFailedError and then wrote nothing."""

    def pointers(self, programme_id: ProgrammeId, refs: Sequence[str]) -> Mapping[str, MemberId]:
        """Which member each identity row points to; rows that are not there are left out."""
        ...

    def members(self, member_ids: Sequence[MemberId]) -> Mapping[MemberId, Member]: ...

    def member(self, member_id: MemberId, *, consistent: bool) -> Member | None:
        """One row, whatever became of her: merged, or a tombstone. 1 RCU, half of it where not consistent."""
        ...

    def create(self, member: Member) -> None:
        """The member and a row for each of her identity refs; fails where one of them exists."""
        ...

    def attach(self, member: Member, *, new_refs: Sequence[str]) -> None:
        """`member` over her previous revision, with rows for the new refs; fails where one of them exists, or she was
        changed or merged meanwhile."""
        ...

    def merge(
        self,
        *,
        gone: Member,
        survivor: Member,
        ref: str,
        pointed_to: MemberId,
        ledger: Sequence[Write],
    ) -> None:
        """`ref`'s row from `pointed_to` to the survivor, `gone` marked as merged into her, `survivor` over her
        previous revisions with what both said, and the ledger's writes. Fails where any of the three changed
        meanwhile, or one of the two said something else of herself."""
        ...

    def forget_values(self, member: Member) -> None:
        """As of `ProfileStore`."""
        ...

    def put_level(self, level: VerifiedLevel) -> None:
        """Writes it unless a newer one is there; then nothing."""
        ...

    def levels(self, member_id: MemberId) -> Sequence[VerifiedLevel]: ...

    def member_with_level(
        self, member_id: MemberId, room_id: str
    ) -> tuple[Member | None, VerifiedLevel | None]:
        """One read of both rows."""
        ...

    def room_levels(
        self, member_ids: Sequence[MemberId], room_id: str
    ) -> Sequence[VerifiedLevel]: ...


class ProfileStore(Protocol):
    """What members say of themselves, and what is known about them."""

    def members(self, member_ids: Sequence[MemberId]) -> Mapping[MemberId, Member]: ...

    def edit(
        self,
        member: Member,
        *,
        tag_changes: Sequence[TagChange],
        consent_changes: Sequence[ConsentChange],
    ) -> None:
        """Profile, tags and consents of `member` over her previous profile revision, with a row of history for each
        change, in one transaction. Raises ConditionFailedError, and then wrote nothing, where they changed meanwhile,
        she merged, was erased, or never was."""
        ...

    def tag_history(self, member_ids: Sequence[MemberId]) -> Sequence[TagChange]:
        """Oldest first, of all of them together."""
        ...

    def consent_history(self, member_ids: Sequence[MemberId]) -> Sequence[ConsentChange]: ...

    def forget_values(self, member: Member) -> None:
        """Removes the values of the groups of `member.to_forget` from her history up to her profile revision, and from
        that of all who merged into her; then `to_forget` itself. May be repeated; not all at once."""
        ...
