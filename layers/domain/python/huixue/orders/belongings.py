"""All that the Orders table knows of one member: read for her export, removed when she is erased.

Everything lies in her partition `M#{member}`, or can be found from it: an account's binding from the pointer written
with it (and, for bindings older than pointers, from the sync that proved it), her mark on an order she waits for from
the claim. Owners of orders stay: an order's lines are counted once, for ever, also after its owner is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ConditionFailedError, Delete, Put, Write
from huixue.kernel.calendar import from_text
from huixue.kernel.errors import ContentionError
from huixue.kernel.ids import MemberId
from huixue.orders import records, sync_records
from huixue.orders.dispute_store import CASE_PREFIX, case_from
from huixue.orders.disputes import Case
from huixue.orders.model import Order, OrderSync, Tries
from huixue.orders.stubs import forgotten

MAX_ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundAccount:
    """A platform account that is hers, told by its keyed hash alone."""

    sync_id: str
    bound_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What there is beside her claims, oldest first."""

    syncs: Sequence[OrderSync]
    cases: Sequence[Case]
    accounts: Sequence[BoundAccount]
    tries: Sequence[Tries]


class BelongingsStore:
    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def of(self, member_ids: Sequence[MemberId]) -> Belongings:
        """Of a member under all her ids; consistent reads."""
        items = [item for each in member_ids for item in self._partition(each)]
        syncs = [sync_records.sync_from(each) for each in items if records.is_sync(each)]
        cases = [case_from(each) for each in items if str(each["sk"]).startswith(CASE_PREFIX)]
        bound = [
            BoundAccount(sync_id=each["sync_id"], bound_at=from_text(each["bound_at"]))
            for each in self._bindings(items, member_ids)
        ]
        return Belongings(
            syncs=sorted(syncs, key=lambda each: each.requested_at),
            cases=sorted(cases, key=lambda each: each.created_at),
            accounts=sorted(bound, key=lambda each: each.bound_at),
            tries=[
                sync_records.tries_from(records.member_of(each["pk"]), each)
                for each in items
                if each["sk"] == records.TRIES
            ],
        )

    def remove(self, member_ids: Sequence[MemberId], now: datetime) -> Counter[str]:
        """Removes all of it and says how many of each kind. What leads to others goes last, so that whoever dies here
        and begins again finds the rest. May be repeated. Raises ContentionError, UnavailableError."""
        items = [item for each in member_ids for item in self._partition(each)]
        removed: Counter[str] = Counter()
        for binding in self._bindings(items, member_ids):
            removed["bindings"] += self._removed_binding(binding)
        refs = {str(item["order_ref"]) for item in items if records.is_claim(item)}
        for ref in sorted(refs):
            removed["waiting_marks"] += self._forget_waiting(ref, member_ids, now)
        self._database.remove(self._table, [(item["pk"], item["sk"]) for item in items])
        removed.update(kind for item in items if (kind := _kind_of(item)) is not None)
        return removed

    def _partition(self, member_id: MemberId) -> Iterator[Item]:
        values = {":pk": records.member_pk(member_id)}
        return self._database.query(self._table, "pk = :pk", values, consistent=True)

    def _bindings(self, items: Sequence[Item], member_ids: Sequence[MemberId]) -> list[Item]:
        """Those that are hers: an account that she tried to prove may be somebody else's."""
        keys = {key for item in items if (key := _binding_key_of(item)) is not None}
        found = self._database.batch_get(self._table, sorted(keys), consistent=True) if keys else {}
        return [item for item in found.values() if item["member_id"] in member_ids]

    def _removed_binding(self, binding: Item) -> bool:
        key = (binding["pk"], binding["sk"])
        values = {":read": binding["member_id"]}
        condition = "attribute_not_exists(pk) OR member_id = :read"
        try:
            self._database.write(
                Delete(table=self._table, key=key, condition=condition, values=values)
            )
        except ConditionFailedError:
            return False  # gone with the erasure, and somebody else's by now
        return True

    def _forget_waiting(
        self, order_ref: str, member_ids: Sequence[MemberId], now: datetime
    ) -> bool:
        """Her mark on the order she claimed by this number, and on the one it was split from."""
        done = False
        for _ in range(MAX_ROUNDS):
            item = self._database.get(self._table, records.order_key(order_ref), consistent=True)
            order = records.order_from(item) if item else None
            if order is not None and not order.waiting.keys().isdisjoint(member_ids):
                try:
                    self._database.write(self._put(forgotten(order, member_ids, now)))
                except ConditionFailedError:
                    continue
                done = True
            if order is None or order.alias_of is None:
                return done
            order_ref = order.alias_of
        raise ContentionError("the order kept changing", order_ref=order_ref)

    def _put(self, order: Order) -> Write:
        item = records.order_item(replace(order, revision=order.revision + 1))
        values = {":read": order.revision}
        return Put(table=self._table, item=item, condition="revision = :read", values=values)


def _binding_key_of(item: Item) -> Key | None:
    """The binding that a sync or a pointer leads to."""
    if records.is_sync(item):
        return records.binding_key(item["programme_id"], item["account_ref_said"])
    return records.binding_of_pointer(str(item["sk"]))


def _kind_of(item: Item) -> str | None:
    """None for what only points to something that was counted."""
    sk = str(item["sk"])
    if records.binding_of_pointer(sk) is not None:
        return None
    return _KINDS.get(sk, _KINDS.get(sk[:2], "others"))


_KINDS = {
    records.CLAIM_PREFIX: "claims", "S#": "syncs", CASE_PREFIX: "cases", records.TRIES: "tries",
}  # fmt: skip
