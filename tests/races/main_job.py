"""The main job on real stores: what `edge/bootstrap.py` puts together, on clients, a clock and queues of the test."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any, TypeVar

from huixue.check_ins.sheets import joined
from huixue.dynamodb.database import Database
from huixue.dynamodb.writes import Write
from huixue.edge.rules import ProgrammeRules
from huixue.kernel.calendar import start_of_day
from huixue.kernel.check_ins import CheckInRules
from huixue.kernel.errors import UnavailableError
from huixue.kernel.events import (
    ClaimSubmitted,
    LinePosting,
    LineQuote,
    Message,
    OrdersChanged,
    OrderSyncRequested,
)
from huixue.kernel.ids import KeyedHash, MemberId, random_id
from huixue.kernel.policies import Clawback, LedgerPolicy
from huixue.kernel.snapshots import LineState, OrderSnapshot, RefundSnapshot, RefundState
from huixue.members.lineages import lineage_of
from huixue.members.store import DynamoDbMembers
from huixue.orders.claims import ClaimDesk, SubmitClaim, submit
from huixue.orders.feed_store import CursorStore
from huixue.orders.import_store import ImportStore
from huixue.orders.matcher import match
from huixue.orders.model import Claim, claim_id_of
from huixue.orders.pool import PoolDesk, apply_rows, pool_row, refund_row
from huixue.orders.ports import Outbox
from huixue.orders.pricing import quotes_of
from huixue.orders.reading import read_claim
from huixue.orders.store import OrderStore
from huixue.orders.sweep import SweepDesk, Swept, sweep
from huixue.orders.sync_runs import run
from huixue.orders.syncs import StartSync, SyncDesk, start
from huixue.orders.views import ClaimView
from huixue.orders.walk import TableWalk
from huixue.orders.worth import points_of
from huixue.points.audit import violations
from huixue.points.model import Entry
from huixue.points.ports import LedgerDesk
from huixue.points.posting import must_not_be_erased
from huixue.points.store import LedgerStore
from huixue.points.transfers import settled
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import CachedProgrammes, publish
from infra.ops.programme_yaml import read_programme
from tests.engines.clock import FrozenClock
from tests.engines.cloudformation import REPOSITORY
from tests.engines.tables import TableNames
from tests.races.surroundings import NoMetrics, one_by_one

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
HASHES = KeyedHash(key_id="k1", key=b"a key of the tests, 32 bytes long")
RECEIVES = 5
"""After so many a message is a dead letter (`template.yaml`)."""
Outcome = TypeVar("Outcome")


def pause(lost: int) -> None:
    """After losing to another worker, as the deployment does, a little shorter."""
    time.sleep(random.uniform(0, 0.002 * 2 ** min(lost, 6)))


class MainJob:
    """One deployment; messages are acted on when the test says so."""

    def __init__(
        self, client: Any, tables: TableNames, outbox: Outbox, taken: Callable[[], list[Message]]
    ) -> None:
        self.clock = FrozenClock(NOW)
        self.taken = taken
        database = Database(client, sleep=lambda _: None)
        self.orders = OrderStore(database, tables.orders)
        self.ledger = LedgerStore(database, tables.points)
        self.members = DynamoDbMembers(database, tables.members)
        rules = self._rules(DynamoDbProgrammes(database, tables.programmes))
        self.claims = ClaimDesk(
            pool=self.orders, book=self.orders, rules=rules, outbox=outbox, lineage=self.lineage,
            metrics=NoMetrics(), now=self.clock.now,
        )  # fmt: skip
        self.syncs = SyncDesk(
            pool=self.orders, book=self.orders, syncs=self.orders, rules=rules, outbox=outbox,
            lineage=self.lineage, metrics=NoMetrics(), now=self.clock.now,
        )  # fmt: skip
        self.pool = PoolDesk(
            pool=self.orders, book=self.orders, outbox=outbox, in_parallel=one_by_one,
            now=self.clock.now,
        )  # fmt: skip
        self.policy = LedgerPolicy(programme_id="demo", version=1)
        self.desk = LedgerDesk(
            ledger=self.ledger, policy_of=self.policy_of, now=self.clock.now, pause=pause
        )
        self._sweep = SweepDesk(
            pool=self.pool, due=self.orders, imports=ImportStore(database, tables.orders),
            walk=TableWalk(database, tables.orders), cursor=CursorStore(database, tables.orders),
            postings=self.postings, lineage=self.lineage, metrics=NoMetrics(), now=self.clock.now,
            rest=timedelta(0),
        )  # fmt: skip

    def _rules(self, store: DynamoDbProgrammes) -> ProgrammeRules:
        demo = read_programme(REPOSITORY / "infra" / "demo" / "programme.yaml")
        publish(demo, store=store, now=NOW)
        cached = CachedProgrammes(store, self.clock)
        rules = ProgrammeRules(lambda: cached, lambda: self.members)
        rules.offers("demo", "taobao")  # a warm function has read the programme
        return rules

    def lineage(self, member_id: MemberId) -> Sequence[MemberId]:
        return lineage_of(member_id, store=self.members)

    def quotes(self, order_refs: Sequence[str]) -> list[LineQuote]:
        found = self.orders.orders(order_refs)
        now = self.clock.now()
        return [quote for ref in order_refs if ref in found for quote in quotes_of(found[ref], now)]

    def settle(self, member_id: MemberId, order_refs: Sequence[str]) -> list[Entry]:
        return settled(member_id, order_refs, quotes=self.quotes, desk=self.desk)

    def merge_writes(self, merged: MemberId, survivor: MemberId, now: datetime) -> list[Write]:
        """The `LedgerMerge` port of members."""
        return self.ledger.merge_writes(merged, survivor, self.policy_of, now, self.join_sheets)

    def join_sheets(self, one: str, other: str) -> str:
        return joined(one, other, CheckInRules(programme_id="demo"))

    def policy_of(self, programme_id: str) -> LedgerPolicy:
        return self.policy if programme_id else LedgerPolicy()

    def policy_with(self, clawback: Clawback) -> LedgerPolicy:
        return replace(self.policy, clawback=clawback)

    def postings(self, member_id: MemberId, line_ids: Sequence[str]) -> dict[str, LinePosting]:
        standing = self.ledger.standing(member_id, line_ids)
        must_not_be_erased(standing.account)
        return {line_id: each.told() for line_id, each in standing.postings.items()}

    # ---- what people do

    def arrive(
        self,
        *numbers: str,
        state: LineState = "confirmed",
        paid_fen: int = 10_000,
        refunded_fen: int = 0,
        account: str | None = None,
        resend: bool = False,
    ) -> None:
        """An export says this about the orders, now."""
        paid_at = start_of_day((NOW - timedelta(days=3)).date())
        snapshots = [
            OrderSnapshot(
                platform="taobao", source="export", order_number=number, as_of=self.clock.now(),
                state=state, paid_fen=paid_fen, refunded_fen=refunded_fen, freight_fen=0,
                account=account, created_at=paid_at, paid_at=paid_at,
            )
            for number in numbers
        ]  # fmt: skip
        rows = [pool_row(each, room="demo/main", hashes=HASHES) for each in snapshots]
        apply_rows(rows, desk=self.pool, resend=resend)

    def refund(
        self, number: str, refund_number: str, amount_fen: int, state: RefundState = "done"
    ) -> None:
        """A feed says this about one refund of the order, now."""
        snapshot = RefundSnapshot(
            platform="taobao", source="affiliate", refund_number=refund_number,
            order_number=number, as_of=self.clock.now(), state=state, amount_fen=amount_fen,
        )  # fmt: skip
        apply_rows([refund_row(snapshot, HASHES)], desk=self.pool, resend=False)

    def submit(self, member_id: MemberId, number: str) -> Claim:
        command = SubmitClaim(
            member_id=member_id, programme_id="demo", platform="taobao", order_number=number,
            account=None, room_level=None, submission=f"{member_id}:{self.clock.now()}",
        )  # fmt: skip
        return submit(command, desk=self.claims, hashes=HASHES).claim

    def start_sync(self, member_id: MemberId, account: str, number: str, paid_fen: int) -> str:
        command = StartSync(
            member_id=member_id, programme_id="demo", platform="taobao", account=account,
            order_number=number, paid_amount_fen=paid_fen,
        )  # fmt: skip
        return start(command, desk=self.syncs, hashes=HASHES).sync.sync_id

    def act(self, message: Message) -> object:
        """What the functions behind the queues do."""
        match message:
            case ClaimSubmitted():
                return match_claim(message, self.claims)
            case OrdersChanged():
                return self.settle(MemberId(message.member_id), message.order_refs)
            case OrderSyncRequested():
                return run(message, desk=self.syncs, settle=self.settle)
            case _:
                raise AssertionError(f"no such queue here: {message}")

    def delivered(self, message: Message, receives: int = RECEIVES) -> object:
        """Delivered again until it is acknowledged; raises what a dead letter died of."""
        for _ in range(receives - 1):
            try:
                return self.act(message)
            except UnavailableError:
                continue
        return self.act(message)

    def deliver_all(self) -> None:
        """Every message, and what it brings about, until all queues are empty."""
        while messages := self.taken():
            for message in messages:
                self.delivered(message)

    def sweep(self) -> Swept:
        return sweep(desk=self._sweep, until=self.clock.now() + timedelta(minutes=1))

    # ---- what is true

    def claim_of(self, member_id: MemberId, number: str) -> ClaimView:
        claim_id = claim_id_of(member_id, order_ref(number))
        return read_claim(member_id, claim_id, desk=self.claims, postings=self.postings)

    def entries(self, member_id: MemberId) -> list[Entry]:
        return sorted(self.ledger.whole(member_id)[1], key=lambda entry: entry.number)

    def assert_holds(self, member_id: MemberId, points: int) -> None:
        """The account is sound in every way the audit knows, and holds so many points."""
        account, entries = self.ledger.whole(member_id)
        merged = self.ledger.merged_entries(entries)
        assert violations(account, entries, points_of, merged=merged) == []
        assert account.balance == points


def match_claim(message: ClaimSubmitted, desk: ClaimDesk) -> str:
    return match(message, desk=desk)


def order_ref(number: str) -> str:
    return HASHES.order_ref("taobao", number)


def order_number(number: int) -> str:
    return f"{2_000_000_000_000 + number}{'0' * 6}"


def member(number: int) -> MemberId:
    return MemberId(random_id("mem", number.to_bytes(16, "big")))


def at_once(calls: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
    """All calls, each in a thread of its own, let go at the same moment; raises the first one's exception."""
    barrier = Barrier(len(calls))

    def started(call: Callable[[], Outcome]) -> Outcome:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(started, calls))
