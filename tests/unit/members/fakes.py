"""Members in memory, with the promises of `MemberStore`; `tests/stores/test_members.py` tests both alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from huixue.dynamodb.writes import ConditionFailedError, Update, Write
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.consents import ConsentChange
from huixue.members.model import Member, Profile, VerifiedLevel
from huixue.members.tags import TagChange, redacted

SAID = ("profile", "tags", "consents", "profile_revision", "to_forget")
"""What edits write and sign-ins leave alone."""


class FakeMembers:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], MemberId] = {}
        self.by_id: dict[MemberId, Member] = {}
        self.level_rows: dict[tuple[MemberId, str], VerifiedLevel] = {}
        self.tag_rows: dict[MemberId, list[TagChange]] = {}
        self.consent_rows: dict[MemberId, list[ConsentChange]] = {}
        self.ledger_writes: list[Write] = []
        self.writes = 0
        self.before_write: list[Callable[[], object]] = []
        """Taken from the front, one before each write: what somebody else does at that moment."""

    def pointers(self, programme_id: ProgrammeId, refs: Sequence[str]) -> Mapping[str, MemberId]:
        found = {ref: self.rows.get((programme_id, ref)) for ref in refs}
        return {ref: member_id for ref, member_id in found.items() if member_id is not None}

    def members(self, member_ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        return {each: self.by_id[each] for each in member_ids if each in self.by_id}

    def member(self, member_id: MemberId, *, consistent: bool) -> Member | None:
        del consistent  # memory is
        return self.by_id.get(member_id)

    def create(self, member: Member) -> None:
        self._interrupted()
        self._require(member.member_id not in self.by_id)
        self._add_rows(member, member.identity_refs)

    def attach(self, member: Member, *, new_refs: Sequence[str]) -> None:
        self._interrupted()
        self._require_unchanged(member.member_id, member.revision - 1)
        there = self.by_id[member.member_id]
        said = {name: getattr(there, name) for name in SAID}
        self._add_rows(replace(member, **said), new_refs)

    def edit(
        self,
        member: Member,
        *,
        tag_changes: Sequence[TagChange],
        consent_changes: Sequence[ConsentChange],
    ) -> None:
        self._interrupted()
        self._require_said(member.member_id, member.profile_revision - 1)
        said = {name: getattr(member, name) for name in SAID}
        self.by_id[member.member_id] = replace(self.by_id[member.member_id], **said)
        self.tag_rows.setdefault(member.member_id, []).extend(tag_changes)
        self.consent_rows.setdefault(member.member_id, []).extend(consent_changes)

    def tag_history(self, member_ids: Sequence[MemberId]) -> Sequence[TagChange]:
        rows = [row for each in member_ids for row in self.tag_rows.get(each, [])]
        return sorted(rows, key=lambda each: each.at)

    def consent_history(self, member_ids: Sequence[MemberId]) -> Sequence[ConsentChange]:
        rows = [row for each in member_ids for row in self.consent_rows.get(each, [])]
        return sorted(rows, key=lambda each: each.at)

    def forget_values(self, member: Member) -> None:
        for each in (member.member_id, *member.merged_from):
            self.tag_rows[each] = [
                redacted(row) if row.group in member.to_forget else row
                for row in self.tag_rows.get(each, [])
            ]
        self.by_id[member.member_id] = replace(self.by_id[member.member_id], to_forget=())

    def merge(
        self, *, gone: Member, survivor: Member, ref: str, pointed_to: MemberId,
        ledger: Sequence[Write],
    ) -> None:  # fmt: skip
        self._interrupted()
        self._require(self.rows.get((survivor.programme_id, ref)) == pointed_to)
        self._require_unchanged(gone.member_id, gone.revision)
        self._require_unchanged(survivor.member_id, survivor.revision - 1)
        self._require_said(gone.member_id, gone.profile_revision)
        self._require_said(survivor.member_id, survivor.profile_revision - 1)
        self.rows[survivor.programme_id, ref] = survivor.member_id
        self.by_id[gone.member_id] = replace(
            gone, merged_into=survivor.member_id, revision=gone.revision + 1,
            openids={}, unionid=None, profile=Profile(), tags={}, consents={}, to_forget=(),
        )  # fmt: skip
        self.by_id[survivor.member_id] = survivor
        self.ledger_writes.extend(ledger)

    def put_level(self, level: VerifiedLevel) -> None:
        before = self.level_rows.get((level.member_id, level.room_id))
        if before is None or before.set_at <= level.set_at:
            self.level_rows[level.member_id, level.room_id] = level

    def levels(self, member_id: MemberId) -> Sequence[VerifiedLevel]:
        return [row for (owner, _), row in self.level_rows.items() if owner == member_id]

    def member_with_level(
        self, member_id: MemberId, room_id: str
    ) -> tuple[Member | None, VerifiedLevel | None]:
        return self.by_id.get(member_id), self.level_rows.get((member_id, room_id))

    def room_levels(self, member_ids: Sequence[MemberId], room_id: str) -> Sequence[VerifiedLevel]:
        rows = [self.level_rows.get((each, room_id)) for each in member_ids]
        return [row for row in rows if row is not None]

    def _interrupted(self) -> None:
        self.writes += 1
        if self.before_write:
            self.before_write.pop(0)()

    def _add_rows(self, member: Member, refs: Sequence[str]) -> None:
        self._require(not any((member.programme_id, ref) in self.rows for ref in refs))
        self.by_id[member.member_id] = member
        self.rows |= {(member.programme_id, ref): member.member_id for ref in refs}

    def _require_unchanged(self, member_id: MemberId, revision: int) -> None:
        now = self.by_id.get(member_id)
        self._require(now is not None and now.revision == revision and now.merged_into is None)

    def _require_said(self, member_id: MemberId, profile_revision: int) -> None:
        now = self.by_id.get(member_id)
        self._require(
            now is not None
            and now.profile_revision == profile_revision
            and now.merged_into is None
            and now.erased_at is None
        )

    def _require(self, condition: bool) -> None:
        if not condition:
            raise ConditionFailedError(0, None)


class NoLedger:
    """A ledger in which nobody has points."""

    def merge_writes(self, merged: MemberId, survivor: MemberId, now: datetime) -> Sequence[Write]:
        return []


class RecordingLedger:
    """Offers one recognisable write a merge, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[MemberId, MemberId]] = []

    def merge_writes(self, merged: MemberId, survivor: MemberId, now: datetime) -> Sequence[Write]:
        self.asked.append((merged, survivor))
        return [
            Update(
                table="points",
                key=(survivor, "ACCOUNT"),
                expression="SET merged = :merged",
                condition=None,
                values={":merged": merged},
            )
        ]
