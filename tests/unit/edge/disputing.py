"""Two members and one order: the desk of disputes on real stores, without queues and doors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from huixue.dynamodb.database import Database
from huixue.edge.dispute_desk import DisputeDesk
from huixue.kernel.errors import MemberErasedError
from huixue.kernel.events import LinePosting, LineQuote
from huixue.kernel.ids import MemberId, OrderRef
from huixue.kernel.policies import LedgerPolicy
from huixue.kernel.terms import Terms
from huixue.orders.appeals import Taken, appeal_claim
from huixue.orders.claims import ClaimDesk
from huixue.orders.dispute_store import DisputeStore
from huixue.orders.disputes import Case
from huixue.orders.model import Claim, Order, claim_id_of
from huixue.orders.pricing import quotes_of
from huixue.orders.reading import read_claim
from huixue.orders.store import OrderStore
from huixue.orders.views import ClaimView
from huixue.orders.worth import points_of
from huixue.points.audit import violations
from huixue.points.model import Account, Entry
from huixue.points.ports import LedgerDesk
from huixue.points.programme_caps import SharedCaps
from huixue.points.store import LedgerStore
from huixue.points.transfers import settled
from tests.engines.clock import FrozenClock
from tests.engines.tables import TableNames
from tests.unit.orders.fakes import FakeMetrics, FakeOutbox, FakeRules, Journal
from tests.unit.orders.world import (
    HER,
    NOW,
    OTHER,
    REF,
    ROOM,
    TERMS,
    a_claim,
    an_order,
    line,
    ownership,
)

POLICY = LedgerPolicy(programme_id="demo")
MESSAGE = "这是我自己下的单，请核对付款记录"


class Disputing:
    """HER has the order, OTHER says it is hers."""

    def __init__(
        self, client: Any, tables: TableNames, *, policy: LedgerPolicy = POLICY,
        sleep: Callable[[float], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.clock = FrozenClock(NOW)
        self.policy = policy
        self.terms_of: Callable[[Terms, MemberId], Terms] = lambda pinned, _: pinned
        self.merged_ids: dict[str, Sequence[MemberId]] = {}
        self.erased: set[str] = set()
        self.between: list[Callable[[], object]] = []
        """What somebody else does after the accounts are read and before anything is written; taken from the front."""
        self.database = Database(client, sleep=sleep)
        self.orders = OrderStore(self.database, tables.orders)
        self.cases = DisputeStore(self.database, tables.orders)
        self.ledger = LedgerStore(self.database, tables.points)
        self.caps = SharedCaps(self.database, tables.points)

    @property
    def ledger_desk(self) -> LedgerDesk:
        return LedgerDesk(
            ledger=self.ledger, policy_of=self._policy_of, now=self.clock.now,
            pause=lambda _: None,
        )  # fmt: skip

    @property
    def desk(self) -> DisputeDesk:
        return DisputeDesk(
            database=self.database, pool=self.orders, book=self.orders, cases=self.cases,
            store=self.ledger, ledger=self.ledger_desk, shared_caps=self.caps,
            lineage=self.lineage, terms_of=self.terms_of,
        )  # fmt: skip

    @property
    def claim_desk(self) -> ClaimDesk:
        journal = Journal()
        return ClaimDesk(
            pool=self.orders, book=self.orders, rules=FakeRules({ROOM: TERMS}),
            outbox=FakeOutbox(journal), lineage=self.lineage, metrics=FakeMetrics(),
            now=self.clock.now,
        )  # fmt: skip

    def _policy_of(self, programme_id: str) -> LedgerPolicy:
        del programme_id
        if self.between:
            self.between.pop(0)()
        return self.policy

    def lineage(self, member_id: MemberId) -> Sequence[MemberId]:
        if member_id in self.erased:
            raise MemberErasedError("she was erased")
        return self.merged_ids.get(member_id, (member_id,))

    # ---- what people do

    def has(self, *amounts_fen: int, ref: OrderRef = REF, state: str = "confirmed") -> Order:
        """HER owns an order of so many lines, and both have claimed it."""
        lines = [
            line(state, amount, confirmed_at=NOW - timedelta(days=1))  # type: ignore[arg-type]  # states of tests
            for amount in amounts_fen or (17_880,)
        ]
        order = replace(
            an_order(*lines, ref=ref),
            ownership=ownership(HER, via=claim_id_of(HER, ref)), waiting={OTHER: self.claim_id(ref)},
        )  # fmt: skip
        for member_id in (HER, OTHER):
            self.claimed(member_id, ref)
        return self.orders.save(order)

    def claimed(self, member_id: MemberId, ref: OrderRef = REF) -> Claim:
        claim = replace(a_claim(member_id, ref=ref), claim_id=claim_id_of(member_id, ref))
        due = NOW + timedelta(minutes=5) if member_id == OTHER else None
        return self.orders.add_claim(replace(claim, next_check_at=due))

    def claim_id(self, ref: OrderRef = REF, member_id: MemberId = OTHER) -> str:
        return claim_id_of(member_id, ref)

    def settle(self, member_id: MemberId, ref: OrderRef = REF) -> list[Entry]:
        return settled(member_id, [ref], quotes=self.quotes, desk=self.ledger_desk)

    def quotes(self, order_refs: Sequence[str]) -> list[LineQuote]:
        found = self.orders.orders(order_refs)
        at = self.clock.now()
        return [quote for ref in order_refs if ref in found for quote in quotes_of(found[ref], at)]

    def postings(self, member_id: MemberId, line_ids: Sequence[str]) -> Mapping[str, LinePosting]:
        held = self.ledger.standing(member_id, line_ids).postings
        return {line_id: each.told() for line_id, each in held.items()}

    def appeal(
        self, message: str = MESSAGE, *, member_id: MemberId = OTHER, ref: OrderRef = REF
    ) -> Taken:
        return appeal_claim(
            member_id, claim_id_of(member_id, ref), message, desk=self.claim_desk,
            cases=self.cases, postings=self.postings,
        )  # fmt: skip

    def appealed(self, member_id: MemberId = OTHER, ref: OrderRef = REF) -> Case:
        return self.appeal(member_id=member_id, ref=ref).case

    # ---- what is true

    def order(self, ref: OrderRef = REF) -> Order:
        return self.orders.orders([ref])[ref]

    def owner(self, ref: OrderRef = REF) -> str | None:
        owner = self.order(ref).ownership
        return owner.member_id if owner is not None else None

    def seen_by(self, member_id: MemberId, ref: OrderRef = REF) -> ClaimView:
        return read_claim(
            member_id, claim_id_of(member_id, ref), desk=self.claim_desk, postings=self.postings
        )

    def account(self, member_id: MemberId) -> Account:
        return self.ledger.whole(member_id)[0]

    def entries(self, member_id: MemberId) -> list[Entry]:
        return sorted(self.ledger.whole(member_id)[1], key=lambda each: each.number)

    def assert_sound(self, *members: MemberId) -> None:
        for member_id in members or (HER, OTHER):
            account, entries = self.ledger.whole(member_id)
            assert violations(account, entries, points_of) == []


def later(instant: datetime, **parts: float) -> datetime:
    return instant + timedelta(**parts)
