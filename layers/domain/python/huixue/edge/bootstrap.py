"""The composition root: what the entries need, built on first use and kept while the container lives.

Only what most functions share; imports, feeds and the sweep are put together in `pool_desks.py`, so that reading
a balance does not load them.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from huixue.check_ins.sheets import joined
from huixue.check_ins.store import RuleStore
from huixue.dynamodb.database import Database
from huixue.dynamodb.writes import Write
from huixue.edge import clients
from huixue.edge.observability import Counts
from huixue.edge.outbox import SqsOutbox
from huixue.edge.rules import ProgrammeRules
from huixue.edge.settings import settings
from huixue.kernel.calendar import Clock, SystemClock
from huixue.kernel.events import LinePosting, LineQuote
from huixue.kernel.ids import MemberId, random_id
from huixue.kernel.policies import LedgerPolicy
from huixue.members.lineages import lineage_of
from huixue.members.store import DynamoDbMembers
from huixue.orders.claims import ClaimDesk
from huixue.orders.pricing import quotes_of
from huixue.orders.store import OrderStore
from huixue.orders.syncs import SyncDesk
from huixue.points.ports import LedgerDesk
from huixue.points.posting import must_not_be_erased
from huixue.points.store import LedgerStore
from huixue.points.transfers import settled
from huixue.programme.policy import ledger_policy
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import CachedProgrammes


class ContainerClock:
    """The server's clock. One object for everything in a container that asks for the time, so that whoever runs a
    stage in tests can put a clock that stands still into `source`."""

    def __init__(self) -> None:
        self.source: Clock = SystemClock()

    def now(self) -> datetime:
        return self.source.now()


@cache
def clock() -> ContainerClock:
    return ContainerClock()


def now() -> datetime:
    return clock().now()


def new_member_id() -> MemberId:
    return MemberId(random_id("mem", secrets.token_bytes(16)))


def pause(lost: int) -> None:
    """After losing to another worker: long enough that the two do not meet again, 1.3 s in all at the most."""
    time.sleep(random.uniform(0, 0.005 * 2**lost))  # noqa: S311 - jitter, no secret


@cache
def database() -> Database:
    return Database(clients.dynamodb_client())


@cache
def orders() -> OrderStore:
    return OrderStore(database(), settings().need("orders_table_name").orders_table_name)


@cache
def ledger() -> LedgerStore:
    return LedgerStore(database(), settings().need("points_table_name").points_table_name)


@cache
def members() -> DynamoDbMembers:
    return DynamoDbMembers(database(), settings().need("members_table_name").members_table_name)


@cache
def programmes() -> CachedProgrammes:
    table = settings().need("programmes_table_name").programmes_table_name
    return CachedProgrammes(DynamoDbProgrammes(database(), table), clock())


@cache
def rules() -> ProgrammeRules:
    return ProgrammeRules(programmes, members)


@cache
def outbox() -> SqsOutbox:
    return SqsOutbox(clients.sqs_client(), settings())


def lineage(member_id: MemberId) -> Sequence[MemberId]:
    """Her id as it is today first, then those of members merged into her. Raises MemberErasedError."""
    return lineage_of(member_id, store=members())


def quotes(order_refs: Sequence[str]) -> list[LineQuote]:
    """The `Quotes` port of points: the pool's present word, read consistently."""
    found = orders().orders(order_refs)
    at = now()
    return [quote for ref in order_refs if ref in found for quote in quotes_of(found[ref], at)]


def policy_of(programme_id: str) -> LedgerPolicy:
    """The programme's word on points; that of an account which never was posted to decides nothing."""
    if not programme_id:
        return LedgerPolicy()
    version, programme = programmes().current(programme_id)
    return ledger_policy(programme, version)


@cache
def ledger_desk() -> LedgerDesk:
    return LedgerDesk(ledger=ledger(), policy_of=policy_of, now=now, pause=pause)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergingLedger:
    """The `LedgerMerge` port of members."""

    programme_id: str

    def merge_writes(self, merged: MemberId, survivor: MemberId, now: datetime) -> list[Write]:
        return ledger().merge_writes(merged, survivor, policy_of, now, self._joined)

    def _joined(self, one: str, other: str) -> str:
        """Called only where both have checked in: nobody else's sign-in reads the rules."""
        table = settings().need("seasons_table_name").seasons_table_name
        return joined(one, other, RuleStore(database(), table).rules(self.programme_id))


def settle_orders(member_id: MemberId, order_refs: Sequence[str]) -> int:
    """The `Settlement` port of orders; returns how many entries it posted."""
    entries = settled(member_id, order_refs, quotes=quotes, desk=ledger_desk())
    for entry in entries:
        if entry.points:
            Counts().count(
                "PointsCredited" if entry.points > 0 else "PointsClawedBack", abs(entry.points)
            )
    return len(entries)


def postings(member_id: MemberId, line_ids: Sequence[str]) -> Mapping[str, LinePosting]:
    """The `Postings` port of orders. Raises MemberErasedError."""
    standing = ledger().standing(member_id, line_ids)
    must_not_be_erased(standing.account)
    return {line_id: each.told() for line_id, each in standing.postings.items()}


@cache
def claim_desk() -> ClaimDesk:
    return ClaimDesk(
        pool=orders(), book=orders(), rules=rules(), outbox=outbox(), lineage=lineage,
        metrics=Counts(), now=now,
    )  # fmt: skip


@cache
def sync_desk() -> SyncDesk:
    return SyncDesk(
        pool=orders(), book=orders(), syncs=orders(), rules=rules(), outbox=outbox(),
        lineage=lineage, metrics=Counts(), now=now,
    )  # fmt: skip
