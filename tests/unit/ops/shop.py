"""Orders that members own, settled with the ledger of a local stage: what reports are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.kernel.terms import Terms
from huixue.orders.model import WHOLE_ORDER, Line, Order, RefundRow
from huixue.orders.pricing import quotes_of
from huixue.points.ports import LedgerDesk
from huixue.points.store import LedgerStore
from huixue.points.use_cases import settle
from tests.unit.ops.operating import NOW, Operated
from tests.unit.orders.world import HASHES, TERMS, number, ownership, pooled, row

POLICY = LedgerPolicy(programme_id="demo")


@dataclass(slots=True)
class Shop:
    stage: Operated
    made: int = 0

    @property
    def ledger(self) -> LedgerStore:
        return LedgerStore(self.stage.database, self.stage.deployment.output("PointsTableName"))

    @property
    def desk(self) -> LedgerDesk:
        return LedgerDesk(
            ledger=self.ledger, policy_of=lambda _: POLICY, now=lambda: NOW, pause=lambda _: None
        )

    def put(self, *lines: Line, member: MemberId | None, terms: Terms = TERMS) -> Order:
        """A new order with these lines; with a member, it is hers."""
        self.made += 1
        ref = HASHES.order_ref("taobao", number(9000 + self.made))
        keys = [WHOLE_ORDER] if len(lines) == 1 else [f"l{at}" for at in range(len(lines))]
        said = pooled([row(of, ref=ref, key=key) for of, key in zip(lines, keys, strict=True)])
        owner = ownership(member, terms=terms) if member is not None else None
        return self.stage.orders.save(replace(said, ownership=owner))

    def say(self, order: Order, *rows: RefundRow | Line) -> Order:
        """More that a source says about a stored order."""
        more = [row(each, ref=order.order_ref) if isinstance(each, Line) else each for each in rows]
        return self.stage.orders.save(pooled(more, order))

    def settle(self, *orders: Order) -> None:
        for order in orders:
            assert order.ownership is not None
            settle(order.ownership.member_id, [order.order_ref], quotes=self.quotes, desk=self.desk)

    def quotes(self, order_refs: Sequence[str]) -> list[LineQuote]:
        found = self.stage.orders.orders(order_refs)
        return [quote for order in found.values() for quote in quotes_of(order, NOW)]

    def settled(self, *lines: Line, member: MemberId, terms: Terms = TERMS) -> Order:
        order = self.put(*lines, member=member, terms=terms)
        self.settle(order)
        return order


def refusing_writes(client: Any) -> Any:
    """The client, but for its writes: they fail the test."""

    class Refusing:
        def __getattr__(self, name: str) -> Any:
            assert name in {"get_item", "batch_get_item", "query", "scan"}, f"{name} was called"
            return getattr(client, name)

    return Refusing()


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)
