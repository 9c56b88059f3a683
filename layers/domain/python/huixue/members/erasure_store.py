"""Tombstones in the Members table, and the removal of whatever lies beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ABSENT, Delete, Put, Write
from huixue.kernel.calendar import to_text
from huixue.kernel.errors import MisconfiguredError
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.model import Member
from huixue.members.records import identity_key, member_key, member_of_item

MAX_WRITES = 100
"""What one transaction of DynamoDB takes."""
_AS_READ = (
    "revision = :read AND attribute_not_exists(merged_into) AND attribute_not_exists(erased_at)"
)
_KINDS = {"LEVEL": "levels", "T": "tags", "K": "consents"}


class MemberErasure:
    """`ErasureStore` on the Members table."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def rows(self, member_ids: Sequence[MemberId]) -> list[Member]:
        keys = [member_key(each) for each in member_ids]
        found = self._database.batch_get(self._table, keys, consistent=True)
        return [member_of_item(each) for each in found.values()]

    def bury(
        self, living: Member, merged: Sequence[MemberId], now: datetime, *, ledger: Sequence[Write]
    ) -> None:
        tombs: list[Write] = [self._over(living, now)]
        tombs += [
            Put(
                table=self._table, condition=None,
                item=_tombstone(each, living.programme_id, living.revision, now),
            )
            for each in merged
        ]  # fmt: skip
        keys = [identity_key(living.programme_id, ref) for ref in living.identity_refs]
        removals = [Delete(table=self._table, key=key, condition=None) for key in keys]
        writes = [*tombs, *ledger, *removals]
        if len(writes) > MAX_WRITES:
            # Takes some thirty mini-programs merged one by one. Nothing may go ahead: a member who is alive without
            # an identity could never sign in as herself again.
            raise MisconfiguredError(
                "more was merged into this member than one transaction can erase", parts=len(writes)
            )
        self._database.transact(writes)

    def _over(self, living: Member, now: datetime) -> Put:
        item = _tombstone(living.member_id, living.programme_id, living.revision, now)
        if not living.revision:
            return Put(table=self._table, item=item, condition=ABSENT)
        return Put(
            table=self._table, item=item, condition=_AS_READ, values={":read": living.revision}
        )

    def remove(self, member_ids: Sequence[MemberId]) -> Counter[str]:
        keys = [key for each in member_ids for key in self._beside(each)]
        self._database.remove(self._table, keys)
        return Counter(_KINDS.get(sk.partition("#")[0], "others") for _, sk in keys)

    def _beside(self, member_id: MemberId) -> list[Key]:
        """Keys of her partition, without that of her row."""
        row = member_key(member_id)
        found = self._database.query(self._table, "pk = :pk", {":pk": row[0]}, consistent=True)
        return [key for item in found if (key := (item["pk"], item["sk"])) != row]


def _tombstone(
    member_id: MemberId, programme_id: ProgrammeId, read_revision: int, now: datetime
) -> Item:
    """All that is kept of her: no identity, nothing she said. A higher revision, so that nothing that was about to be
    written over what was read is written."""
    pk, sk = member_key(member_id)
    return {
        "pk": pk,
        "sk": sk,
        "member_id": member_id,
        "programme_id": programme_id,
        "erased_at": to_text(now),
        "revision": read_revision + 1,
    }
