"""What lines are worth: the same whatever order sources spoke in, never more than was paid, always explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.kernel.events import LineQuote
from huixue.kernel.snapshots import STATE_RANK, LineState, Source
from huixue.orders.amounts import crediting_source, facts_of
from huixue.orders.model import WHOLE_ORDER, Line, Order, PoolRow
from huixue.orders.pricing import quotes_of
from huixue.orders.worth import points_of
from tests.unit.orders.world import NOW, TERMS, an_order, line, ownership, pooled, row

EVENTS: dict[str, tuple[LineState, int, int]] = {
    "unpaid": ("unpaid", 0, 0),
    "paid": ("paid", 20050, 0),
    "shipped": ("shipped", 20050, 0),
    "confirmed": ("confirmed", 20050, 0),
    "partly refunded": ("confirmed", 20050, 5025),
    "refunded": ("confirmed", 20050, 20050),
    "closed": ("closed", 20050, 20050),
    "reopened": ("confirmed", 20050, 0),
}
"""A life of one order, as told by one source, oldest first: state, gross amount, refunded so far."""


def life(names: Sequence[str], source: Source = "export", key: str = WHOLE_ORDER) -> list[PoolRow]:
    told = []
    for minute, (name, (state, paid, refunded)) in enumerate(EVENTS.items()):
        if name in names:
            at = NOW + timedelta(minutes=minute)
            told.append(row(line(state, paid, refunded, at=at), source=source, key=key))
    return told


def quoted(order: Order, source: Source | None = None) -> list[tuple[str, int]]:
    owned = replace(order, ownership=ownership(source=source or order.first_source or "export"))
    return [(quote.status, quote.points) for quote in quotes_of(owned, NOW)]


@settings(max_examples=80, deadline=None)
@given(st.permutations(life(list(EVENTS))))
def test_one_source_ends_at_the_same_quote_whatever_order_its_rows_come_in(
    rows: list[PoolRow],
) -> None:
    assert quoted(pooled(rows)) == [("due", 200)]


@pytest.mark.parametrize(
    ("last", "quote"),
    [
        ("unpaid", ("void", 0)),
        ("paid", ("pending", 200)),
        ("shipped", ("pending", 200)),
        ("confirmed", ("due", 200)),
        ("partly refunded", ("due", 150)),
        ("refunded", ("due", 0)),
        ("closed", ("void", 0)),
        ("reopened", ("due", 200)),
    ],
)
def test_the_newest_that_was_said_decides(last: str, quote: tuple[str, int]) -> None:
    names = list(EVENTS)
    told = life(names[: names.index(last) + 1])

    ends = {tuple(quoted(pooled(each))) for each in permutations(told[-4:])}

    assert ends == {(quote,)}


@settings(max_examples=80, deadline=None)
@given(
    st.permutations(
        [
            *life(["paid", "confirmed"]),
            *life(["paid", "partly refunded"], "affiliate", "s1"),
            *life(["paid", "shipped"], "affiliate", "s2"),
        ]
    )
)
def test_two_sources_in_any_order_credit_exactly_one_of_them(rows: list[PoolRow]) -> None:
    order = pooled(rows)
    first = rows[0].source

    assert crediting_source(order) == first
    assert len(quoted(order)) == (1 if first == "export" else 2)
    assert quoted(order, "export") == [("due", 150)]
    assert quoted(order, "affiliate") == quoted(pooled(sorted_rows(rows)), "affiliate")


def sorted_rows(rows: Sequence[PoolRow]) -> list[PoolRow]:
    return sorted(rows, key=lambda each: (each.source, each.line_key, str(each.line)))


@pytest.mark.parametrize("first", ["export", "affiliate"])
def test_the_source_that_credits_stays_when_the_other_speaks(first: Source) -> None:
    second: Source = "affiliate" if first == "export" else "export"
    alone = pooled([row(line("confirmed", 10000), source=first)])

    both = pooled([row(line("confirmed", 90000), source=second)], alone)

    assert quoted(both) == quoted(alone) == [("due", 100)]


def test_another_source_raises_a_state_and_closes_but_never_lowers() -> None:
    paid = pooled([row(line("paid"))])
    later = NOW + timedelta(days=1)

    confirmed = pooled([row(line("confirmed"), source="affiliate")], paid)
    closed = pooled([row(line("closed", at=later), source="affiliate")], confirmed)
    older = pooled([row(line("closed", at=NOW - timedelta(days=1)), source="affiliate")], paid)
    lower = pooled([row(line("unpaid", at=later), source="affiliate")], paid)

    assert quoted(confirmed)[0][0] == "due"
    assert quoted(closed)[0] == ("void", 0)
    assert quoted(older)[0][0] == "pending"
    assert quoted(lower)[0][0] == "pending"


def test_an_unpaid_line_stays_unpaid_until_its_own_source_names_the_amount() -> None:
    unpaid = pooled([row(line("unpaid", 0)), row(line("confirmed"), source="affiliate")])

    paid = pooled([row(line("paid", at=NOW + timedelta(days=1)))], unpaid)

    assert quoted(unpaid) == [("void", 0)]
    assert quoted(paid) == [("due", 178)]


def test_an_unknown_state_stays_parked_whatever_another_source_says() -> None:
    order = pooled([row(line("unknown")), row(line("confirmed"), source="affiliate")])

    assert quoted(order)[0][0] == "parked"


def test_a_refund_another_source_knows_is_spread_in_proportion() -> None:
    own = [row(line("confirmed", paid), key=key) for key, paid in (("a", 10000), ("b", 30000))]
    told = row(line("confirmed", 40000, 4000), source="affiliate")

    facts = facts_of(pooled([*own, told]))

    assert [each.refunded_fen for each in facts] == [1000, 3000]


def test_the_last_fen_of_a_spread_refund_go_to_lines_that_have_room_for_them() -> None:
    paid = [1, 1000, 1000]
    own = [row(line("confirmed", fen), key=f"l{index}") for index, fen in enumerate(paid)]
    told = row(line("confirmed", 2001, 2000), source="affiliate")

    refunded = [each.refunded_fen for each in facts_of(pooled([*own, told]))]

    assert sum(refunded) == 2000
    assert all(fen <= most for fen, most in zip(refunded, paid, strict=True))


def test_a_refund_that_is_known_already_is_not_taken_twice() -> None:
    own = [row(line("confirmed", 10000, 4000), key="a"), row(line("confirmed", 10000), key="b")]
    told = row(line("confirmed", 20000, 4000), source="affiliate")

    assert [each.refunded_fen for each in facts_of(pooled([*own, told]))] == [4000, 0]


@pytest.mark.parametrize("printed_refund", [None, 10000])
def test_a_closed_line_is_the_refund_the_other_source_speaks_of(printed_refund: int | None) -> None:
    own = [
        row(line("closed", 10000, printed_refund), key="a"), row(line("confirmed", 10000), key="b"),
    ]  # fmt: skip
    told = row(line("confirmed", 20000, 10000), source="affiliate")

    assert [each.refunded_fen for each in facts_of(pooled([*own, told]))] == [10000, 0]


def test_a_closed_line_of_another_source_is_a_refund_of_what_was_paid_for_it() -> None:
    whole = row(line("confirmed", 20000))
    told = [
        row(line("closed", 5000), source="affiliate", key="a"),
        row(line("confirmed", 15000), source="affiliate", key="b"),
    ]

    assert [each.refunded_fen for each in facts_of(pooled([whole, *told]))] == [5000]


def test_points_are_floored_line_by_line() -> None:
    order = an_order(line("confirmed", 199), line("confirmed", 199), line("confirmed", 99))

    assert [points for _, points in quoted(order)] == [1, 1, 0]


def test_freight_brings_no_points() -> None:
    assert quoted(an_order(line("confirmed", 10000, 0, freight_fen=1000))) == [("due", 90)]


def test_a_line_of_no_room_or_of_another_programmes_room_is_worth_nothing() -> None:
    order = an_order(line(), line(room=None), line(room="other/main"), line(room="demo-2/main"))

    assert [status for status, _ in quoted(order)] == ["due", "void", "void", "void"]


def test_an_order_nobody_owns_is_not_quoted() -> None:
    assert quotes_of(an_order(), NOW) == ()


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Any order of up to two sources with up to three lines each."""
    sources: list[Source] = ["export", "affiliate"]
    rows = []
    for source in sources:
        for key in draw(st.lists(st.sampled_from(["l1", "l2", "l3"]), unique=True, max_size=3)):
            of = line(
                draw(st.sampled_from(list(STATE_RANK))),
                draw(st.none() | st.integers(0, 1000)),
                draw(st.none() | st.integers(0, 1500)),
                at=NOW + timedelta(minutes=draw(st.integers(0, 2))),
                freight_fen=draw(st.none() | st.integers(0, 300)),
                room=draw(st.sampled_from([None, "demo/main", "demo/main", "other/main"])),
                paid_at=draw(st.sampled_from([None, NOW])),
            )
            rows.append(row(of, source=source, key=key))
    terms = replace(
        TERMS,
        rate_milli=draw(st.integers(0, 3000)),
        multiplier_percent=draw(st.sampled_from([100, 150, 233])),
    )
    order = pooled(rows or [row(line())])
    source = draw(st.sampled_from(sorted(order.sources)))
    return replace(order, ownership=ownership(source=source, terms=terms))


@given(orders())
def test_refunds_are_between_nothing_and_what_was_paid(order: Order) -> None:
    for facts in facts_of(order):
        assert 0 <= facts.refunded_fen <= facts.paid_fen
        assert facts.base_fen >= 0


@given(orders())
def test_what_is_refunded_is_exactly_the_larger_word_as_far_as_it_was_paid(order: Order) -> None:
    source = crediting_source(order)
    assert source is not None
    facts = facts_of(order)

    spread = sum(each.refunded_fen for each in facts)

    if any(each.state == "closed" and each.line.state != "closed" for each in facts):
        return  # another source closed the whole order: all of it is refunded
    words = [sum(map(refund_of, lines.values())) for lines in order.sources.values()]
    assert spread == min(max(words), sum(each.paid_fen for each in facts))


def refund_of(of: Line) -> int:
    paid = 0 if of.state == "unpaid" else of.paid_fen or 0
    return paid if of.state == "closed" else min(paid, of.refunded_fen or 0)


@given(orders())
def test_an_explanation_recomputes_for_every_line_in_every_state(order: Order) -> None:
    for quote in quotes_of(order, NOW):
        assert points_of(quote.explanation) == quote.points


@given(orders())
def test_only_what_is_paid_and_attributed_is_worth_anything(order: Order) -> None:
    for facts, quote in zip(facts_of(order), quotes_of(order, NOW), strict=True):
        assert (quote.status == "parked") == (facts.state == "unknown")
        if quote.status in {"pending", "due"}:
            assert facts.state in {"paid", "shipped", "confirmed"}
        if quote.points:
            assert quote.status in {"pending", "due", "parked"}
            assert facts.line.room == "demo/main"


def test_a_quote_names_its_line_its_owner_and_the_revision_it_is_of() -> None:
    order = replace(an_order(), ownership=ownership(), revision=9)

    (quote,) = quotes_of(order, NOW)

    assert isinstance(quote, LineQuote)
    assert (quote.owner, quote.order_revision) == ("mem_her", 9)
    assert quote.line_id == order.line_id(WHOLE_ORDER)
    assert quote.explanation["programme_version"] == 3
