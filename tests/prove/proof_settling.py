"""Whatever order rows arrive in, and wherever a worker dies, the ledger ends up as the pool says, to the point.

One buyer, a few orders with lines from two sources. Rows come shuffled and twice, orders change while they are being
settled, two workers post at once, workers die before or after a post, messages come again. In the end one settlement
runs through, and every account, entry and line must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from huixue.kernel.errors import ContentionError
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId, OrderRef
from huixue.kernel.policies import LedgerPolicy
from huixue.kernel.snapshots import LineState, Source
from huixue.kernel.terms import Terms
from huixue.orders.merging import merged, stamped
from huixue.orders.model import Line, Order, Ownership, PoolRow
from huixue.orders.pricing import quotes_of
from huixue.orders.worth import points_of
from huixue.points.audit import violations
from huixue.points.model import LinePostings
from huixue.points.ports import LedgerDesk
from huixue.points.use_cases import settle
from tests.prove.memory_ledger import MemoryLedger

OWNER = MemberId("mem_owner")
START = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)
STATES: tuple[LineState, ...] = ("unpaid", "paid", "shipped", "confirmed", "closed", "unknown")
SOURCES: tuple[Source, ...] = ("export", "affiliate")
TERMS = Terms(
    programme_id="demo",
    programme_version=1,
    room_id="main",
    rule="taobao",
    rate_milli=1000,
    multiplier_percent=150,
    level="gold",
    window_days=90,
    window_clock="paid_at",
)
POLICY = LedgerPolicy(programme_id="demo", version=1)


class DiedError(Exception):
    """The worker died; what it had written stays."""


class Ledger(MemoryLedger):
    """One whose workers die, and meet at the account."""

    def __init__(self, random: Random) -> None:
        super().__init__(before_post=self._before, after_post=self._after)
        self.random = random
        self.dying = True
        self.meanwhile: Callable[[], None] | None = None
        """What another worker does between this one's reading and its post."""

    def _before(self) -> None:
        fate = self.random.random() if self.dying else 1.0
        if fate < 0.15:
            raise DiedError
        if fate < 0.5 and self.meanwhile is not None:
            others, self.meanwhile = self.meanwhile, None
            others()
            self.meanwhile = others

    def _after(self) -> None:
        if self.dying and self.random.random() < 0.15:
            raise DiedError

    def postings(self, line_id: str) -> LinePostings:
        return self.standing(OWNER, [line_id]).postings[line_id]

    def desk(self) -> LedgerDesk:
        return LedgerDesk(
            ledger=self, policy_of=lambda _: POLICY, now=lambda: START, pause=lambda _: None
        )


@dataclass(slots=True)
class Pool:
    """Orders that go on changing while others look at them."""

    random: Random
    to_come: list[PoolRow]
    orders: dict[str, Order] = field(default_factory=dict)

    def take_some(self, most: int) -> None:
        for _ in range(min(self.random.randint(0, most), len(self.to_come))):
            row = self.to_come.pop()
            order = merged(self.orders.get(row.order_ref), row)
            self.orders[row.order_ref] = self._perhaps_owned(order)

    def _perhaps_owned(self, order: Order) -> Order:
        if order.ownership is None and order.first_source and self.random.random() < 0.5:
            order = replace(order, ownership=ownership(order.first_source))
        return replace(order, revision=order.revision + 1)

    def quotes(self, order_refs: Sequence[str]) -> list[LineQuote]:
        if self.random.random() < 0.3:
            self.take_some(1)
        found = [self.orders[ref] for ref in order_refs if ref in self.orders]
        return [quote for order in found for quote in quotes_of(order, START)]


def ownership(source: Source) -> Ownership:
    return Ownership(
        member_id=OWNER, owned_at=START, via="clm", proven=False, terms=TERMS, credit_source=source
    )


def prove(random: Random) -> None:
    rows = some_rows(random)
    arriving = [*rows, *random.sample(rows, len(rows) // 3)]
    random.shuffle(arriving)
    pool, ledger = Pool(random, arriving), Ledger(random)

    ledger.meanwhile = lambda: settle_somehow(pool, ledger)
    while pool.to_come:
        pool.take_some(4)
        settle_somehow(pool, ledger)
        assert_accounts_are_sound(ledger)
    for ref, order in pool.orders.items():
        if order.ownership is None and order.first_source is not None:
            pool.orders[ref] = replace(order, ownership=ownership(order.first_source))
    ledger.dying = False
    settle(OWNER, list(pool.orders), quotes=pool.quotes, desk=ledger.desk())

    assert_accounts_are_sound(ledger)
    assert_ledger_says_what_the_pool_says(pool, ledger)
    assert_arrival_did_not_matter(rows, pool)


def settle_somehow(pool: Pool, ledger: Ledger) -> None:
    """One message, perhaps delivered twice, perhaps to a worker that dies."""
    refs = pool.random.sample(sorted(pool.orders), pool.random.randint(0, len(pool.orders)))
    for _ in range(pool.random.randint(1, 2)):
        with suppress(DiedError, ContentionError):
            settle(OWNER, refs, quotes=pool.quotes, desk=ledger.desk())


def some_rows(random: Random) -> list[PoolRow]:
    return [
        row
        for number in range(random.randint(1, 3))
        for source in random.sample(SOURCES, random.randint(1, 2))
        for key in (["order"] if source == "export" else ["line1", "line2"])
        for row in history(random, OrderRef(f"taobao:k1:{number}"), source, key)
    ]


def history(random: Random, ref: OrderRef, source: Source, key: str) -> list[PoolRow]:
    """What one source said about one line, newest last; each at an instant of its own."""
    paid_fen = random.randrange(1, 100_000)
    rows = []
    for step in range(random.randint(1, 5)):
        line = Line(
            state=random.choice(STATES),
            paid_fen=paid_fen,
            refunded_fen=random.choice((None, 0, random.randrange(paid_fen + 1))),
            freight_fen=random.choice((None, 0, random.randrange(1000))),
            room=random.choice(("demo/main", "demo/main", "demo/main", None)),
            paid_at=START - timedelta(days=1),
        )
        as_of = START + timedelta(minutes=step, milliseconds=random.randrange(1000))
        rows.append(
            PoolRow(
                order_ref=ref,
                order_hint="1234…56",
                platform="taobao",
                source=source,
                line_key=key,
                line=stamped(line, round(as_of.timestamp() * 1000)),
            )
        )
    return rows


def assert_accounts_are_sound(ledger: Ledger) -> None:
    account, entries = ledger.whole(OWNER)
    assert account.balance == sum(entry.points for entry in entries)
    assert account.pending == sum(entry.pending for entry in entries)
    assert sum(account.lots.values()) == account.available
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert all(b.balance_after == a.balance_after + b.points for a, b in pairwise(entries))
    assert violations(account, entries, points_of) == []


def assert_ledger_says_what_the_pool_says(pool: Pool, ledger: Ledger) -> None:
    for order in pool.orders.values():
        for quote in quotes_of(order, START):
            held = ledger.postings(quote.line_id)
            if quote.status != "parked":
                assert held.points == (quote.points if quote.status == "due" else 0), quote
                assert held.pending == (quote.points if quote.status == "pending" else 0), quote
            if quote.status == "due":
                assert quote.points == points_of(quote.explanation), quote


def assert_arrival_did_not_matter(rows: Sequence[PoolRow], pool: Pool) -> None:
    in_time: dict[str, Order] = {}
    for row in rows:
        in_time[row.order_ref] = merged(in_time.get(row.order_ref), row)
    assert {ref: order.sources for ref, order in in_time.items()} == {
        ref: order.sources for ref, order in pool.orders.items()
    }
