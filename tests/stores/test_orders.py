"""The order pool, the claim book and the sync book: one set of promises, held by the fake and by the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import pytest
from moto import mock_aws

from huixue.dynamodb.database import Database
from huixue.dynamodb.writes import ConditionFailedError
from huixue.kernel.ids import ClaimId
from huixue.orders.model import Claim, Order, OrderSync, Tries
from huixue.orders.ports import (
    ClaimBook,
    Due,
    DueIndex,
    OrderChangedError,
    OrderPool,
    SyncBook,
)
from huixue.orders.store import OrderStore
from tests.engines.clients import make_client
from tests.engines.tables import create_tables
from tests.unit.orders.fakes import FakeOrders
from tests.unit.orders.world import (
    HASHES,
    HER,
    HER_ACCOUNT,
    NOW,
    OTHER,
    REF,
    a_claim,
    an_order,
    line,
    ownership,
    pooled,
    refund,
)


class Books(OrderPool, ClaimBook, DueIndex, SyncBook, Protocol):
    """What one store of orders promises."""


SYNC = OrderSync(
    sync_id="syn_1", member_id=HER, programme_id="demo", platform="taobao",
    account_ref=HER_ACCOUNT, order_ref=REF, paid_amount_fen=17880, requested_at=NOW, run=1,
)  # fmt: skip


@pytest.fixture(params=["in memory", "moto"])
def books(request: pytest.FixtureRequest) -> Iterator[Books]:
    if request.param == "in memory":
        yield FakeOrders()
        return
    with mock_aws():
        client = make_client("dynamodb", None)
        names = create_tables(client, "contract")
        yield OrderStore(Database(client), names.orders)
        client.close()


def test_an_order_reads_back_with_the_revision_it_was_stored_under(books: Books) -> None:
    first = books.save(replace(an_order(), ownership=ownership(), waiting={OTHER: "clm_1"}))
    second = books.save(first)

    assert (first.revision, second.revision) == (1, 2)
    assert books.orders([REF, "taobao:k1:unknown", REF]) == {REF: second}
    assert books.orders([]) == {}


def test_an_order_that_changed_meanwhile_is_not_overwritten(books: Books) -> None:
    read = books.save(an_order())
    stored = books.save(replace(read, waiting={HER: "clm_1"}))

    for stale in (read, an_order(), replace(read, revision=7)):
        with pytest.raises(OrderChangedError):
            books.save(replace(stale, ownership=ownership(OTHER)))

    assert books.orders([REF]) == {REF: stored}


def test_an_order_that_is_gone_is_not_written_as_if_it_were_there(books: Books) -> None:
    with pytest.raises(OrderChangedError):
        books.save(replace(an_order(), revision=3))

    assert books.orders([REF]) == {}


def test_orders_of_an_account_are_those_paid_or_made_since_then(books: Books) -> None:
    since = NOW - timedelta(days=90)
    found = {
        "on the edge": line(paid_at=since),
        "recent": line(),
        "unpaid": line("unpaid", 0, paid_at=None),
        "too early": line(paid_at=since - timedelta(milliseconds=1)),
        "masked": line(account=None),
        "another's": line(account="别人"),
    }
    for name, of in found.items():
        books.save(an_order(of, ref=HASHES.order_ref("taobao", name)))

    refs = list(books.orders_of_account(HER_ACCOUNT, since))

    assert refs == [
        HASHES.order_ref("taobao", name) for name in ("on the edge", "unpaid", "recent")
    ]


def test_a_claim_is_stored_once_and_the_first_one_stays(books: Books) -> None:
    claim = a_claim(account_ref=HER_ACCOUNT)

    assert books.add_claim(claim) == claim
    assert books.add_claim(replace(claim, submission="req-2")) == claim
    assert books.claim(HER, claim.claim_id) == claim
    assert books.claim(OTHER, claim.claim_id) is None
    pairs = [(HER, claim.claim_id), (OTHER, claim.claim_id), (HER, claim.claim_id)]
    assert books.claims(pairs) == [claim]
    assert books.claims([]) == []


def test_the_state_of_a_claim_is_written_only_where_the_claim_is(books: Books) -> None:
    claim = books.add_claim(a_claim())
    refused = replace(claim, rejected_reason="OUT_OF_WINDOW")

    books.update_claim(refused)
    with pytest.raises(ConditionFailedError):
        books.update_claim(a_claim(OTHER))

    assert books.claim(HER, claim.claim_id) == refused
    assert books.claim(OTHER, a_claim(OTHER).claim_id) is None


def test_claims_of_a_member_are_hers_alone_and_nothing_else_of_her_rows(books: Books) -> None:
    mine = [books.add_claim(replace(a_claim(), claim_id=ClaimId(f"clm_{n}"))) for n in range(3)]
    books.add_claim(a_claim(OTHER))
    books.save_tries(Tries(member_id=HER))
    books.save_sync(SYNC, expected_run=None)

    assert sorted(books.claims_of(HER), key=lambda claim: claim.claim_id) == mine


def test_a_claim_and_her_tries_come_together(books: Books) -> None:
    claim = a_claim()
    assert books.claim_and_tries(HER, claim.claim_id) == (None, Tries(member_id=HER))

    books.add_claim(claim)
    books.save_tries(Tries(member_id=HER, numbers={"c": 1}, proofs={"s#1": 2}))

    stored = Tries(member_id=HER, numbers={"c": 1}, proofs={"s#1": 2}, version=1)
    assert books.claim_and_tries(HER, claim.claim_id) == (claim, stored)
    assert books.claim_and_tries(OTHER, claim.claim_id) == (None, Tries(member_id=OTHER))


def test_tries_that_changed_meanwhile_are_not_overwritten(books: Books) -> None:
    books.save_tries(Tries(member_id=HER, numbers={"a": 1}))

    for version in (0, 2):
        with pytest.raises(OrderChangedError):
            books.save_tries(Tries(member_id=HER, version=version))

    assert books.claim_and_tries(HER, "x")[1].numbers == {"a": 1}


def test_what_is_due_are_claims_and_orders_whose_time_has_come_the_longest_due_first(
    books: Books,
) -> None:
    def waiting(name: str, due_at: datetime | None) -> Claim:
        claim = replace(a_claim(), claim_id=ClaimId(name), next_check_at=due_at)
        return books.add_claim(claim)

    def released(name: str, at: datetime | None) -> Order:
        return books.save(replace(an_order(ref=HASHES.order_ref("taobao", name)), release_at=at))

    waiting("clm_later", NOW + timedelta(microseconds=1))
    waiting("clm_never", None)
    released("later", NOW + timedelta(microseconds=1))
    released("never", None)
    due = [waiting(f"clm_{n:02}", NOW - timedelta(minutes=40 - 2 * n)) for n in range(20)]
    orders = [released(f"o{n}", NOW - timedelta(minutes=39 - 2 * n)) for n in range(20)]

    found = books.due(NOW, 100)
    some = books.due(NOW, 5)

    assert list(found.claims) == [(HER, claim.claim_id) for claim in due]
    assert list(found.orders) == [order.order_ref for order in orders]
    assert (list(some.claims), list(some.orders)) == (
        list(found.claims)[:5], list(found.orders)[:5],
    )  # fmt: skip


def test_what_was_seen_to_is_due_no_more(books: Books) -> None:
    claim = books.add_claim(replace(a_claim(), next_check_at=NOW))
    order = books.save(replace(an_order(), release_at=NOW))
    assert books.due(NOW, 10) == Due(claims=[(HER, claim.claim_id)], orders=[order.order_ref])

    books.update_claim(replace(claim, next_check_at=None))
    books.save(replace(order, release_at=None))

    assert books.due(NOW, 10) == Due(claims=[], orders=[])


def test_an_alias_and_an_order_with_refunds_alone_read_back(books: Books) -> None:
    alias = books.save(replace(an_order(), alias_of=HASHES.order_ref("taobao", "home")))
    other = HASHES.order_ref("taobao", "refunded")
    refunded = books.save(pooled([refund(100, ref=other)]))

    assert books.orders([REF, other]) == {REF: alias, other: refunded}
    assert list(books.orders_of_account(HER_ACCOUNT, NOW - timedelta(days=90))) == []


def test_a_sync_is_stored_once_and_then_only_over_the_run_that_was_read(books: Books) -> None:
    assert books.sync_and_tries(HER, "syn_1") == (None, Tries(member_id=HER))
    books.save_sync(SYNC, expected_run=None)
    with pytest.raises(OrderChangedError):
        books.save_sync(SYNC, expected_run=None)

    second = replace(SYNC, run=2)
    books.save_sync(second, expected_run=1)
    with pytest.raises(OrderChangedError):
        books.save_sync(replace(SYNC, status="done", finished_at=NOW), expected_run=1)

    assert books.sync(HER, "syn_1") == second
    assert books.sync(OTHER, "syn_1") is None
    assert books.sync_and_tries(HER, "syn_1") == (second, Tries(member_id=HER))


def test_a_sync_that_is_not_there_cannot_be_restarted(books: Books) -> None:
    with pytest.raises(OrderChangedError):
        books.save_sync(SYNC, expected_run=1)

    assert books.sync(HER, "syn_1") is None


def test_an_account_belongs_to_whoever_bound_it_first_for_ever(books: Books) -> None:
    assert books.bind(HER_ACCOUNT, [HER], SYNC)
    assert books.bind(HER_ACCOUNT, [HER], SYNC)
    assert not books.bind(HER_ACCOUNT, [OTHER], SYNC)
    assert books.bind(HER_ACCOUNT, [OTHER, HER], SYNC)
    assert not books.bind(HER_ACCOUNT, [OTHER], SYNC)


def test_an_account_may_belong_to_one_member_of_each_programme(books: Books) -> None:
    there = replace(SYNC, programme_id="other")

    assert books.bind(HER_ACCOUNT, [HER], SYNC)
    assert books.bind(HER_ACCOUNT, [OTHER], there)
    assert not books.bind(HER_ACCOUNT, [HER], there)
