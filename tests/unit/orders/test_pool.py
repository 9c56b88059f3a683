from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.errors import ContentionError
from huixue.kernel.events import ClaimSubmitted, OrdersChanged
from huixue.kernel.ids import MemberId
from huixue.kernel.snapshots import LineState, OrderSnapshot, Source
from huixue.orders.matcher import match
from huixue.orders.merging import merged
from huixue.orders.model import WHOLE_ORDER, Order, PoolRow
from huixue.orders.pool import MAX_ROUNDS, ORDERS_PER_MESSAGE, Applied, apply_rows, pool_row
from huixue.orders.pricing import quotes_of
from tests.unit.orders.pool_fakes import FillingWorld
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
    row,
)

HOUR = timedelta(hours=1)


def ref(number: int) -> str:
    return HASHES.order_ref("taobao", f"26{number:017}")


def rows_of(count: int) -> list[PoolRow]:
    return [row(line(), ref=HASHES.order_ref("taobao", f"26{at:017}")) for at in range(count)]


def owned(at: int, by: MemberId = HER) -> Order:
    order = an_order(ref=HASHES.order_ref("taobao", f"26{at:017}"))
    return replace(order, ownership=ownership(by))


def content(world: FillingWorld) -> dict[str, object]:
    """The pool without revisions: they count writes, not truths."""
    return {ref: (order.sources, order.account_ref) for ref, order in world.store.by_ref.items()}


STATES: list[LineState] = ["unpaid", "paid", "shipped", "confirmed", "closed", "unknown"]
SOURCES: list[tuple[Source, str]] = [
    ("export", WHOLE_ORDER),
    ("affiliate", "a"),
    ("affiliate", "b"),
]


@st.composite
def some_rows(draw: st.DrawFn) -> list[PoolRow]:
    """Statements on three orders, of both sources, with equal instants among them."""
    rows = []
    for _ in range(draw(st.integers(1, 12))):
        source, key = draw(st.sampled_from(SOURCES))
        said = line(
            draw(st.sampled_from(STATES)),
            draw(st.sampled_from([None, 100, 17880])),
            draw(st.sampled_from([None, 0, 50])),
            at=NOW + draw(st.integers(0, 3)) * HOUR,
            account=draw(st.sampled_from([None, "小满1990"])),
        )
        number = draw(st.integers(0, 2))
        rows.append(
            row(said, ref=HASHES.order_ref("taobao", f"26{number:017}"), source=source, key=key)
        )
    return rows


@given(some_rows(), st.randoms(use_true_random=False))
def test_rows_in_any_order_twice_and_in_any_batches_come_to_the_same_orders(
    rows: list[PoolRow], shuffled: random.Random
) -> None:
    at_once, piecemeal = FillingWorld(), FillingWorld()
    doubled = rows + rows
    shuffled.shuffle(doubled)

    apply_rows(rows, desk=at_once.pool, resend=False)
    while doubled:
        size = shuffled.randint(1, len(doubled))
        apply_rows(doubled[:size], desk=piecemeal.pool, resend=shuffled.random() < 0.5)
        doubled = doubled[size:]

    assert content(piecemeal) == content(at_once)


def test_every_order_is_counted_once_and_the_same_rows_again_write_nothing() -> None:
    world = FillingWorld()
    rows = rows_of(250)

    first = apply_rows([*rows, *rows[:7]], desk=world.pool, resend=False)
    stored = dict(world.store.by_ref)
    again = apply_rows(rows, desk=world.pool, resend=False)
    newer = [row(line("closed", at=NOW + HOUR), ref=each.order_ref) for each in rows[:3]]
    changed = apply_rows([*rows, *newer], desk=world.pool, resend=False)

    assert first == Applied(orders_new=250)
    assert again == Applied(orders_unchanged=250)
    assert {ref: world.store.by_ref[ref] for ref in list(stored)[3:]} == dict(
        list(stored.items())[3:]
    )
    assert changed == Applied(orders_changed=3, orders_unchanged=247)
    assert world.take() == []


def test_an_order_that_claims_had_waited_for_is_new_to_the_file() -> None:
    world = FillingWorld()
    world.put(Order(order_ref=REF, platform="taobao", order_hint="", waiting={HER: "clm_x"}))

    assert apply_rows([row(line())], desk=world.pool, resend=False) == Applied(orders_new=1)
    assert world.store.by_ref[REF].waiting == {HER: "clm_x"}


def test_somebody_elses_change_in_between_is_kept_and_joined() -> None:
    world = FillingWorld()
    world.put(an_order())
    mine = row(line("closed", at=NOW + HOUR))

    def owner_first() -> None:
        world.put(replace(world.store.by_ref[REF], ownership=ownership()))

    world.journal.meanwhile["save"] = [owner_first]
    applied = apply_rows([mine], desk=world.pool, resend=False)

    order = world.store.by_ref[REF]
    assert applied == Applied(orders_changed=1)
    assert (order.ownership, order.sources["export"][WHOLE_ORDER].state) == (ownership(), "closed")
    assert [each.member_id for each in world.take() if isinstance(each, OrdersChanged)] == [HER]


@pytest.mark.parametrize("resend", [True, False])
def test_another_worker_with_the_same_rows_in_between_is_no_error(resend: bool) -> None:
    world = FillingWorld()
    rows = rows_of(3)

    def other_worker() -> None:
        apply_rows(rows, desk=world.pool, resend=False)

    world.journal.meanwhile["save"] = [other_worker]
    applied = apply_rows(rows, desk=world.pool, resend=resend)

    assert applied == Applied(orders_new=3)
    assert [order.revision for order in world.store.by_ref.values()] == [1, 1, 1]


def test_a_write_that_was_done_though_it_seemed_to_fail_is_told_to_the_owner() -> None:
    world = FillingWorld()
    world.put(owned(0))
    rows = [row(line("closed", at=NOW + HOUR), ref=each.order_ref) for each in rows_of(1)]

    def own_write_whose_reply_is_lost() -> None:
        world.put(merged(world.store.by_ref[ref(0)], rows[0]))

    world.journal.meanwhile["save"] = [own_write_whose_reply_is_lost]
    applied = apply_rows(rows, desk=world.pool, resend=False)

    assert applied == Applied(orders_changed=1)
    assert [type(each) for each in world.take()] == [OrdersChanged]


def test_an_order_that_never_stands_still_ends_in_an_error_that_is_tried_again() -> None:
    world = FillingWorld()
    world.put(an_order())

    def again() -> None:
        world.put(world.store.by_ref[REF])

    world.journal.meanwhile["save"] = [again] * MAX_ROUNDS

    with pytest.raises(ContentionError):
        apply_rows([row(line("closed", at=NOW + HOUR))], desk=world.pool, resend=False)


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
    return sum(quote.points for quote in quotes_of(world.store.by_ref[REF]))


def test_a_row_names_its_order_and_account_by_keyed_hashes_alone() -> None:
    snapshot = OrderSnapshot(
        platform="taobao", source="export", order_number="2600000000000001234", as_of=NOW,
        state="confirmed", account="小满1990", title="面" * 200,
    )  # fmt: skip

    made = pool_row(snapshot, room="demo/main", hashes=HASHES)

    assert (made.order_ref, made.line.account_ref) == (REF, HER_ACCOUNT)
    assert made.line.title == "面" * 60
    assert "2600000000000001234" not in repr(made)
    assert "小满1990" not in repr(made)
