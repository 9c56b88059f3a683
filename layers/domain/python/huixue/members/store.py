"""Members, their identities and verified levels in DynamoDB; keys as in `layers/domain/README.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put, Update, Write
from huixue.kernel.calendar import to_text
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members import records
from huixue.members.consents import ConsentChange
from huixue.members.model import Member, VerifiedLevel
from huixue.members.tags import TagChange

_ALIVE = "attribute_not_exists(merged_into) AND attribute_not_exists(erased_at)"
_UNCHANGED = f"revision = :read AND {_ALIVE}"
_PROFILE = ("profile", "group_nickname", "tags", "consents", "to_forget", "profile_revision")


class DynamoDbMembers:
    """`MemberStore` on one table."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def pointers(self, programme_id: ProgrammeId, refs: Sequence[str]) -> Mapping[str, MemberId]:
        keys = {records.identity_key(programme_id, ref): ref for ref in refs}
        rows = self._database.batch_get(self._table, list(keys), consistent=True)
        return {keys[key]: MemberId(row["member_id"]) for key, row in rows.items()}

    def members(self, member_ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        keys = [records.member_key(each) for each in member_ids]
        rows = self._database.batch_get(self._table, keys, consistent=True)
        members = [records.member_of_item(row) for row in rows.values()]
        return {member.member_id: member for member in members}

    def member(self, member_id: MemberId, *, consistent: bool) -> Member | None:
        row = self._database.get(self._table, records.member_key(member_id), consistent=consistent)
        return records.member_of_item(row) if row is not None else None

    def create(self, member: Member) -> None:
        put = Put(table=self._table, item=records.member_item(member), condition=ABSENT)
        self._database.transact([put, *self._new_rows(member, member.identity_refs)])

    def attach(self, member: Member, *, new_refs: Sequence[str]) -> None:
        self._database.transact([self._changed(member), *self._new_rows(member, new_refs)])

    def merge(
        self, *, gone: Member, survivor: Member, ref: str, pointed_to: MemberId,
        ledger: Sequence[Write],
    ) -> None:  # fmt: skip
        self._database.transact([
            self._repointed(survivor, ref, pointed_to),
            self._gone(gone, survivor),
            self._joined(survivor),
            *ledger,
        ])  # fmt: skip

    def put_level(self, level: VerifiedLevel) -> None:
        put = Put(
            table=self._table,
            item=records.level_item(level),
            condition=f"{ABSENT} OR set_at <= :now",
            values={":now": to_text(level.set_at)},
        )
        try:
            self._database.write(put)
        except ConditionFailedError:
            return  # a newer one is there: it stays

    def levels(self, member_id: MemberId) -> Sequence[VerifiedLevel]:
        values = {":pk": f"M#{member_id}", ":levels": "LEVEL#"}
        rows = self._database.query(
            self._table, "pk = :pk AND begins_with(sk, :levels)", values, consistent=True
        )
        return [records.level_of_item(row) for row in rows]

    def member_with_level(
        self, member_id: MemberId, room_id: str
    ) -> tuple[Member | None, VerifiedLevel | None]:
        member_key, level_key = records.member_key(member_id), records.level_key(member_id, room_id)
        rows = self._database.batch_get(self._table, [member_key, level_key], consistent=True)
        return (
            records.member_of_item(rows[member_key]) if member_key in rows else None,
            records.level_of_item(rows[level_key]) if level_key in rows else None,
        )

    def room_levels(self, member_ids: Sequence[MemberId], room_id: str) -> Sequence[VerifiedLevel]:
        keys = [records.level_key(each, room_id) for each in member_ids]
        rows = self._database.batch_get(self._table, keys, consistent=True)
        return [records.level_of_item(row) for row in rows.values()]

    def edit(
        self,
        member: Member,
        *,
        tag_changes: Sequence[TagChange],
        consent_changes: Sequence[ConsentChange],
    ) -> None:
        said = records.profile_attributes(member)
        read = member.profile_revision - 1
        row = Update(
            table=self._table,
            key=records.member_key(member.member_id),
            expression="SET " + ", ".join(f"{name} = :{name}" for name in _PROFILE),
            condition=f"attribute_exists(pk) AND {_ALIVE} AND {_profile_as_read(read)}",
            values={**_as_read(read), **{f":{name}": said[name] for name in _PROFILE}},
        )
        owner = member.member_id
        history = [records.tag_change_item(owner, each) for each in tag_changes]
        history += [records.consent_change_item(owner, each) for each in consent_changes]
        puts = [Put(table=self._table, item=item, condition=ABSENT) for item in history]
        self._database.transact([row, *puts])

    def tag_history(self, member_ids: Sequence[MemberId]) -> Sequence[TagChange]:
        rows = self._history(member_ids, records.TAG_HISTORY)
        return sorted((records.tag_change_of_item(row) for row in rows), key=_in_order)

    def consent_history(self, member_ids: Sequence[MemberId]) -> Sequence[ConsentChange]:
        rows = self._history(member_ids, records.CONSENT_HISTORY)
        changes = (records.consent_change_of_item(row) for row in rows)
        return sorted(changes, key=lambda each: each.at)

    def forget_values(self, member: Member) -> None:
        for row in self._history((member.member_id, *member.merged_from), records.TAG_HISTORY):
            known = row["value"] is not None or row["former"] is not None
            hers = row["pk"] == records.member_key(member.member_id)[0]
            later = hers and row["revision"] > member.profile_revision
            if row["group"] in member.to_forget and known and not later:
                self._database.write(self._forgotten((row["pk"], row["sk"])))
        read = member.profile_revision
        done = Update(
            table=self._table,
            key=records.member_key(member.member_id),
            expression="SET to_forget = :nothing",
            condition=f"{_ALIVE} AND {_profile_as_read(read)}",
            values={**_as_read(read), ":nothing": []},
        )
        try:
            self._database.write(done)
        except ConditionFailedError:
            return  # a later edit is there: it sees to the rest

    def _forgotten(self, key: Key) -> Update:
        return Update(
            table=self._table,
            key=key,
            expression="SET #value = :nothing, former = :nothing",
            condition="attribute_exists(pk)",
            names={"#value": "value"},
            values={":nothing": None},
        )

    def _history(self, member_ids: Sequence[MemberId], prefix: str) -> list[Item]:
        found: list[Item] = []
        for each in member_ids:
            values = {":pk": records.member_key(each)[0], ":prefix": prefix}
            condition = "pk = :pk AND begins_with(sk, :prefix)"
            found += self._database.query(self._table, condition, values, consistent=True)
        return found

    def _new_rows(self, member: Member, refs: Sequence[str]) -> list[Put]:
        items = [records.identity_item(member, ref) for ref in refs]
        return [Put(table=self._table, item=item, condition=ABSENT) for item in items]

    def _changed(self, member: Member) -> Update:
        """Only the attributes sign-in owns are set: what others keep in the row stays."""
        item = records.member_item(member)
        names = ("openids", "unionid", "identity_refs", "created_at", "merged_from", "revision")
        return Update(
            table=self._table,
            key=records.member_key(member.member_id),
            expression="SET " + ", ".join(f"{name} = :{name}" for name in names),
            condition=_UNCHANGED,
            values={":read": member.revision - 1} | {f":{name}": item[name] for name in names},
        )

    def _joined(self, survivor: Member) -> Update:
        """As `_changed`, with what both members said of themselves."""
        plain, said = self._changed(survivor), records.profile_attributes(survivor)
        read = survivor.profile_revision - 1
        return replace(
            plain,
            expression=plain.expression + "".join(f", {name} = :{name}" for name in _PROFILE),
            condition=f"{plain.condition} AND {_profile_as_read(read)}",
            values={
                **plain.values,
                **_as_read(read),
                **{f":{name}": said[name] for name in _PROFILE},
            },
        )

    def _gone(self, gone: Member, survivor: Member) -> Update:
        """Her identities, and what she said of herself, are kept in the survivor's row alone, so that one erasure
        finds them all."""
        removed = ", ".join(("openids", "unionid", *_PROFILE[:-1]))
        return Update(
            table=self._table,
            key=records.member_key(gone.member_id),
            expression=f"SET merged_into = :survivor, revision = :next REMOVE {removed}",
            condition=f"{_UNCHANGED} AND {_profile_as_read(gone.profile_revision)}",
            values={
                ":survivor": survivor.member_id,
                ":read": gone.revision,
                ":next": gone.revision + 1,
                **_as_read(gone.profile_revision),
            },
        )

    def _repointed(self, survivor: Member, ref: str, pointed_to: MemberId) -> Update:
        return Update(
            table=self._table,
            key=records.identity_key(survivor.programme_id, ref),
            expression="SET member_id = :survivor",
            condition="member_id = :read",
            values={":survivor": survivor.member_id, ":read": pointed_to},
        )


def _profile_as_read(revision: int) -> str:
    """Rows have no `profile_revision` before their first edit."""
    return "profile_revision = :said" if revision else "attribute_not_exists(profile_revision)"


def _as_read(revision: int) -> dict[str, object]:
    return {":said": revision} if revision else {}


def _in_order(change: TagChange) -> tuple[datetime, int]:
    return change.at, change.number
