"""The jobs over the ledger with their stores on one engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import encoded_value, key_of
from huixue.kernel.events import AccountsDue, AuditPlanned
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.audit import Violation
from huixue.points.audit_runs import SEGMENTS, AuditDesk, audit_segment, planned
from huixue.points.expiry_runs import ExpiryDesk, StartDesk, expire, start_expiry
from huixue.points.model import Account
from huixue.points.posting import posted
from huixue.points.records import ACCOUNT
from huixue.points.run_store import AuditStore, DueAccountIndex, NoticeStore
from huixue.points.store import LedgerStore
from tests.unit.points.fakes import MAIN, Clock, credit, recomputed

FAR = datetime(2100, 1, 1, tzinfo=UTC)
POLICY = LedgerPolicy(programme_id=MAIN)
BEFORE = "2026-11-20 12:00"
YEAR_END = "2027-01-01 00:00"


@dataclass(slots=True)
class Place:
    """The jobs' stores on one engine, and messages that wait."""

    database: Database
    table: str
    clock: Clock
    walks: list[AccountsDue] = field(default_factory=list)
    parts: list[AuditPlanned] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    alarms: dict[str, Sequence[Violation]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    max_entries: int = 1_000

    @property
    def ledger(self) -> LedgerStore:
        return LedgerStore(self.database, self.table)

    @property
    def index(self) -> DueAccountIndex:
        return DueAccountIndex(self.database, self.table)

    @property
    def book(self) -> AuditStore:
        return AuditStore(self.database, self.table, max_entries=self.max_entries)

    def expire(self, messages: Sequence[AccountsDue]) -> None:
        self.walks += messages

    def audit(self, messages: Sequence[AuditPlanned]) -> None:
        self.parts += messages

    def failed(self, member_id: str, error: Exception) -> None:
        self.failures[member_id] = type(error).__name__

    def expiry_desk(self) -> ExpiryDesk:
        return ExpiryDesk(
            index=self.index, ledger=self.ledger, notices=NoticeStore(self.database, self.table),
            outbox=self, policy_of=lambda _: POLICY, now=self.clock, pause=lambda lost: None,
            failed=self.failed,
        )  # fmt: skip

    def audit_desk(self) -> AuditDesk:
        return AuditDesk(
            book=self.book, ledger=self.ledger, index=self.index, outbox=self,
            policy_of=lambda _: POLICY, recompute=recomputed, owned_lines=lambda ids, hints: hints,
            now=self.clock, alarm=self.alarms.__setitem__, left_out=self.left_out.__setitem__,
        )  # fmt: skip

    def start(self) -> int:
        return start_expiry(desk=StartDesk(index=self.index, outbox=self, now=self.clock))

    def given(
        self, members: Sequence[str], lot: str = "2026-12-31|order", *, times: int = 1
    ) -> None:
        """Ten points each, some members in one transaction."""
        writes = []
        for member_id in members:
            nobody = Account(member_id=MemberId(member_id))
            changes = [credit(10, key=f"k{n:05}", lot=lot) for n in range(times)]
            after, entries = posted(nobody, changes, policy=POLICY, now=self.clock())
            writes += self.ledger.posting(nobody, after, entries)
        for start in range(0, len(writes), 100):
            self.database.transact(writes[start : start + 100])

    def set(self, member_id: str, **attributes: object) -> None:
        """What no code of ours would do."""
        client: Any = self.database._client
        client.update_item(
            TableName=self.table, Key=key_of((member_id, ACCOUNT)),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            ExpressionAttributeNames={f"#{name}": name for name in attributes},
            ExpressionAttributeValues={f":{n}": encoded_value(v) for n, v in attributes.items()},
        )  # fmt: skip

    def audited(self, run: str = "now-1", until: datetime = FAR) -> dict[str, int]:
        self.parts += planned(run)
        while self.parts:
            audit_segment(self.parts.pop(0), desk=self.audit_desk(), until=until)
        done = self.book.runs(run, run)
        assert [each.segment for each in done] == list(range(SEGMENTS))
        assert all(each.finished_at is not None for each in done)
        return {
            name: sum(getattr(each, name) for each in done)
            for name in ("accounts", "entries", "violations", "left_out")
        }


def ran(place: Place) -> None:
    place.start()
    while place.walks:
        expire(place.walks.pop(0), desk=place.expiry_desk(), until=FAR)
