"""Members on a real table: the whole of `sign_in`, with whatever client `dynamodb` is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.dynamodb.writes import ConditionFailedError, Put, Update, Write
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.model import Member, SignInIdentity
from huixue.members.store import DynamoDbMembers
from tests.engines.tables import TableNames
from tests.unit.members.signing_in import NOW, door_of, identity

PERSON = (
    identity("o1"), identity("o1", "u"),
    identity("o2", app_id="wx2"), identity("o2", "u", app_id="wx2"),
)  # fmt: skip


class BalanceLedger:
    """Moves one number from the merged member's account to the survivor's, if nobody else did."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def credit(self, member_id: MemberId, points: int) -> None:
        item = {"pk": member_id, "sk": "ACCOUNT", "available": points}
        self._database.write(Put(table=self._table, item=item, condition=None))

    def available(self, member_id: MemberId) -> int:
        item = self._database.get(self._table, (member_id, "ACCOUNT"), consistent=True)
        return int(item["available"]) if item else 0

    def merge_writes(self, merged: MemberId, survivor: MemberId, now: datetime) -> Sequence[Write]:
        points = self.available(merged)
        moved = Update(
            table=self._table,
            key=(merged, "ACCOUNT"),
            expression="SET available = :none",
            condition="available = :read",
            values={":read": points, ":none": 0},
        )
        received = Update(
            table=self._table,
            key=(survivor, "ACCOUNT"),
            expression="ADD available :points",
            condition=None,
            values={":points": points},
        )
        return [moved, received] if points else []


@pytest.fixture
def database(dynamodb: Any) -> Database:
    return Database(dynamodb)


@pytest.fixture
def store(database: Database, tables: TableNames) -> DynamoDbMembers:
    return DynamoDbMembers(database, tables.members)


@pytest.fixture
def rows(dynamodb: Any, tables: TableNames) -> Callable[[], dict[tuple[str, str], Any]]:
    def read() -> dict[tuple[str, str], Any]:
        items = dynamodb.scan(TableName=tables.members, ConsistentRead=True)["Items"]
        return {(item["pk"]["S"], item["sk"]["S"]): item for item in items}

    return read


def test_a_member_reads_back_as_she_was_written(store: DynamoDbMembers) -> None:
    member = Member(
        member_id=MemberId("m1"),
        programme_id=ProgrammeId("demo"),
        openids={"wx1": "o1"},
        unionid="u",
        identity_refs=("openid:k1:a", "unionid:k1:b"),
        created_at=NOW + timedelta(microseconds=1),
    )

    store.create(member)

    assert store.members([member.member_id, MemberId("m2")]) == {member.member_id: member}
    refs = ["openid:k1:a", "unionid:k1:b", "openid:k1:c"]
    assert store.pointers(ProgrammeId("demo"), refs) == dict.fromkeys(refs[:2], "m1")
    assert store.pointers(ProgrammeId("other"), refs) == {}


def test_a_sign_in_and_its_repetition_leave_the_same_three_rows(
    store: DynamoDbMembers, rows: Callable[[], dict[tuple[str, str], Any]]
) -> None:
    door = door_of(store)

    first = door.sign_in(identity("o1", "u"))
    written = rows()
    again = door.sign_in(identity("o1", "u"))

    assert again.member_id == first.member_id
    assert rows() == written
    assert sorted(sk for _, sk in written) == ["IDENTITY", "IDENTITY", "MEMBER"]
    assert not any("o1" in pk for pk, _ in written)


@pytest.mark.parametrize("order", list(permutations(PERSON)))
def test_any_order_of_a_persons_sign_ins_ends_in_one_member_with_all_her_points(
    store: DynamoDbMembers,
    database: Database,
    tables: TableNames,
    rows: Callable[[], dict[tuple[str, str], Any]],
    order: tuple[SignInIdentity, ...],
) -> None:
    ledger = BalanceLedger(database, tables.points)
    door = door_of(store)
    door.ledger = ledger
    credited = 0
    for who in order:
        answer = door.sign_in(who)
        if answer.is_new:
            ledger.credit(answer.member_id, 100)
            credited += 100

    ends = {door.sign_in(who).member_id for who in PERSON}

    assert len(ends) == 1
    members = [row for (_, sk), row in rows().items() if sk == "MEMBER"]
    assert [row["member_id"]["S"] for row in members if "merged_into" not in row] == list(ends)
    assert ledger.available(*ends) == credited


def test_a_merge_leaves_nothing_when_the_ledgers_condition_fails(
    store: DynamoDbMembers, tables: TableNames, rows: Callable[[], dict[tuple[str, str], Any]]
) -> None:
    class Refusing:
        def merge_writes(self, merged: MemberId, survivor: MemberId, now: datetime) -> list[Write]:
            key = (merged, "ACCOUNT")
            return [
                Update(
                    table=tables.points,
                    key=key,
                    expression="SET x = :x",
                    condition="attribute_exists(pk)",
                    values={":x": 1},
                )
            ]

    door = door_of(store)
    door.sign_in(identity("o1"))
    door.sign_in(identity("o2", "u", app_id="wx2"))
    before = rows()
    door.ledger = Refusing()

    with pytest.raises(Exception, match="kept changing"):
        door.sign_in(identity("o1", "u"))

    assert rows() == before


def test_what_others_keep_in_a_members_row_survives_attaching_and_merging(
    store: DynamoDbMembers, database: Database, tables: TableNames
) -> None:
    door = door_of(store)
    survivor = door.sign_in(identity("o2", app_id="wx2")).member_id
    key = (f"M#{survivor}", "MEMBER")
    nickname = Update(
        table=tables.members,
        key=key,
        expression="SET nickname = :name",
        condition=None,
        values={":name": "小满"},
    )
    database.write(nickname)

    door.sign_in(identity("o2", "u", app_id="wx2"))
    door.sign_in(identity("o1"))
    door.sign_in(identity("o1", "u"))

    item = database.get(tables.members, key, consistent=True)
    assert item is not None
    assert item["nickname"] == "小满"
    assert len(item["merged_from"]) == 1


@pytest.mark.parametrize("stale", ["revision", "merged"])
def test_a_member_that_changed_or_merged_meanwhile_is_not_overwritten(
    store: DynamoDbMembers, stale: str
) -> None:
    door = door_of(store)
    early = door.sign_in(identity("o1")).member_id
    read = store.members([early])[early]
    if stale == "revision":
        door.sign_in(identity("o1", "u1"))
    else:
        door.sign_in(identity("o2", "u", app_id="wx2"))
        door.sign_in(identity("o1", "u"))
    revision = read.revision if stale == "revision" else store.members([early])[early].revision
    changed = Member(
        member_id=early,
        programme_id=read.programme_id,
        openids={"wx3": "o3"},
        created_at=NOW,
        revision=revision + 1,
    )

    with pytest.raises(ConditionFailedError):
        store.attach(changed, new_refs=["openid:k1:new"])

    assert store.pointers(read.programme_id, ["openid:k1:new"]) == {}


def test_what_is_there_already_is_never_written_over(
    store: DynamoDbMembers, rows: Callable[[], dict[tuple[str, str], Any]]
) -> None:
    one, other = (
        Member(
            member_id=MemberId(name),
            programme_id=ProgrammeId("demo"),
            openids={"wx1": name},
            identity_refs=(f"openid:k1:{name}",),
            created_at=NOW,
        )
        for name in ("m1", "m2")
    )
    store.create(one)
    store.create(other)
    before = rows()

    same_id = replace(one, identity_refs=("openid:k1:new",))
    same_identity = replace(one, member_id=MemberId("m3"))
    with pytest.raises(ConditionFailedError):
        store.create(same_id)
    with pytest.raises(ConditionFailedError):
        store.create(same_identity)
    with pytest.raises(ConditionFailedError):
        store.attach(replace(one, revision=2), new_refs=["openid:k1:m2"])
    with pytest.raises(ConditionFailedError):
        store.merge(
            gone=one,
            survivor=replace(other, revision=2),
            ref="openid:k1:m1",
            pointed_to=MemberId("m9"),
            ledger=[],
        )

    assert rows() == before


@pytest.mark.exact_engines
def test_twenty_sign_ins_of_one_person_at_once_end_in_one_member(
    store: DynamoDbMembers, rows: Callable[[], dict[tuple[str, str], Any]]
) -> None:
    door = door_of(store)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(door.sign_in, PERSON * 5))

    ends = {door.sign_in(who).member_id for who in (PERSON[1], PERSON[3])}

    assert len(ends) == 1
    assert {door.living(answer.member_id) for answer in answers} == ends
    members = [row for (_, sk), row in rows().items() if sk == "MEMBER"]
    assert [row["member_id"]["S"] for row in members if "merged_into" not in row] == list(ends)
    new = sum(answer.is_new for answer in answers)
    assert new == len(members)
