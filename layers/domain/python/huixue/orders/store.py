"""The order pool, the claim book and the sync book in DynamoDB (one table, see layers/domain/README.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Key
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put
from huixue.kernel.calendar import to_text
from huixue.kernel.ids import MemberId
from huixue.orders import records, sync_records
from huixue.orders.model import Claim, Order, OrderSync, Tries
from huixue.orders.ports import Due, OrderChangedError

ACCOUNT_ORDERS = "AccountOrders"
DUE = "DueClaims"
"""Named when only claims waited in it; an index cannot be renamed without being built anew."""


class OrderStore:
    """Implements OrderPool, ClaimBook, DueIndex and SyncBook of `ports.py`."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def orders(self, order_refs: Sequence[str]) -> dict[str, Order]:
        keys = [records.order_key(ref) for ref in order_refs]
        found = self._database.batch_get(self._table, keys, consistent=True)
        orders = [records.order_from(item) for item in found.values()]
        return {order.order_ref: order for order in orders}

    def save(self, order: Order) -> Order:
        stored = replace(order, revision=order.revision + 1)
        condition, values = "revision = :read", {":read": order.revision}
        if order.revision == 0:
            condition, values = ABSENT, {}
        self._put(Put(
            table=self._table, item=records.order_item(stored), condition=condition, values=values,
        ))  # fmt: skip
        return stored

    def orders_of_account(self, account_ref: str, since: datetime) -> Iterator[str]:
        values = {":account": account_ref, ":since": to_text(since)}
        condition = "account_ref = :account AND paid_at >= :since"
        for item in self._database.query(
            self._table, condition, values, consistent=False, index=ACCOUNT_ORDERS
        ):
            yield records.order_ref_from(item["pk"])

    def claim(self, member_id: MemberId, claim_id: str) -> Claim | None:
        key = records.claim_key(member_id, claim_id)
        item = self._database.get(self._table, key, consistent=True)
        return records.claim_from(item) if item else None

    def claims(self, claims: Sequence[tuple[str, str]]) -> list[Claim]:
        keys = [records.claim_key(member_id, claim_id) for member_id, claim_id in claims]
        found = self._database.batch_get(self._table, keys, consistent=True)
        return [records.claim_from(item) for item in found.values()]

    def claims_of(self, member_id: MemberId, *, consistent: bool = False) -> Iterator[Claim]:
        values = {":pk": records.member_pk(member_id), ":claim": records.CLAIM_PREFIX}
        condition = "pk = :pk AND begins_with(sk, :claim)"
        for item in self._database.query(self._table, condition, values, consistent=consistent):
            yield records.claim_from(item)

    def claim_and_tries(self, member_id: MemberId, claim_id: str) -> tuple[Claim | None, Tries]:
        claim_key = records.claim_key(member_id, claim_id)
        tries_key = records.tries_key(member_id)
        found = self._database.batch_get(self._table, [claim_key, tries_key], consistent=True)
        claim = records.claim_from(found[claim_key]) if claim_key in found else None
        return claim, sync_records.tries_from(member_id, found.get(tries_key))

    def add_claim(self, claim: Claim) -> Claim:
        item = records.claim_item(claim)
        try:
            self._database.write(Put(table=self._table, item=item, condition=ABSENT))
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return records.claim_from(error.item)
        return claim

    def update_claim(self, claim: Claim) -> None:
        item = records.claim_item(claim)
        self._database.write(Put(table=self._table, item=item, condition="attribute_exists(pk)"))

    def save_tries(self, tries: Tries) -> None:
        item = sync_records.tries_item(replace(tries, version=tries.version + 1))
        condition, values = "version = :read", {":read": tries.version}
        if tries.version == 0:
            condition, values = ABSENT, {}
        self._put(Put(table=self._table, item=item, condition=condition, values=values))

    def due(self, now: datetime, limit: int) -> Due:
        claims = self._due(records.due_shards(), now, limit)
        orders = self._due(records.release_shards(), now, limit)
        return Due(
            claims=[records.claim_of(key) for key in claims],
            orders=[records.order_ref_from(pk) for pk, _ in orders],
        )

    def _due(self, shards: Sequence[str], now: datetime, limit: int) -> list[Key]:
        found: list[tuple[str, str, str]] = []
        for shard in shards:
            page = self._database.query_page(
                self._table, "due_shard = :shard AND next_check_at <= :now",
                {":shard": shard, ":now": to_text(now)},
                consistent=False, index=DUE, limit=limit,
            )  # fmt: skip
            found += [(item["next_check_at"], item["pk"], item["sk"]) for item in page.items]
        return [(pk, sk) for _, pk, sk in sorted(found)[:limit]]

    def sync(self, member_id: MemberId, sync_id: str) -> OrderSync | None:
        key = records.sync_key(member_id, sync_id)
        item = self._database.get(self._table, key, consistent=True)
        return sync_records.sync_from(item) if item else None

    def sync_and_tries(self, member_id: MemberId, sync_id: str) -> tuple[OrderSync | None, Tries]:
        sync_key = records.sync_key(member_id, sync_id)
        tries_key = records.tries_key(member_id)
        found = self._database.batch_get(self._table, [sync_key, tries_key], consistent=True)
        sync = sync_records.sync_from(found[sync_key]) if sync_key in found else None
        return sync, sync_records.tries_from(member_id, found.get(tries_key))

    def syncs_of(self, member_id: MemberId) -> Iterator[OrderSync]:
        pk, prefix = records.sync_key(member_id, "")
        values = {":pk": pk, ":sync": prefix}
        condition = "pk = :pk AND begins_with(sk, :sync)"
        for item in self._database.query(self._table, condition, values, consistent=True):
            yield sync_records.sync_from(item)

    def save_sync(self, sync: OrderSync, *, expected_run: int | None) -> None:
        condition, values = "run = :run", {":run": expected_run}
        if expected_run is None:
            condition, values = ABSENT, {}
        item = sync_records.sync_item(sync)
        self._put(Put(table=self._table, item=item, condition=condition, values=values))

    def bind(self, account_ref: str, member_ids: Sequence[MemberId], sync: OrderSync) -> bool:
        pk, sk = records.binding_key(sync.programme_id, account_ref)
        item = {
            "pk": pk, "sk": sk, "member_id": member_ids[0], "sync_id": sync.sync_id,
            "bound_at": to_text(sync.requested_at),
        }  # fmt: skip
        pointer_pk, pointer_sk = records.pointer_key(member_ids[0], sync.programme_id, account_ref)
        pointer = {"pk": pointer_pk, "sk": pointer_sk}
        try:
            self._database.transact([
                Put(table=self._table, item=item, condition=ABSENT),
                Put(table=self._table, item=pointer, condition=None),
            ])  # fmt: skip
        except ConditionFailedError as error:
            return error.item is not None and error.item["member_id"] in member_ids
        return True

    def _put(self, put: Put) -> None:
        try:
            self._database.write(put)
        except ConditionFailedError as error:
            raise OrderChangedError("somebody else changed it first") from error
