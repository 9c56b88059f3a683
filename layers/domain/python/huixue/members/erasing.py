"""Erasing a member: of all her ids only tombstones stay, in one transaction with every row that leads to her and with
the marks on her accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from huixue.dynamodb.writes import ConditionFailedError, Write
from huixue.kernel.errors import ContentionError, MemberErasedError
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.model import MAX_MERGES_FOLLOWED, BrokenMergeError, Member

MAX_ROUNDS = 8
"""A condition fails only because she signed in, or got her first points, at the same moment."""


class ErasureStore(Protocol):
    def rows(self, member_ids: Sequence[MemberId]) -> Sequence[Member]:
        """Consistent; tombstones too."""
        ...

    def bury(
        self, living: Member, merged: Sequence[MemberId], now: datetime, *, ledger: Sequence[Write]
    ) -> None:
        """Tombstones over her row, which must be as it was read (revision 0: absent), and over those of members merged
        into her; no row points to her any more; and the ledger's writes. One transaction; raises ConditionFailedError
        and wrote nothing."""
        ...

    def remove(self, member_ids: Sequence[MemberId]) -> Counter[str]:
        """Whatever else lies in their partitions; how many of each kind. May be repeated."""
        ...


class LedgerErasure(Protocol):
    """The ledger's offer for an erasure: committed in the same transaction, or not at all."""

    def erase_writes(self, member_ids: Sequence[MemberId], now: datetime) -> Sequence[Write]:
        """Conditional writes, one at most for each account, after which nothing is posted for her. Called again with
        fresh reads when a condition failed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    member_ids: tuple[MemberId, ...]
    """Her living id first, then those of members that became her."""
    erased_at: datetime
    identities: int
    """Rows that led from her WeChat identities to her."""


def erase_member(
    member_id: MemberId, programme_id: ProgrammeId, *, store: ErasureStore,
    ledger: LedgerErasure, now: datetime, announce: Callable[[tuple[MemberId, ...]], None],
) -> Erased:  # fmt: skip
    """From its return on she is nobody: no identity leads to her, her sessions are dead, and nothing is posted for her.

    `announce` is called with all her ids before each attempt: whatever happens afterwards, somebody will come and find
    out which of them are tombstones. A sign-in at the same moment comes before (its changes go too) or after (it makes
    a new member). Raises MemberErasedError where she was erased before; ContentionError, MisconfiguredError (more was
    merged into her than one transaction takes) and then wrote nothing; BrokenMergeError, UnavailableError.
    """
    wished: Erased | None = None
    for _ in range(MAX_ROUNDS):
        member = _living(member_id, programme_id, store, now)
        if member.erased_at is not None:
            if wished is not None:  # our own write, its reply lost, or the same request twice
                return wished
            raise MemberErasedError("she was erased before", member_id=member_id)
        ids = (member.member_id, *member.merged_from)
        announce(ids)
        wished = Erased(member_ids=ids, erased_at=now, identities=len(member.identity_refs))
        try:
            marks = ledger.erase_writes(ids, now)
            store.bury(member, member.merged_from, now, ledger=marks)
        except ConditionFailedError:
            continue
        return wished
    raise ContentionError("this member kept changing in every attempt", member_id=member_id)


def buried(member_ids: Sequence[MemberId], *, store: ErasureStore) -> list[MemberId]:
    """Those of the ids that are tombstones."""
    return [each.member_id for each in store.rows(member_ids) if each.erased_at is not None]


def _living(
    member_id: MemberId, programme_id: ProgrammeId, store: ErasureStore, now: datetime
) -> Member:
    """The row this id means today, or a tombstone; an empty member of revision 0 where there never was a row."""
    step = member_id
    for _ in range(1 + MAX_MERGES_FOLLOWED):
        found = store.rows([step])
        if not found:
            return Member(
                member_id=step, programme_id=programme_id, openids={}, created_at=now, revision=0
            )
        if found[0].merged_into is None:
            return found[0]
        step = found[0].merged_into
    raise BrokenMergeError("the merges of this member do not end", member_id=member_id)
