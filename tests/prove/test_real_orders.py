"""The real orders, imported in shuffled order: the points are those that the file itself comes to, member by member;
every account is sound, and one that is spoilt is found and mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from huixue.kernel.events import ClaimSubmitted, LineQuote
from huixue.kernel.ids import MemberId, OrderRef
from huixue.kernel.policies import LedgerPolicy
from huixue.kernel.terms import Terms
from huixue.orders.merging import merged
from huixue.orders.model import Order, Ownership, Row, claim_id_of
from huixue.orders.pool import apply_rows
from huixue.orders.pricing import quotes_of
from huixue.orders.worth import points_of
from huixue.points.audit import Violation, violations
from huixue.points.ports import Ledger, LedgerDesk
from huixue.points.rebuilding import differences, mended, rebuilt
from huixue.points.use_cases import settle
from infra.demo.recompute import recompute
from tests.engines.tables import TableNames
from tests.prove.memory_ledger import MemoryLedger
from tests.prove.real_orders import REPORT, RealOrder, member_of, real_orders, shuffled
from tests.races.main_job import MainJob, order_ref
from tests.races.surroundings import KeptMessages

NOW = datetime(2020, 4, 20, 4, 0, tzinfo=UTC)
POLICY = LedgerPolicy(programme_id="demo", version=1)
TERMS = Terms(
    programme_id="demo", programme_version=1, room_id="main", rule="main/taobao", rate_milli=1000,
    multiplier_percent=100, level=None, window_days=90, window_clock="paid_at",
)  # fmt: skip
ROWS_AT_ONCE = 500
"""One chunk of an import."""
WHOLE_OF_IT = 1_901_029


@pytest.fixture(scope="module")
def orders(design_data: Path) -> list[RealOrder]:
    return real_orders(design_data)


@pytest.fixture(scope="module")
def by_the_file(design_data: Path) -> Counter[str]:
    """Points of each member, recomputed from the file by code that knows nothing of the product."""
    points: Counter[str] = Counter()
    for number, worth in recompute(design_data / REPORT).points_by_order.items():
        points[member_of(number)] += worth
    return points


@dataclass(slots=True)
class Pool:
    """Every order is claimed before it is there: whoever brings it gives it its owner."""

    owners: dict[str, MemberId]
    orders: dict[str, Order] = field(default_factory=dict)

    def take(self, rows: Sequence[Row]) -> dict[MemberId, list[str]]:
        """Returns the orders that changed, by their owners."""
        changed: dict[MemberId, list[str]] = {}
        for row in rows:
            before = self.orders.get(row.order_ref)
            order = merged(before, row)
            if order is not before:
                owner = self.owners[row.order_ref]
                self.orders[row.order_ref] = _owned(order, owner)
                changed.setdefault(owner, []).append(row.order_ref)
        return changed

    def quotes(self, order_refs: Sequence[str]) -> list[LineQuote]:
        return [quote for ref in order_refs for quote in quotes_of(self.orders[ref], NOW)]


def _owned(order: Order, member_id: MemberId) -> Order:
    revision = order.revision + 1
    if order.ownership is not None or order.first_source is None:
        return replace(order, revision=revision)
    owner = Ownership(
        member_id=member_id, owned_at=NOW, via="clm", proven=False, terms=TERMS,
        credit_source=order.first_source,
    )  # fmt: skip
    return replace(order, ownership=owner, revision=revision)


def audited(ledger: Ledger, members: Sequence[MemberId]) -> list[Violation]:
    found = []
    for member_id in members:
        account, entries = ledger.whole(member_id)
        found += violations(account, entries, points_of)
    return found


def test_the_file_holds_what_the_design_says_of_it(orders: list[RealOrder]) -> None:
    refunded = [order for order in orders if order.refunded_fen]

    assert len(orders) == 28_010
    assert sum(order.paid_at is not None for order in orders) == 24_087
    assert len(refunded) == 5_646
    assert sum(order.is_refunded_in_full for order in refunded) == 5_132


def test_the_real_orders_in_any_order_come_to_what_the_file_says_member_by_member(
    orders: list[RealOrder], by_the_file: Counter[str]
) -> None:
    said = shuffled(orders, Random("real orders"))
    pool = Pool({order_ref(order.number): order.member_id for order in orders})
    ledger = MemoryLedger()
    desk = LedgerDesk(
        ledger=ledger, policy_of=lambda _: POLICY, now=lambda: NOW, pause=lambda _: None
    )

    for start in range(0, len(said), ROWS_AT_ONCE):
        changed = pool.take([row for _, row in said[start : start + ROWS_AT_ONCE]])
        for member_id, refs in changed.items():
            settle(member_id, refs, quotes=pool.quotes, desk=desk)

    members = sorted({order.member_id for order in orders})
    balances = Counter({each: ledger.account(each).balance for each in members})
    assert +balances == by_the_file
    assert sum(balances.values()) == WHOLE_OF_IT
    assert all(ledger.account(each).pending == 0 for each in members)
    assert audited(ledger, members) == []
    assert_a_spoilt_account_is_found_and_mended(ledger, members)


def assert_a_spoilt_account_is_found_and_mended(
    ledger: MemoryLedger, members: Sequence[MemberId]
) -> None:
    sound = ledger.account(members[777])
    ledger.accounts[members[777]] = replace(sound, balance=sound.balance + 1000)

    found = audited(ledger, members)

    assert {each.member_id for each in found} == {members[777]}
    broken, entries = ledger.whole(members[777])
    assert differences(broken, rebuilt(broken, entries)) == {
        "balance": (sound.balance + 1000, sound.balance)
    }
    ledger.restore(broken, mended(broken, entries, POLICY, NOW))
    assert audited(ledger, members) == []
    assert ledger.account(members[777]).balance == sound.balance


# ---- a part of them through the real stores

SOME = 500
CLAIMANTS = 20


@pytest.mark.dynamodb_local
def test_some_of_the_real_orders_through_the_real_stores_come_to_what_the_file_says(
    orders: list[RealOrder], design_data: Path, dynamodb: Any, tables: TableNames
) -> None:
    random = Random("real stores")
    queues = KeptMessages()
    job = MainJob(dynamodb, tables, queues, queues.taken)
    job.clock.instant = NOW
    paid = [order for order in orders if order.paid_at is not None]
    some = [*random.sample([each for each in paid if each.refunded_fen], SOME // 2)]
    some += random.sample([each for each in paid if not each.refunded_fen], SOME // 2)
    owners = {order.number: _claimant(order.number) for order in some}

    claims = [claim_of(number, member_id) for number, member_id in owners.items()]
    said = [row for _, row in shuffled(some, random)]
    chunks = [said[start : start + 50] for start in range(0, len(said), 50)]
    for chunk in chunks:  # claimed before, between and after what is said of them
        for claim in [claims.pop() for _ in range(min(len(claims), SOME // len(chunks)))]:
            job.delivered(claim)
        apply_rows(chunk, desk=job.pool, resend=False)
        job.deliver_all()
    for claim in claims:
        job.delivered(claim)
    job.deliver_all()

    points = recompute(design_data / REPORT, order_numbers=list(owners)).points_by_order
    for member_id in set(owners.values()):
        hers = [number for number, owner in owners.items() if owner == member_id]
        job.assert_holds(member_id, sum(points.get(number, 0) for number in hers))
    members = sorted(set(owners.values()))
    assert_spoilt_in_the_table_it_is_found_and_mended(job, dynamodb, tables, members)


def _claimant(number: str) -> MemberId:
    return MemberId(f"mem_{int(number) % CLAIMANTS:02}")


def claim_of(number: str, member_id: MemberId) -> ClaimSubmitted:
    """As it leaves the entrance; the file's own numbers are too short for that."""
    ref = OrderRef(order_ref(number))
    return ClaimSubmitted(
        member_id=member_id, programme_id="demo", claim_id=claim_id_of(member_id, ref),
        order_ref=ref, platform="taobao", order_hint="1234…56", account_ref=None, room_level=None,
        claimed_at=NOW, submission="x", correlation_id="x",
    )  # fmt: skip


def assert_spoilt_in_the_table_it_is_found_and_mended(
    job: MainJob, dynamodb: Any, tables: TableNames, members: Sequence[MemberId]
) -> None:
    spoilt = members[3]
    sound = job.ledger.account(spoilt)
    dynamodb.update_item(
        TableName=tables.points,
        Key={"pk": {"S": spoilt}, "sk": {"S": "ACCOUNT"}},
        UpdateExpression="SET balance = balance + :n",
        ExpressionAttributeValues={":n": {"N": "1000"}},
    )

    assert {each.member_id for each in audited(job.ledger, members)} == {spoilt}

    broken, entries = job.ledger.whole(spoilt)
    job.ledger.restore(broken, mended(broken, entries, POLICY, NOW))
    assert audited(job.ledger, members) == []
    assert job.ledger.account(spoilt).balance == sound.balance
