"""One programme, one room, a few orders: what the tests of `orders` start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from huixue.kernel.errors import MemberErasedError
from huixue.kernel.events import ClaimSubmitted
from huixue.kernel.ids import AccountRef, ClaimId, KeyedHash, MemberId, OrderRef
from huixue.kernel.snapshots import LineState, RefundState, Source, TradeType
from huixue.kernel.terms import Terms
from huixue.orders.claims import ClaimDesk, SubmitClaim
from huixue.orders.merging import merged, stamped
from huixue.orders.model import (
    WHOLE_ORDER,
    Claim,
    Line,
    Order,
    Ownership,
    PoolRow,
    Refund,
    RefundRow,
    Row,
)
from huixue.orders.syncs import StartSync, SyncDesk
from tests.engines.clock import FrozenClock
from tests.unit.orders.fakes import FakeMetrics, FakeOrders, FakeOutbox, FakeRules, Journal

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""
HASHES = KeyedHash(key_id="k1", key=b"a key of tests alone, 32 bytes..")
ROOM = "demo/main"
TERMS = Terms(
    programme_id="demo", programme_version=3, room_id="main", rule="taobao-1x", rate_milli=1000,
    multiplier_percent=100, level=None, window_days=90, window_clock="paid_at",
)  # fmt: skip
HER, OTHER = MemberId("mem_her"), MemberId("mem_other")


def number(index: int) -> str:
    """A number of the platform's form, made here: real ones are personal data."""
    return f"26{index:017}"


NUMBER = number(1234)
ACCOUNT = "小满1990"
HER_ACCOUNT = HASHES.account_ref("taobao", ACCOUNT)
REF = HASHES.order_ref("taobao", NUMBER)


def ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def line(
    state: LineState = "confirmed",
    paid_fen: int | None = 17880,
    refunded_fen: int | None = None,
    *,
    at: datetime = NOW,
    paid_at: datetime | None = NOW - timedelta(days=10),
    account: str | None = ACCOUNT,
    room: str | None = ROOM,
    freight_fen: int | None = None,
    confirmed_at: datetime | None = None,
    trade_type: TradeType | None = None,
) -> Line:
    """A line as one source printed it at `at`."""
    said = Line(
        state=state, paid_fen=paid_fen, refunded_fen=refunded_fen, freight_fen=freight_fen,
        room=room, paid_at=paid_at, confirmed_at=confirmed_at, trade_type=trade_type,
        printed_state="神秘状态" if state == "unknown" else None,
        account_ref=HASHES.account_ref("taobao", account) if account else None,
        created_at=NOW - timedelta(days=11),
    )  # fmt: skip
    return stamped(said, ms(at))


def row(
    of: Line, *, ref: OrderRef = REF, source: Source = "export", key: str = WHOLE_ORDER,
    part: OrderRef | None = None,
) -> PoolRow:  # fmt: skip
    return PoolRow(
        order_ref=ref, order_hint="2600…34", platform="taobao", source=source, line_key=key,
        line=of, part_ref=part,
    )  # fmt: skip


def refund(
    amount_fen: int, name: str = "r1", state: RefundState = "done", *, at: datetime = NOW,
    ref: OrderRef = REF, key: str = WHOLE_ORDER, part: OrderRef | None = None,
) -> RefundRow:  # fmt: skip
    """A refund with a number of its own, as a feed printed it at `at`."""
    return RefundRow(
        order_ref=ref, order_hint="2600…34", platform="taobao", refund_key=name, part_ref=part,
        refund=Refund(line_key=key, state=state, amount_fen=amount_fen, as_of_ms=ms(at)),
    )  # fmt: skip


def pooled(rows: Sequence[Row], order: Order | None = None) -> Order:
    for each in rows:
        order = merged(order, each)
    assert order is not None
    return order


def an_order(*lines: Line, ref: OrderRef = REF) -> Order:
    """An order of one export; several lines get keys `l0`, `l1` …"""
    said = lines or (line(),)
    keys = [WHOLE_ORDER] if len(said) == 1 else [f"l{index}" for index in range(len(said))]
    return pooled([row(of, ref=ref, key=key) for of, key in zip(said, keys, strict=True)])


def ownership(
    member_id: MemberId = HER, *, source: Source = "export", via: str = "clm_1",
    proven: bool = False, terms: Terms = TERMS,
) -> Ownership:  # fmt: skip
    return Ownership(
        member_id=member_id, owned_at=NOW, via=via, proven=proven, terms=terms,
        credit_source=source,
    )  # fmt: skip


def a_claim(
    member_id: MemberId = HER,
    *,
    account_ref: AccountRef | None = None,
    claimed_at: datetime = NOW,
    ref: OrderRef = REF,
) -> Claim:
    return Claim(
        claim_id=ClaimId(f"clm_{member_id}"), member_id=member_id, programme_id="demo",
        platform="taobao", order_ref=ref, order_hint="2600…34", account_ref=account_ref,
        room_level=None, claimed_at=claimed_at, submission="req-1",
    )  # fmt: skip


@dataclass(slots=True)
class World:
    """A desk on fakes that share one journal; `merged_ids` tells who was merged into whom."""

    journal: Journal = field(default_factory=Journal)
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOW))
    merged_ids: dict[MemberId, Sequence[MemberId]] = field(default_factory=dict)
    rules: FakeRules = field(default_factory=lambda: FakeRules({ROOM: TERMS}))
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    store: FakeOrders = field(init=False)
    outbox: FakeOutbox = field(init=False)
    submissions: int = 0
    erased: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.store = FakeOrders(self.journal)
        self.outbox = FakeOutbox(self.journal)

    def lineage(self, member_id: MemberId) -> Sequence[MemberId]:
        if member_id in self.erased:
            raise MemberErasedError("she was erased")
        return self.merged_ids.get(member_id, (member_id,))

    @property
    def claims(self) -> ClaimDesk:
        return ClaimDesk(
            pool=self.store, book=self.store, rules=self.rules, outbox=self.outbox,
            lineage=self.lineage, metrics=self.metrics, now=self.clock.now,
        )  # fmt: skip

    @property
    def syncs(self) -> SyncDesk:
        return SyncDesk(
            pool=self.store, book=self.store, syncs=self.store, rules=self.rules,
            outbox=self.outbox, lineage=self.lineage, metrics=self.metrics, now=self.clock.now,
        )  # fmt: skip

    def put(self, order: Order) -> Order:
        """The order as the pool holds it, without a call."""
        before = self.store.by_ref.get(order.order_ref)
        stored = replace(order, revision=(before.revision if before else 0) + 1)
        self.store.by_ref[order.order_ref] = stored
        return stored

    def command(
        self, number: str = NUMBER, *, member_id: MemberId = HER, account: str | None = None,
        room_level: str | None = None,
    ) -> SubmitClaim:  # fmt: skip
        self.submissions += 1
        return SubmitClaim(
            member_id=member_id, programme_id="demo", platform="taobao", order_number=number,
            account=account, room_level=room_level, submission=f"req-{self.submissions}",
        )  # fmt: skip

    def sent_claims(self) -> list[ClaimSubmitted]:
        return [each for each in self.outbox.sent if isinstance(each, ClaimSubmitted)]


def a_sync_command(
    *, number: str = NUMBER, account: str = ACCOUNT, paid_amount_fen: int = 17880,
    member_id: MemberId = HER,
) -> StartSync:  # fmt: skip
    return StartSync(
        member_id=member_id, programme_id="demo", platform="taobao", account=account,
        order_number=number, paid_amount_fen=paid_amount_fen,
    )  # fmt: skip
