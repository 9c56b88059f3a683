"""Joins: files and feeds may come in any order, twice or late, and the pool is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.kernel.ids import AccountRef, OrderRef
from huixue.kernel.snapshots import STATE_RANK, RefundState, Source
from huixue.orders.merging import MAX_LINES, MAX_REFUNDS, joined, merged, merged_refund, stamped
from huixue.orders.model import STATEMENTS, Line, RefundRow, Row
from tests.unit.orders.world import NOW, line, ms, ownership, pooled, refund, row

INSTANTS = st.sampled_from([None, *(NOW + timedelta(minutes=n) for n in range(3))])
AMOUNTS = st.none() | st.integers(0, 3)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """Any line a parser could make, said at one of very few instants, so that ties are common."""
    state = draw(st.sampled_from(list(STATE_RANK)))
    said = Line(
        state=state,
        printed_state=draw(st.sampled_from([None, "", "甲", "乙"])),
        paid_fen=draw(AMOUNTS),
        refunded_fen=draw(AMOUNTS),
        freight_fen=draw(AMOUNTS),
        account_ref=draw(st.sampled_from([None, AccountRef("a"), AccountRef("b")])),
        room=draw(st.sampled_from([None, "demo/main", "demo/guest"])),
        created_at=draw(INSTANTS),
        paid_at=draw(INSTANTS),
        confirmed_at=draw(INSTANTS),
        title=draw(st.sampled_from([None, "面霜", "口红"])),
        quantity=draw(AMOUNTS),
        trade_type=draw(st.sampled_from([None, "normal", "sample", "gift"])),
    )
    return stamped(said, draw(st.integers(0, 2)))


PARTS = st.sampled_from([None, None, OrderRef("t:k:part-one"), OrderRef("t:k:part-two")])
REFUND_STATES: list[RefundState] = ["open", "failed", "done"]


def refunds() -> st.SearchStrategy[Row]:
    return st.builds(
        lambda fen, name, state, minute, key, part: refund(
            fen, name, state, at=NOW + timedelta(minutes=minute), key=key, part=part
        ),
        st.integers(0, 2), st.sampled_from(["r1", "r2"]), st.sampled_from(REFUND_STATES),
        st.integers(0, 1), st.sampled_from(["l1", "l2"]), PARTS,
    )  # fmt: skip


def rows() -> st.SearchStrategy[Row]:
    sources: list[Source] = ["export", "affiliate"]
    said = st.builds(
        lambda of, source, key, part: row(of, source=source, key=key, part=part),
        lines(), st.sampled_from(sources), st.sampled_from(["l1", "l2"]), PARTS,
    )  # fmt: skip
    return said | refunds()


@given(lines(), lines())
def test_a_join_does_not_care_who_came_first(left: Line, right: Line) -> None:
    assert joined(left, right) == joined(right, left)


@given(lines(), lines(), lines())
def test_a_join_does_not_care_what_was_joined_before(one: Line, two: Line, three: Line) -> None:
    assert joined(joined(one, two), three) == joined(one, joined(two, three))


@given(lines(), lines())
def test_a_join_twice_is_a_join_once(left: Line, right: Line) -> None:
    assert joined(left, left) == left
    assert joined(joined(left, right), right) == joined(left, right)


@given(lines())
def test_every_field_of_a_stamped_line_belongs_to_a_statement_with_its_time(of: Line) -> None:
    for name, fields in STATEMENTS.items():
        if name not in of.as_of_ms:
            assert [getattr(of, each) for each in fields] == [None] * len(fields)


@given(lines(), lines())
def test_what_the_newer_one_does_not_say_is_kept(left: Line, right: Line) -> None:
    both = joined(left, right)

    for name, fields in STATEMENTS.items():
        saying = [each for each in (left, right) if name in each.as_of_ms]
        newest = max((each.as_of_ms[name] for each in saying), default=None)
        said = [getattr(both, each) for each in fields]
        candidates = [
            [getattr(each, one) for one in fields]
            for each in saying
            if each.as_of_ms[name] == newest or name == "confirmed_at"
        ]
        assert said in (candidates or [[None] * len(fields)])


@pytest.mark.parametrize("swapped", [False, True])
def test_at_the_same_instant_a_state_never_falls_and_a_refund_never_shrinks(swapped: bool) -> None:
    low, high = line("paid", 100, 30), line("confirmed", 100, 40)
    first, second = (high, low) if swapped else (low, high)

    both = joined(first, second)

    assert (both.state, both.refunded_fen) == ("confirmed", 40)


def test_a_newer_file_may_lower_a_state_and_a_refund() -> None:
    later = NOW + timedelta(seconds=1)

    both = joined(line("confirmed", 100, 40), line("paid", 100, 0, at=later))

    assert (both.state, both.refunded_fen) == ("paid", 0)


@settings(max_examples=60)
@given(st.lists(rows(), min_size=1, max_size=4))
def test_an_order_is_the_same_whatever_order_its_rows_came_in(found: list[Row]) -> None:
    ends = [pooled(each) for each in permutations(found)]

    assert all(each.sources == ends[0].sources for each in ends)
    assert all(each.refunds == ends[0].refunds for each in ends)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_confirmation_happened_when_it_was_first_said_to_have(swapped: bool) -> None:
    early = line(at=NOW + timedelta(days=1), confirmed_at=NOW)
    late = line(at=NOW + timedelta(days=2), confirmed_at=NOW + timedelta(days=2))
    first, second = (late, early) if swapped else (early, late)

    assert joined(first, second).confirmed_at == NOW


def test_a_newer_statement_decides_what_kind_of_trade_it_is() -> None:
    sample = line(trade_type="sample")
    later = line(at=NOW + timedelta(days=1), trade_type="normal")

    assert joined(sample, later).trade_type == "normal"
    assert joined(sample, line(at=NOW + timedelta(days=1))).trade_type == "sample"


@pytest.mark.parametrize(
    ("older", "newer", "stays"),
    [
        (refund(100, state="open"), refund(100, at=NOW + timedelta(1)), "done"),
        (refund(100), refund(100, state="failed", at=NOW + timedelta(1)), "failed"),
        (refund(100, state="open"), refund(100), "done"),
        (refund(100, state="failed"), refund(100), "done"),
    ],
)
def test_of_a_refund_the_newest_word_counts_then_the_later_state(
    older: RefundRow, newer: RefundRow, stays: str
) -> None:
    for told in ([older, newer], [newer, older], [older, newer, older]):
        assert pooled(told).refunds["r1"].state == stays


def test_a_refund_keeps_an_order_that_is_not_there_yet_and_gives_it_no_source() -> None:
    stub = replace(pooled([refund(5)]), refunds={}, expires_at_epoch_s=1, waiting={"m": "c"})

    order = merged_refund(stub, refund(100))

    assert (order.first_source, order.expires_at_epoch_s, order.waiting) == (None, None, {"m": "c"})
    assert merged(order, row(line())).refunds == order.refunds


def test_an_order_keeps_a_bounded_number_of_refunds() -> None:
    order = pooled([refund(1, f"r{n}") for n in range(MAX_REFUNDS + 5)])

    assert len(order.refunds) == MAX_REFUNDS
    assert merged(order, refund(2, "r0")).refunds["r0"].amount_fen == 2


@given(st.lists(rows(), min_size=1, max_size=6))
def test_rows_that_come_again_give_back_the_very_same_order(found: list[Row]) -> None:
    order = pooled(found)

    for again in found:
        assert merged(order, again) is order


def test_joining_leaves_the_owner_the_terms_and_the_revision_alone() -> None:
    owned = replace(pooled([row(line("paid"))]), ownership=ownership(), revision=7)

    after = merged(owned, row(line("closed", at=NOW + timedelta(days=1)), source="affiliate"))

    assert after is not owned
    assert (after.ownership, after.revision) == (owned.ownership, 7)
    assert after.first_source == "export"


def test_an_owned_order_stays_in_its_owners_programme() -> None:
    owned = replace(pooled([row(line("paid"))]), ownership=ownership())
    later = NOW + timedelta(days=1)

    after = merged(owned, row(line("confirmed", at=later, room="other/main")))
    free = merged(replace(owned, ownership=None), row(line(at=later, room="other/main")))
    moved = merged(owned, row(line(at=later, room="demo/guest")))

    assert after.sources["export"]["order"].room == "demo/main"
    assert after.sources["export"]["order"].state == "confirmed"
    assert free.sources["export"]["order"].room == "other/main"
    assert moved.sources["export"]["order"].room == "demo/guest"


def test_a_stub_that_gets_its_order_is_no_longer_thrown_away() -> None:
    stub = replace(
        pooled([row(line())]), sources={}, first_source=None, expires_at_epoch_s=1,
        waiting={"m": "c"},
    )  # fmt: skip

    order = merged(stub, row(line()))

    assert order.expires_at_epoch_s is None
    assert order.waiting == {"m": "c"}


def test_an_order_keeps_a_bounded_number_of_lines() -> None:
    order = pooled([row(line(), key=f"l{n}") for n in range(MAX_LINES + 5)])

    assert len(order.lines()) == MAX_LINES
    known = merged(order, row(line("closed", at=NOW + timedelta(days=1)), key="l0"))
    assert known.sources["export"]["l0"].state == "closed"


def test_stamping_puts_one_time_on_everything_that_was_said() -> None:
    assert set(line(account=None, room=None).as_of_ms.values()) == {ms(NOW)}
    assert "account" not in line(account=None).as_of_ms
