"""Facts of lines: what several sources, refunds with numbers of their own and parts of split orders come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.ids import OrderRef
from huixue.kernel.snapshots import TradeType
from huixue.orders.amounts import LineFacts, facts_of
from huixue.orders.model import Row
from tests.unit.orders.world import NOW, line, pooled, refund, row

LATER = NOW + timedelta(days=1)
PART = OrderRef("taobao:k1:thepart")


def facts(*rows: Row) -> list[LineFacts]:
    """The same in every order of the rows, as long as the first one's source stays the crediting one."""
    first, *others = rows
    ends = [facts_of(pooled([first, *each])) for each in permutations(others)]
    assert all(each == ends[0] for each in ends)
    return list(ends[0])


def refunded(*rows: Row) -> list[int]:
    return [each.refunded_fen for each in facts(*rows)]


@pytest.mark.parametrize(
    ("printed", "refunds", "expected"),
    [
        (0, [3667, 3667, 3666], 10000),  # thirds, rounded up: 110 % of the line's 10000
        (0, [3700, 3700, 3600], 10000),
        (0, [3000, 4000], 7000),
        (5000, [3000], 5000),
        (3000, [3000], 3000),
        (3000, [3000, 1], 3001),
        (20000, [], 10000),
    ],
)
def test_of_what_a_source_prints_and_what_refunds_come_to_the_larger_counts_up_to_what_was_paid(
    printed: int, refunds: list[int], expected: int
) -> None:
    rows = [refund(fen, f"r{index}") for index, fen in enumerate(refunds)]

    assert refunded(row(line("confirmed", 10000, printed)), *rows) == [expected]


def test_three_partial_refunds_that_come_to_110_percent_are_a_full_one() -> None:
    rows = [refund(3667, f"r{index}") for index in range(3)]

    assert refunded(row(line("confirmed", 10000)), *rows) == [10000]
    assert refunded(row(line("confirmed", 10000, 11000)), *rows) == [10000]


def test_refunds_that_are_open_or_failed_take_nothing() -> None:
    rows = [refund(4000, "r1", "open"), refund(4000, "r2", "failed"), refund(100, "r3")]

    assert refunded(row(line("confirmed", 10000)), *rows) == [100]


def test_the_same_refund_again_is_one_refund() -> None:
    assert refunded(row(line()), refund(100), refund(100), refund(100, at=LATER)) == [100]


def test_a_refund_is_of_its_own_line() -> None:
    lines = [row(line("confirmed", 10000), key=key) for key in ("a", "b")]

    assert refunded(*lines, refund(12000, key="b")) == [0, 10000]


def test_refunds_of_another_sources_lines_are_spread_like_its_own_words() -> None:
    export = row(line("confirmed", 10000))
    affiliate = [row(line("confirmed", 5000), source="affiliate", key=key) for key in ("a", "b")]

    assert refunded(export, *affiliate, refund(1000, key="a"), refund(500, "r2", key="b")) == [1500]


def test_a_refund_of_a_line_nobody_printed_is_the_orders() -> None:
    lines = [row(line("confirmed", paid), key=key) for key, paid in (("a", 10000), ("b", 30000))]

    assert refunded(*lines, refund(4000)) == [1000, 3000]


def test_a_refund_that_the_export_has_in_its_sum_already_is_not_taken_twice() -> None:
    lines = [row(line("confirmed", 10000, 4000), key="a"), row(line("confirmed", 10000), key="b")]

    assert refunded(*lines, refund(4000)) == [4000, 0]


def test_parts_of_a_split_order_are_refunded_by_their_own_refunds() -> None:
    whole = row(line("paid", 30000))
    parts = [
        row(line("confirmed", 10000, at=LATER), part=PART),
        row(line("confirmed", 20000, at=LATER), part=OrderRef("taobao:k1:another")),
    ]

    (found,) = facts(whole, *parts, refund(12000, part=PART))

    assert (found.state, found.paid_fen, found.refunded_fen) == ("confirmed", 30000, 10000)


def test_a_refund_by_the_first_number_of_a_split_order_is_not_forgotten() -> None:
    parts = row(line("confirmed", 30000, at=LATER), part=PART)

    assert refunded(row(line("paid", 30000)), parts, refund(500)) == [500]


@pytest.mark.parametrize("known_to", ["export", "affiliate"])
def test_a_trade_type_counts_whichever_source_knows_it(known_to: str) -> None:
    types: dict[str, TradeType | None] = {"export": None, "affiliate": None, known_to: "sample"}

    (found,) = facts(
        row(line(trade_type=types["export"])),
        row(line(trade_type=types["affiliate"]), source="affiliate"),
    )

    assert found.trade_type == "sample"


def test_a_line_nobody_calls_special_is_a_normal_trade() -> None:
    assert facts(row(line()))[0].trade_type == "normal"


def confirmed(at: datetime, said_at: datetime = LATER) -> Row:
    return row(line("confirmed", at=said_at, confirmed_at=at))


def test_a_confirmation_is_the_earliest_that_was_said() -> None:
    others = [
        row(line("confirmed", confirmed_at=NOW - timedelta(days=2)), source="affiliate", key="a"),
        row(line("confirmed", confirmed_at=NOW - timedelta(days=1)), source="affiliate", key="b"),
    ]

    assert facts(confirmed(NOW), confirmed(LATER))[0].confirmed_at == NOW
    assert facts(confirmed(NOW), *others)[0].confirmed_at == NOW - timedelta(days=1)
    assert facts(row(line("paid")), *others)[0].confirmed_at == NOW - timedelta(days=1)


def test_a_confirmation_stored_without_a_time_was_one_when_it_was_said() -> None:
    assert facts(row(line("confirmed", at=NOW)))[0].confirmed_at == NOW


def test_a_line_that_is_not_confirmed_any_more_has_no_time_of_it() -> None:
    reopened = row(line("shipped", at=LATER))

    assert facts(confirmed(NOW, NOW), reopened)[0].confirmed_at is None


REFUNDS = st.lists(
    st.builds(
        lambda fen, name, key: refund(fen, name, key=key),
        st.integers(0, 700), st.sampled_from("pqrs"), st.sampled_from(["a", "b", "elsewhere"]),
    ),
    max_size=5,
)  # fmt: skip


@given(REFUNDS, st.integers(0, 1000), st.integers(0, 1000))
def test_refunds_never_come_to_more_than_was_paid_nor_to_less_than_any_word(
    refunds: list[Row], paid: int, printed: int
) -> None:
    order = pooled([row(line("confirmed", paid, printed), key=key) for key in "ab"])
    order = pooled(refunds, order)

    found = facts_of(order)

    assert all(0 <= each.refunded_fen <= paid for each in found)
    done = sum(each.amount_fen for each in order.refunds.values())
    by_line = [
        sum(each.amount_fen for each in order.refunds.values() if each.line_key == key)
        for key in "ab"
    ]
    for each, objects in zip(found, by_line, strict=True):
        assert each.refunded_fen >= min(paid, max(printed, objects))
    assert sum(each.refunded_fen for each in found) >= min(
        2 * paid, done - sum(max(0, each - paid) for each in by_line)
    )


def test_facts_know_when_it_was_paid_from_whoever_says_so() -> None:
    order = pooled([row(line(paid_at=None)), row(line(paid_at=LATER), source="affiliate")])

    assert facts_of(order)[0].paid_at == LATER
    assert facts_of(replace(order, sources={}, first_source=None)) == ()
