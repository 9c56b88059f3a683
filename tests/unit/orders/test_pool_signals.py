"""Who is told when orders change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from huixue.kernel.events import ClaimSubmitted, OrdersChanged
from huixue.kernel.snapshots import Source
from huixue.orders.matcher import match
from huixue.orders.model import PoolRow
from huixue.orders.pool import ORDERS_PER_MESSAGE, apply_rows
from huixue.orders.pricing import quotes_of
from tests.unit.orders.pool_fakes import FillingWorld
from tests.unit.orders.test_pool import HOUR, owned, ref, rows_of
from tests.unit.orders.world import (
    HER,
    NOW,
    OTHER,
    REF,
    a_claim,
    line,
    row,
)


def test_a_delivery_that_died_before_its_signals_gives_them_when_it_comes_again() -> None:
    world = FillingWorld()
    world.put(owned(0))
    rows = [row(line("closed", at=NOW + HOUR), ref=each.order_ref) for each in rows_of(1)]
    died = FillingWorld()
    died.put(owned(0))
    died.journal.die_at = len(["orders", "save"])
    with pytest.raises(Exception, match="credit"):
        apply_rows(rows, desk=died.pool, resend=False)
    died.journal.die_at = None

    apply_rows(rows, desk=died.pool, resend=False)
    assert died.take() == []
    apply_rows(rows, desk=died.pool, resend=True)

    assert died.take() == [
        OrdersChanged(member_id=HER, order_refs=(ref(0),), correlation_id=ref(0))
    ]


def test_owners_are_told_once_each_in_messages_of_bounded_size() -> None:
    world = FillingWorld()
    for at in range(50):
        world.put(owned(at, HER if at < 45 else OTHER))
    newer = [row(line("closed", at=NOW + HOUR), ref=each.order_ref) for each in rows_of(50)]

    apply_rows(newer, desk=world.pool, resend=False)

    told = [each for each in world.take() if isinstance(each, OrdersChanged)]
    assert [(each.member_id, len(each.order_refs)) for each in told] == [
        (HER, ORDERS_PER_MESSAGE), (HER, ORDERS_PER_MESSAGE), (HER, 5), (OTHER, 5),
    ]  # fmt: skip
    assert {ref for each in told for ref in each.order_refs} == {ref(at) for at in range(50)}


def test_a_line_arriving_eleven_hours_after_its_claim_is_matched_without_another_submission() -> (
    None
):
    world = FillingWorld()
    claim = a_claim()
    world.store.add_claim(claim)
    assert match(_message(world), desk=world.claims) == "waiting"
    world.take()
    world.clock.advance(timedelta(hours=11))

    apply_rows([row(line(at=world.clock.now()))], desk=world.pool, resend=False)

    [sent] = world.take()
    assert isinstance(sent, ClaimSubmitted)
    assert match(sent, desk=world.claims) == "owned"
    order = world.store.by_ref[REF]
    assert order.ownership is not None
    assert (order.ownership.member_id, order.waiting) == (HER, {})


def test_a_claim_that_was_refused_is_not_sent_to_the_matcher_again() -> None:
    world = FillingWorld()
    world.store.add_claim(a_claim())
    match(_message(world), desk=world.claims)
    old = line(paid_at=NOW - timedelta(days=200))
    apply_rows([row(old)], desk=world.pool, resend=False)
    [sent] = [each for each in world.take() if isinstance(each, ClaimSubmitted)][-1:]
    assert match(sent, desk=world.claims) == "rejected"

    newer = line("closed", at=NOW + HOUR, paid_at=NOW - timedelta(days=200))
    apply_rows([row(newer)], desk=world.pool, resend=False)

    assert world.take() == []


def _message(world: FillingWorld) -> ClaimSubmitted:
    claim = a_claim()
    return ClaimSubmitted(
        member_id=claim.member_id, programme_id=claim.programme_id, claim_id=claim.claim_id,
        order_ref=claim.order_ref, platform=claim.platform, order_hint=claim.order_hint,
        account_ref=claim.account_ref, room_level=None, claimed_at=claim.claimed_at,
        submission=claim.submission, correlation_id=claim.claim_id,
    )  # fmt: skip


@pytest.mark.parametrize("source_first", ["export", "affiliate"])
@pytest.mark.parametrize("claimed", ["before", "between", "after"])
def test_an_order_of_two_sources_is_worth_one_credit_and_a_refund_either_one_saw(
    source_first: Source, claimed: str
) -> None:
    world = FillingWorld()
    by_source: dict[Source, list[PoolRow]] = {
        "export": [row(line(paid_fen=17880))],
        "affiliate": [
            row(line(paid_fen=10000, account=None), source="affiliate", key="a"),
            row(line(paid_fen=7880, account=None), source="affiliate", key="b"),
        ],
    }
    second: Source = "affiliate" if source_first == "export" else "export"
    steps: list[Sequence[PoolRow] | None] = [by_source[source_first], by_source[second]]
    steps.insert({"before": 0, "between": 1, "after": 2}[claimed], None)

    for step in steps:
        if step is None:
            world.store.add_claim(a_claim())
            match(_message(world), desk=world.claims)
        else:
            apply_rows(step, desk=world.pool, resend=False)
        for message in world.take():
            if isinstance(message, ClaimSubmitted):
                match(message, desk=world.claims)

    assert worth(world) == {"export": 178, "affiliate": 178}[source_first]
    other = by_source[second][-1]
    refund = line(paid_fen=other.line.paid_fen, refunded_fen=1000, at=NOW + HOUR, account=None)
    apply_rows(
        [row(refund, source=second, key=other.line_key)], desk=world.pool, resend=False
    )  # fmt: skip
    assert [type(each) for each in world.take()] == [OrdersChanged]
    assert worth(world) == 168


def worth(world: FillingWorld) -> int:
    return sum(quote.points for quote in quotes_of(world.store.by_ref[REF], NOW))
