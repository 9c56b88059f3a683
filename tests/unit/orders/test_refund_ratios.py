"""Who gives back too much: what counts as refunded, and where the line is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.calendar import SHANGHAI
from huixue.kernel.policies import RefundBan
from huixue.orders.model import Order
from huixue.orders.refund_ratios import (
    Kept,
    PaidOrder,
    RefundRatio,
    paid_order_of,
    ratio_of,
    verdict,
)
from tests.unit.orders.world import HER, NOW, an_order, line, ownership, pooled, refund, row

RULE = RefundBan(window_days=90, min_orders=5, ratio_percent=60, ban_days=30)
PAID_AT = NOW - timedelta(days=10)


def owned(order: Order) -> Order:
    return replace(order, ownership=ownership(HER))


def paid(
    kept: Kept = "refunded", *, paid_at: datetime = PAID_AT, stated_at: datetime | None = None
) -> PaidOrder:
    return PaidOrder(owner=HER, paid_at=paid_at, kept=kept, refund_stated_at=stated_at)


def ratio(orders: list[PaidOrder], relief_at: datetime | None = None) -> RefundRatio:
    return ratio_of(orders, RULE.window_days, now=NOW, zone=SHANGHAI, relief_at=relief_at)


@pytest.mark.parametrize(
    ("order", "kept"),
    [
        (an_order(line("confirmed")), "kept"),
        (an_order(line("paid")), "kept"),
        (an_order(line("closed")), "refunded"),
        (an_order(line("closed", 0)), "refunded"),
        (an_order(line("confirmed", 17880, 17880)), "refunded"),
        (an_order(line("confirmed", 17880, 16880, freight_fen=1000)), "refunded"),
        (an_order(line("confirmed", 17880, 1)), "partly"),
        (an_order(line("closed"), line("confirmed")), "partly"),
        (an_order(line("closed"), line("confirmed", 900, 900)), "refunded"),
        (pooled([row(line("confirmed")), refund(17880)]), "refunded"),
        (pooled([row(line("confirmed")), refund(17880, state="open")]), "kept"),
        (pooled([row(line("confirmed")), refund(100), refund(100, "r2")]), "partly"),
    ],
)
def test_an_order_counts_as_refunded_when_nothing_of_its_price_is_left(
    order: Order, kept: str
) -> None:
    found = paid_order_of(owned(order))

    assert found is not None
    assert (found.kept, found.paid_at) == (kept, PAID_AT)


@pytest.mark.parametrize(
    "order",
    [
        owned(an_order(line("unpaid", paid_at=None))),
        owned(an_order(line("closed", 0, paid_at=None))),
        owned(an_order(line("confirmed", 0))),
        owned(an_order(line("closed", 0, trade_type="gift"))),
        an_order(line("closed")),
    ],
    ids=["unpaid", "closed unpaid", "for nothing", "a gift", "nobody's"],
)
def test_orders_without_a_payment_or_an_owner_do_not_count(order: Order) -> None:
    assert paid_order_of(order) is None


def test_the_window_holds_the_business_days_of_payment_and_no_others() -> None:
    first = datetime(2026, 8, 21, 16, 0, tzinfo=UTC)  # midnight in Shanghai, 90 days ago

    found = ratio([
        paid(paid_at=first), paid(paid_at=first - timedelta(microseconds=1)),
        paid(paid_at=NOW + timedelta(seconds=1)),
    ])  # fmt: skip

    assert found == RefundRatio(paid=1, refunded=1)


def test_partly_refunded_orders_are_paid_ones_and_counted_beside() -> None:
    found = ratio([paid("kept"), paid("partly"), paid("refunded")])

    assert found == RefundRatio(paid=3, refunded=1, partly=1)
    assert found.percent == 33


def test_refunds_before_the_end_of_a_ban_do_not_count_toward_another() -> None:
    relief = NOW - timedelta(days=5)
    before, after = relief - timedelta(seconds=1), relief

    found = ratio([
        paid(paid_at=before), paid(paid_at=before, stated_at=before), paid("kept", paid_at=before),
        paid(paid_at=before, stated_at=after), paid(paid_at=after),
    ], relief)  # fmt: skip

    assert found == RefundRatio(paid=3, refunded=2, forgiven=2)


def test_without_an_earlier_ban_all_of_them_count() -> None:
    assert ratio([paid(), paid()]) == RefundRatio(paid=2, refunded=2)


@pytest.mark.parametrize(
    ("paid_orders", "refunded", "expected"),
    [
        (5, 3, "ban"), (5, 2, "near"), (10, 6, "ban"), (10, 5, "near"), (10, 4, "fine"),
        (4, 4, "near"), (3, 3, "fine"), (1000, 599, "near"), (1000, 598, "fine"), (5, 0, "fine"),
        (0, 0, "fine"),
    ],
)  # fmt: skip
def test_the_line_is_drawn_exactly(paid_orders: int, refunded: int, expected: str) -> None:
    assert verdict(RefundRatio(paid=paid_orders, refunded=refunded), RULE) == expected


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 20), st.integers(1, 100))
def test_who_is_near_is_banned_with_one_more_refund_and_who_is_fine_is_not(
    refunded: int, kept: int, min_orders: int, percent: int
) -> None:
    rule = RefundBan(window_days=1, min_orders=min_orders, ratio_percent=percent, ban_days=1)
    paid_orders = refunded + kept
    one_more = [RefundRatio(paid=paid_orders + 1, refunded=refunded + 1)]
    if kept:
        one_more.append(RefundRatio(paid=paid_orders, refunded=refunded + 1))

    said = verdict(RefundRatio(paid=paid_orders, refunded=refunded), rule)

    is_banned_then = any(verdict(each, rule) == "ban" for each in one_more)
    assert said != "near" or is_banned_then
    assert said != "fine" or refunded == 0 or not is_banned_then


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["kept", "partly", "refunded"]), st.integers(0, 120),
            st.none() | st.integers(0, 120),
        ),
        max_size=12,
    ),
    st.none() | st.integers(0, 120),
)  # fmt: skip
def test_relief_never_counts_more_refunds_and_every_order_of_the_window_is_counted_once(
    said: list[tuple[Kept, int, int | None]], relief: int | None
) -> None:
    orders = [
        paid(
            kept, paid_at=NOW - timedelta(days=days),
            stated_at=None if stated is None else NOW - timedelta(days=stated),
        )
        for kept, days, stated in said
    ]  # fmt: skip
    relief_at = None if relief is None else NOW - timedelta(days=relief)

    plain, relieved = ratio(orders), ratio(orders, relief_at)

    assert relieved.paid + relieved.forgiven == plain.paid
    assert relieved.refunded + relieved.forgiven == plain.refunded
    assert relieved.partly == plain.partly
