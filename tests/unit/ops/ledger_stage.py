"""A local stage with members and points, as operators of the ledger find it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.model import Member
from huixue.members.store import DynamoDbMembers
from huixue.points.model import Entry
from huixue.points.moving import adjust, spend
from huixue.points.store import LedgerStore
from infra.ops.ledger_doors import LedgerDoors, doors
from tests.unit.ops.operating import NOW, Operated

ANNA, BERTA, CARLA = (MemberId(f"mem_{name}") for name in ("anna", "berta", "carla"))
NOTES = ("--reason", "goodwill", "--note-member", "感谢支持", "--note-internal", "ticket [7]")


class LedgerStage:
    """The demo programme with three members; what operators type, and what stands in the tables."""

    def __init__(self, stage: Operated) -> None:
        self.stage = stage
        self.doors: LedgerDoors = doors(stage.deployment)
        self.table = stage.deployment.output("PointsTableName")
        members = DynamoDbMembers(stage.database, stage.deployment.output("MembersTableName"))
        for member_id in (ANNA, BERTA, CARLA):
            members.create(member(member_id))

    @property
    def ledger(self) -> LedgerStore:
        return self.doors.ledger

    def give(self, points: int, member_id: MemberId = ANNA, key: str = "first") -> Entry:
        return adjust(member_id, "demo", key, points, {"by": "zoe"}, desk=self.doors.desk).entry

    def spend(self, points: int, member_id: MemberId = ANNA) -> Entry:
        return spend(member_id, "demo", "s1", points, {}, desk=self.doors.desk).entry

    def said(self, *arguments: str, code: int = 0) -> str:
        """All that people read."""
        done = self.stage.run(*arguments)
        assert done.exit_code == code, done.output
        return " ".join(done.output.split())

    def told(self, *arguments: str, code: int = 0) -> Any:
        """What programs read."""
        done = self.stage.run(*arguments, "--json")
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    def adjust(self, points: int, *more: str, code: int = 0) -> Any:
        return self.told("adjust", ANNA, str(points), *NOTES, *more, code=code)

    def balance(self, member_id: MemberId = ANNA) -> int:
        return self.ledger.account(member_id).balance

    def items(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self.stage.dynamodb.scan(TableName=self.table)["Items"]
        return sorted(found, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))

    def break_item(self, member_id: str, sk: str, name: str, value: object) -> None:
        self.stage.dynamodb.update_item(
            TableName=self.table,
            Key={"pk": {"S": member_id}, "sk": {"S": sk}},
            UpdateExpression="SET #name = :value",
            ConditionExpression="attribute_exists(#name)",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={
                ":value": {"N": str(value)} if isinstance(value, int) else value
            },
        )

    def merge(self, gone: MemberId, survivor: MemberId) -> None:
        writes = self.ledger.merge_writes(
            gone, survivor, self.doors.desk.policy_of, datetime.now(UTC), max
        )
        self.stage.database.transact(writes)


def member(member_id: MemberId) -> Member:
    return Member(
        member_id=member_id, programme_id=ProgrammeId("demo"), openids={}, created_at=NOW,
        identity_refs=(f"ref-{member_id}",),
    )  # fmt: skip
