"""Members, their identities and verified levels in DynamoDB; keys as in `layers/domain/README.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put, Update, Write
from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.model import Member, VerifiedLevel

_UNCHANGED = "revision = :read AND attribute_not_exists(merged_into)"


class DynamoDbMembers:
    """`MemberStore` on one table."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def pointers(self, programme_id: ProgrammeId, refs: Sequence[str]) -> Mapping[str, MemberId]:
        keys = {_identity_key(programme_id, ref): ref for ref in refs}
        rows = self._database.batch_get(self._table, list(keys), consistent=True)
        return {keys[key]: MemberId(row["member_id"]) for key, row in rows.items()}

    def members(self, member_ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        keys = [_member_key(each) for each in member_ids]
        rows = self._database.batch_get(self._table, keys, consistent=True)
        members = [_member(row) for row in rows.values()]
        return {member.member_id: member for member in members}

    def create(self, member: Member) -> None:
        put = Put(table=self._table, item=_member_item(member), condition=ABSENT)
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
            self._changed(survivor),
            *ledger,
        ])  # fmt: skip

    def put_level(self, level: VerifiedLevel) -> None:
        put = Put(
            table=self._table,
            item=_level_item(level),
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
        return [_level(row) for row in rows]

    def member_with_level(
        self, member_id: MemberId, room_id: str
    ) -> tuple[Member | None, VerifiedLevel | None]:
        member_key, level_key = _member_key(member_id), _level_key(member_id, room_id)
        rows = self._database.batch_get(self._table, [member_key, level_key], consistent=True)
        return (
            _member(rows[member_key]) if member_key in rows else None,
            _level(rows[level_key]) if level_key in rows else None,
        )

    def room_levels(self, member_ids: Sequence[MemberId], room_id: str) -> Sequence[VerifiedLevel]:
        keys = [_level_key(each, room_id) for each in member_ids]
        rows = self._database.batch_get(self._table, keys, consistent=True)
        return [_level(row) for row in rows.values()]

    def _new_rows(self, member: Member, refs: Sequence[str]) -> list[Put]:
        items = [_identity_item(member, ref) for ref in refs]
        return [Put(table=self._table, item=item, condition=ABSENT) for item in items]

    def _changed(self, member: Member) -> Update:
        """Only the attributes sign-in owns are set: what others keep in the row stays."""
        item = _member_item(member)
        names = ("openids", "unionid", "identity_refs", "created_at", "merged_from", "revision")
        return Update(
            table=self._table,
            key=_member_key(member.member_id),
            expression="SET " + ", ".join(f"{name} = :{name}" for name in names),
            condition=_UNCHANGED,
            values={":read": member.revision - 1} | {f":{name}": item[name] for name in names},
        )

    def _gone(self, gone: Member, survivor: Member) -> Update:
        """Her identities are kept in the survivor's row alone, so that one erasure finds them all."""
        return Update(
            table=self._table,
            key=_member_key(gone.member_id),
            expression="SET merged_into = :survivor, revision = :next REMOVE openids, unionid",
            condition=_UNCHANGED,
            values={
                ":survivor": survivor.member_id,
                ":read": gone.revision,
                ":next": gone.revision + 1,
            },
        )

    def _repointed(self, survivor: Member, ref: str, pointed_to: MemberId) -> Update:
        return Update(
            table=self._table,
            key=_identity_key(survivor.programme_id, ref),
            expression="SET member_id = :survivor",
            condition="member_id = :read",
            values={":survivor": survivor.member_id, ":read": pointed_to},
        )


def _member_key(member_id: MemberId) -> Key:
    return f"M#{member_id}", "MEMBER"


def _level_key(member_id: MemberId, room_id: str) -> Key:
    return f"M#{member_id}", f"LEVEL#{room_id}"


def _identity_key(programme_id: ProgrammeId, ref: str) -> Key:
    return f"ID#{programme_id}#{ref}", "IDENTITY"


def _identity_item(member: Member, ref: str) -> Item:
    pk, sk = _identity_key(member.programme_id, ref)
    return {"pk": pk, "sk": sk, "member_id": member.member_id}


def _member_item(member: Member) -> Item:
    pk, sk = _member_key(member.member_id)
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


def _member(item: Item) -> Member:
    merged_into = item.get("merged_into")
    return Member(
        member_id=MemberId(item["member_id"]),
        programme_id=ProgrammeId(item["programme_id"]),
        openids=item.get("openids", {}),
        unionid=item.get("unionid"),
        identity_refs=tuple(item.get("identity_refs", ())),
        created_at=from_text(item["created_at"]),
        merged_into=None if merged_into is None else MemberId(merged_into),
        merged_from=tuple(MemberId(each) for each in item.get("merged_from", ())),
        revision=item["revision"],
    )


def _level_item(level: VerifiedLevel) -> Item:
    pk, sk = _level_key(level.member_id, level.room_id)
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


def _level(item: Item) -> VerifiedLevel:
    return VerifiedLevel(
        member_id=MemberId(item["member_id"]),
        room_id=item["room_id"],
        level=item["level"],
        source=item["source"],
        set_by=item["set_by"],
        set_at=from_text(item["set_at"]),
    )
