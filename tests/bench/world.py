"""Everything the measured use cases need, on one engine: the real stores, the demo programme, queues that only keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from huixue.dynamodb.database import Database
from huixue.edge.rules import ProgrammeRules
from huixue.kernel.calendar import start_of_day
from huixue.kernel.events import (
    ClaimSubmitted,
    ExportUploaded,
    LineQuote,
    OrdersChanged,
    OrderSyncRequested,
    RowsPlanned,
)
from huixue.kernel.ids import KeyedHash, MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.kernel.snapshots import OrderSnapshot
from huixue.kernel.terms import Terms
from huixue.members.store import DynamoDbMembers
from huixue.orders.claims import ClaimDesk
from huixue.orders.model import Order, Row
from huixue.orders.pool import PoolDesk, apply_rows, pool_row
from huixue.orders.ports import Rules
from huixue.orders.pricing import quotes_of, with_release
from huixue.orders.store import OrderStore
from huixue.points.ports import LedgerDesk
from huixue.points.store import LedgerStore
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import CachedProgrammes, publish
from infra.ops.programme_yaml import read_programme
from tests.engines.clock import FrozenClock
from tests.engines.cloudformation import REPOSITORY
from tests.engines.tables import TableNames

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ROOM = "demo/main"


@dataclass(slots=True)
class KeptMessages:
    """The Outbox port; what was sent is all there is to know."""

    claims: list[ClaimSubmitted] = field(default_factory=list)
    changes: list[OrdersChanged] = field(default_factory=list)

    def match(self, messages: Sequence[ClaimSubmitted]) -> None:
        self.claims += messages

    def credit(self, messages: Sequence[OrdersChanged]) -> None:
        self.changes += messages

    def sync(self, messages: Sequence[OrderSyncRequested]) -> None:
        raise AssertionError(f"no use case measured here starts a sync: {messages}")

    def plan(self, messages: Sequence[ExportUploaded]) -> None:
        raise AssertionError(f"no use case measured here plans an import: {messages}")

    def apply(self, messages: Sequence[RowsPlanned]) -> None:
        raise AssertionError(f"no use case measured here applies a chunk: {messages}")


class NoMetrics:
    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        """Metrics cost DynamoDB nothing."""


def one_by_one(
    call: Callable[[Sequence[Row]], Order | None], groups: Iterable[Sequence[Row]]
) -> Iterable[Order | None]:
    return map(call, groups)


class LaterRules:
    """The programme's rules, with points that stay pending for some days."""

    def __init__(self, rules: Rules, release_after_days: int) -> None:
        self._rules = rules
        self._days = release_after_days
        self.offers = rules.offers
        self.is_staff = rules.is_staff
        self.paid_within_days = rules.paid_within_days
        self.window_days = rules.window_days

    def terms_for(
        self, programme_id: str, room: str, platform: str, member_id: MemberId,
        *, paid_at: datetime | None = None,
    ) -> Terms | None:  # fmt: skip
        terms = self._rules.terms_for(programme_id, room, platform, member_id, paid_at=paid_at)
        return replace(terms, release_after_days=self._days) if terms is not None else None


class World:
    """One deployment with a published programme and, by and by, orders of one buyer."""

    def __init__(self, client: Any, tables: TableNames) -> None:
        self.tables = tables
        self.database = database = Database(client)
        self.clock = FrozenClock(NOW)
        self.hashes = KeyedHash(key_id="k1", key=b"a key of the tests, 32 bytes long")
        self.orders = OrderStore(database, tables.orders)
        self.ledger = LedgerStore(database, tables.points)
        self.policy = LedgerPolicy(programme_id="demo", version=1)
        self.desk = LedgerDesk(
            ledger=self.ledger, policy_of=lambda _: self.policy, now=self.clock.now,
            pause=lambda _: None,
        )  # fmt: skip
        self.messages = KeptMessages()
        self._orders_made = 0
        programmes = DynamoDbProgrammes(database, tables.programmes)
        publish(
            read_programme(REPOSITORY / "infra" / "demo" / "programme.yaml"),
            store=programmes,
            now=NOW,
        )
        cached = CachedProgrammes(programmes, self.clock)
        members = DynamoDbMembers(database, tables.members)
        self._rules = ProgrammeRules(lambda: cached, lambda: members)
        self._rules.offers("demo", "taobao")  # a warm function has read the programme

    def claim_desk(self, *, release_after_days: int = 0) -> ClaimDesk:
        rules: Rules = self._rules
        if release_after_days:
            rules = LaterRules(rules, release_after_days)
        return ClaimDesk(
            pool=self.orders,
            book=self.orders,
            rules=rules,
            outbox=self.messages,
            lineage=lambda member_id: (member_id,),
            metrics=NoMetrics(),
            now=self.clock.now,
        )

    def quotes(self, order_refs: Sequence[str]) -> list[LineQuote]:
        found, now = self.orders.orders(order_refs), self.clock.now()
        return [quote for ref in order_refs for quote in quotes_of(found[ref], now)]

    def new_order(self, *, lines: int) -> str:
        """A confirmed order of so many lines lies in the pool; returns its number."""
        self._orders_made += 1
        number = f"{2_000_000_000_000 + self._orders_made}{'0' * 6}"
        self.say(number, lines=lines)
        return number

    def say(self, number: str, *, lines: int = 1, refunded_fen: int = 0) -> None:
        """An affiliate feed says this of the order, now."""
        rows = [
            pool_row(self._snapshot(number, line, refunded_fen), room=ROOM, hashes=self.hashes)
            for line in range(lines)
        ]
        apply_rows(rows, desk=self.pool_desk(), resend=False)

    def unmark(self, number: str) -> None:
        """What the sweep does with an order whose release has come, once the ledger was told."""
        ref = self.hashes.order_ref("taobao", number)
        self.orders.save(with_release(self.orders.orders([ref])[ref], self.clock.now()))

    def pool_desk(self) -> PoolDesk:
        return PoolDesk(
            pool=self.orders, book=self.orders, outbox=self.messages, in_parallel=one_by_one,
            now=self.clock.now,
        )  # fmt: skip

    def _snapshot(self, number: str, line: int, refunded_fen: int) -> OrderSnapshot:
        paid_at = start_of_day((NOW - timedelta(days=3)).date())
        return OrderSnapshot(
            platform="taobao",
            source="affiliate",
            order_number=number,
            sub_order_number=f"{number[:-2]}{line:02}",
            as_of=self.clock.now() - timedelta(hours=12),
            state="confirmed",
            paid_fen=29_900 + line,
            freight_fen=0,
            refunded_fen=refunded_fen,
            account="a_buyer_of_the_bench",
            created_at=paid_at,
            paid_at=paid_at,
            confirmed_at=NOW - timedelta(days=1),
            title="保湿精华液 30ml 两支装 直播间专享",
            quantity=1,
        )


def member(number: int) -> MemberId:
    return MemberId(f"mem_{number:026}")
