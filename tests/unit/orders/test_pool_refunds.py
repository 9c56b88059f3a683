"""Refunds with numbers of their own, presales and confirmations, as they enter the pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from huixue.kernel.events import OrdersChanged
from huixue.kernel.snapshots import OrderSnapshot, RefundSnapshot
from huixue.orders.claims import message_of
from huixue.orders.matcher import match
from huixue.orders.model import WHOLE_ORDER, Row
from huixue.orders.pool import Applied, apply_rows, pool_row, refund_row
from huixue.orders.pricing import quotes_of
from huixue.orders.views import view_of
from tests.unit.orders.pool_fakes import FillingWorld
from tests.unit.orders.world import (
    HASHES,
    HER,
    NOW,
    NUMBER,
    REF,
    a_claim,
    an_order,
    line,
    number,
    ownership,
    pooled,
    refund,
    row,
)

SNAPSHOT = RefundSnapshot(
    platform="taobao", source="affiliate", refund_number="123456789", order_number=NUMBER,
    sub_order_number=number(77), as_of=NOW, state="done", amount_fen=500,
)  # fmt: skip
ORDER = OrderSnapshot(
    platform="taobao", source="export", order_number=NUMBER, as_of=NOW, state="confirmed",
    paid_fen=10000, paid_at=NOW - timedelta(days=1),
)  # fmt: skip


def test_a_refund_is_kept_under_keyed_hashes_alone() -> None:
    made = refund_row(SNAPSHOT, HASHES)

    assert made.order_ref == REF
    assert made.refund.line_key == HASHES.line_key("taobao", number(77))
    assert made.refund_key != HASHES.line_key("taobao", "123456789")
    for secret in (NUMBER, number(77), "123456789"):
        assert secret not in repr(made)


def test_a_refund_of_a_whole_order_is_of_its_one_line() -> None:
    made = refund_row(replace(SNAPSHOT, sub_order_number=None), HASHES)

    assert made.refund.line_key == WHOLE_ORDER


def test_a_refund_is_the_same_whatever_source_or_time_it_is_stated_at() -> None:
    first = refund_row(SNAPSHOT, HASHES)
    again = refund_row(replace(SNAPSHOT, source="export", as_of=NOW + timedelta(1)), HASHES)
    other = refund_row(replace(SNAPSHOT, refund_number="9"), HASHES)

    assert first.refund_key == again.refund_key != other.refund_key


def test_a_refund_before_its_order_is_kept_for_it_and_matches_no_claim() -> None:
    world = FillingWorld()
    world.store.add_claim(a_claim())
    match(message_of(a_claim()), desk=world.claims)  # a stub that would go away
    world.take()

    first = apply_rows([refund(5000)], desk=world.pool, resend=True)
    again = apply_rows([refund(5000)], desk=world.pool, resend=False)
    waiting = match(message_of(a_claim()), desk=world.claims)
    stub = world.store.by_ref[REF]
    sent = world.take()
    came = apply_rows([row(line("confirmed", 10000))], desk=world.pool, resend=False)
    owned = match(message_of(a_claim()), desk=world.claims)

    assert (waiting, owned, sent) == ("waiting", "owned", [])
    assert (stub.expires_at_epoch_s, stub.first_source, stub.waiting) == (
        None, None, {HER: a_claim().claim_id},
    )  # fmt: skip
    assert again == Applied(orders_unchanged=1)
    assert first.orders_unchanged == 0
    assert came == Applied(orders_new=1)
    assert [quote.points for quote in quotes_of(world.store.by_ref[REF], NOW)] == [50]


def test_a_claim_of_an_order_of_which_only_a_refund_is_known_keeps_it_too() -> None:
    world = FillingWorld()
    apply_rows([refund(5000)], desk=world.pool, resend=False)
    world.store.add_claim(a_claim())

    assert match(message_of(a_claim()), desk=world.claims) == "waiting"

    assert world.store.by_ref[REF].expires_at_epoch_s is None
    assert len(world.store.by_ref[REF].refunds) == 1
    view = view_of(a_claim(), world.store.by_ref[REF], {}, hers=[HER], window_days=90, now=NOW)
    assert view.status == "waiting"


def test_lines_and_refunds_of_an_order_come_in_one_batch_as_one_write_and_one_word() -> None:
    world = FillingWorld()
    world.put(replace(an_order(line("paid", 10000)), ownership=ownership()))
    rows: Sequence[Row] = [
        refund(1000), row(line("confirmed", 10000, at=NOW + timedelta(1))), refund(2000, "r2"),
    ]  # fmt: skip

    applied = apply_rows(rows, desk=world.pool, resend=False)

    assert applied == Applied(orders_changed=1)
    assert world.store.by_ref[REF].revision == 2
    assert world.take() == [OrdersChanged(member_id=HER, order_refs=(REF,), correlation_id=REF)]


def test_a_presale_of_which_only_the_deposit_is_paid_is_worth_nothing() -> None:
    deposit = replace(ORDER, state="unpaid", paid_fen=2000, paid_at=NOW)

    made = pool_row(deposit, room="demo/main", hashes=HASHES).line

    assert (made.state, made.paid_fen, made.paid_at) == ("unpaid", 0, None)


@pytest.mark.parametrize("printed", [None, 0])
def test_a_presale_whose_balance_was_never_paid_is_closed_and_not_refunded(
    printed: int | None,
) -> None:
    deposit = replace(ORDER, state="unpaid", paid_fen=2000, paid_at=NOW)
    closed = replace(
        ORDER, state="closed", paid_fen=printed, paid_at=None, as_of=NOW + timedelta(days=1)
    )
    rows = [pool_row(each, room="demo/main", hashes=HASHES) for each in (deposit, closed)]

    for told in permutations(rows):
        order = replace(pooled(told), ownership=ownership())
        view = view_of(a_claim(), order, {}, hers=[HER], window_days=90, now=NOW)
        assert (view.status, view.reason) == ("rejected", "CLOSED")
        assert [(quote.status, quote.points) for quote in quotes_of(order, NOW)] == [("void", 0)]


def test_a_confirmation_without_a_time_happened_when_it_was_said_and_other_states_have_none() -> (
    None
):
    made = pool_row(ORDER, room=None, hashes=HASHES).line
    told = pool_row(replace(ORDER, confirmed_at=NOW - timedelta(3)), room=None, hashes=HASHES).line
    paid = pool_row(replace(ORDER, state="paid"), room=None, hashes=HASHES).line

    assert [each.confirmed_at for each in (made, told, paid)] == [
        NOW, NOW - timedelta(days=3), None,
    ]  # fmt: skip


def test_a_part_of_a_split_order_is_a_row_of_the_original() -> None:
    made = pool_row(
        replace(ORDER, order_number=number(5), split_from=NUMBER), room=None, hashes=HASHES
    )
    itself = pool_row(replace(ORDER, split_from=NUMBER), room=None, hashes=HASHES)

    assert (made.order_ref, made.part_ref) == (REF, HASHES.order_ref("taobao", number(5)))
    assert made.order_hint == f"{NUMBER[:4]}…{NUMBER[-2:]}"
    assert (itself.order_ref, itself.part_ref) == (REF, None)
