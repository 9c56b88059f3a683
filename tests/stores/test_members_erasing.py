"""Tombstones on the engines: all in one transaction, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.errors import MisconfiguredError
from huixue.kernel.ids import MemberId
from huixue.members.erasure_store import MAX_WRITES, MemberErasure
from huixue.members.store import DynamoDbMembers
from tests.engines.tables import TableNames
from tests.unit.members.signing_in import NOW, door_of, identity


def everything(dynamodb: Any, tables: TableNames) -> list[dict[str, Any]]:
    items = dynamodb.scan(TableName=tables.members)["Items"]
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def test_whoever_is_too_many_for_one_transaction_keeps_every_identity(
    dynamodb: Any, tables: TableNames
) -> None:
    database = Database(dynamodb)
    store, erasure = (
        DynamoDbMembers(database, tables.members),
        MemberErasure(database, tables.members),
    )
    anna = door_of(store).sign_in(identity("o1", "u")).member_id
    living = store.members([anna])[anna]
    merged = [MemberId(f"mem_{number}") for number in range(MAX_WRITES)]
    before = everything(dynamodb, tables)

    with pytest.raises(MisconfiguredError):
        erasure.bury(replace(living, merged_from=tuple(merged)), merged, NOW, ledger=[])

    assert everything(dynamodb, tables) == before


def test_a_member_and_her_identities_become_one_tombstone(
    dynamodb: Any, tables: TableNames
) -> None:
    database = Database(dynamodb)
    store, erasure = (
        DynamoDbMembers(database, tables.members),
        MemberErasure(database, tables.members),
    )
    anna = door_of(store).sign_in(identity("o1", "u")).member_id

    erasure.bury(store.members([anna])[anna], [], NOW, ledger=[])

    (tombstone,) = everything(dynamodb, tables)
    assert set(tombstone) == {"pk", "sk", "member_id", "programme_id", "erased_at", "revision"}
