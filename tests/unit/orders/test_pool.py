from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.errors import ContentionError
from huixue.kernel.events import OrdersChanged
from huixue.kernel.ids import MemberId
from huixue.kernel.snapshots import LineState, OrderSnapshot, Source
from huixue.orders.merging import merged
from huixue.orders.model import WHOLE_ORDER, Order, PoolRow
from huixue.orders.pool import MAX_ROUNDS, Applied, apply_rows, pool_row
from tests.unit.orders.pool_fakes import FillingWorld
from tests.unit.orders.world import (
    HASHES,
    HER,
    HER_ACCOUNT,
    NOW,
    NUMBER,
    REF,
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


def test_a_row_names_its_order_and_account_by_keyed_hashes_alone() -> None:
    snapshot = OrderSnapshot(
        platform="taobao", source="export", order_number=NUMBER, as_of=NOW,
        state="confirmed", account="小满1990", title="面" * 200,
    )  # fmt: skip

    made = pool_row(snapshot, room="demo/main", hashes=HASHES)

    assert (made.order_ref, made.line.account_ref) == (REF, HER_ACCOUNT)
    assert made.line.title == "面" * 60
    assert NUMBER not in repr(made)
    assert "小满1990" not in repr(made)
