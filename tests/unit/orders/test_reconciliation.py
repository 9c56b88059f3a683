"""A day of the pool beside the ledger: every line once, sums that must agree, and the lines that do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.events import LinePosting
from huixue.kernel.snapshots import STATE_RANK
from huixue.orders.amounts import facts_of
from huixue.orders.model import Line, Order
from huixue.orders.pricing import quotes_of
from huixue.orders.reconciliation import Kind, agrees, reconciled
from tests.unit.orders.world import HASHES, HER, NOW, TERMS, an_order, line, ownership

DAY = date(2026, 11, 10)
"""The business day on which lines are paid that say nothing else."""


def held(points: int = 0, pending: int = 0, peak: int | None = None, **more: int) -> LinePosting:
    return LinePosting(
        points=points, pending=pending, peak=points if peak is None else peak, **more
    )


def owned(name: str, *lines: Line) -> Order:
    ref = HASHES.order_ref("taobao", name)
    return replace(an_order(*lines, ref=ref), ownership=ownership())


def with_postings(order: Order, *postings: LinePosting) -> tuple[Order, Mapping[str, LinePosting]]:
    ids = [order.line_id(facts.line_key) for facts in facts_of(order)]
    return order, dict(zip(ids, postings, strict=False))


@pytest.mark.parametrize(
    ("of", "posting", "kind", "eligible"),
    [
        (line(), held(178), "credited", True),
        (line("confirmed", 99), held(), "credited", True),
        (line("confirmed", 17880, 8000), held(98, peak=178), "clawed_back", True),
        (line("closed"), held(0, peak=178), "clawed_back", False),
        (line("paid"), held(pending=178), "pending", True),
        (line(), held(), "pending", True),  # on its way, and listed as a difference
        (line("unknown"), held(), "parked", False),
        (line(trade_type="sample"), held(), "excluded", False),
        (line("unpaid", 0), held(), "unpaid", False),
        (line("closed"), held(), "refused", False),
        (line("confirmed", 17880, 17880), held(), "refused", True),
        (line(room="other/main"), held(), "refused", False),
        (line(), held(capped=178), "refused", True),
    ],
)
def test_a_line_is_of_exactly_one_kind(
    of: Line, posting: LinePosting, kind: Kind, eligible: bool
) -> None:
    [day] = reconciled([with_postings(owned("a", of), posting)], NOW).days

    assert (day.platform, day.paid_on, day.ingested) == ("taobao", DAY, 1)
    assert day.kinds == {kind: 1}
    assert day.eligible == eligible


def test_lines_nobody_claimed_are_counted_and_owe_nothing() -> None:
    found = reconciled([(an_order(line(), line(room=None)), {})], NOW)

    [day] = found.days
    assert (day.ingested, day.eligible, day.kinds) == (2, 1, {"unclaimed": 2})
    assert (day.due_points, found.differences) == (0, ())


def test_days_are_business_days_of_payment_and_lines_never_paid_have_none() -> None:
    midnight = datetime.fromisoformat("2026-11-11T00:00:00+08:00")
    orders = [
        owned("a", line(paid_at=midnight)),
        owned("b", line(paid_at=midnight - timedelta(microseconds=1))),
        owned("c", line("unpaid", 0, paid_at=None)),
    ]

    found = reconciled([(each, {}) for each in orders], NOW)

    assert [day.paid_on for day in found.days] == [None, DAY, date(2026, 11, 11)]


def test_sums_agree_to_the_point_or_the_line_is_named() -> None:
    good, bad = owned("good", line()), owned("bad", line("confirmed", 10000), line("paid", 5000))
    pairs = [with_postings(good, held(178)), with_postings(bad, held(99), held())]

    found = reconciled(pairs, NOW)

    [day] = found.days
    assert (day.due_points, day.held_points) == (278, 277)
    assert (day.pending_points, day.held_pending_points) == (50, 0)
    assert [(each.line_id, each.due_points, each.held_points) for each in found.differences] == [
        (bad.line_id("l0"), 100, 99), (bad.line_id("l1"), 0, 0),
    ]  # fmt: skip
    assert {each.member_id for each in found.differences} == {HER}


def test_what_a_cap_kept_back_or_was_given_up_is_taken_care_of() -> None:
    pairs = [
        with_postings(owned("a", line()), held(100, capped=78)),
        with_postings(owned("b", line("closed")), held(178, written_off=178)),
        with_postings(owned("c", line("unknown")), held(5)),
    ]

    found = reconciled(pairs, NOW)

    assert found.differences == ()
    [day] = found.days
    assert (day.due_points, day.held_points) == (183, 183)


def test_points_before_their_release_are_to_be_pending() -> None:
    terms = replace(TERMS, release_after_days=7)
    order = replace(an_order(line(confirmed_at=NOW)), ownership=ownership(terms=terms))
    pair = with_postings(order, held(pending=178))

    assert reconciled([pair], NOW).differences == ()
    [late] = reconciled([pair], NOW + timedelta(days=7)).differences
    assert (late.due_points, late.held_points) == (178, 0)


POSTINGS = st.builds(
    LinePosting, points=st.integers(0, 200), pending=st.integers(0, 200),
    peak=st.integers(0, 200), capped=st.integers(0, 100), written_off=st.integers(0, 100),
)  # fmt: skip
LINES = st.builds(
    line,
    st.sampled_from(list(STATE_RANK)),
    st.sampled_from([None, 0, 99, 17880]),
    st.sampled_from([None, 0, 8000, 17880]),
    room=st.sampled_from([None, "demo/main"]),
    trade_type=st.sampled_from([None, "gift"]),
)


@given(st.lists(st.tuples(LINES, POSTINGS), min_size=1, max_size=4))
def test_every_line_is_counted_once_and_sums_differ_by_the_differences_alone(
    found: list[tuple[Line, LinePosting]],
) -> None:
    lines, postings = zip(*found, strict=True)
    order, held_by_line = with_postings(owned("a", *lines), *postings)

    done = reconciled([(order, held_by_line)], NOW)

    assert sum(day.ingested for day in done.days) == len(lines)
    assert sum(sum(day.kinds.values()) for day in done.days) == len(lines)
    missing = sum(each.due_points - each.held_points for each in done.differences)
    assert sum(day.due_points - day.held_points for day in done.days) == missing
    named = {each.line_id for each in done.differences}
    for quote in quotes_of(order, NOW):
        assert agrees(quote, held_by_line[quote.line_id]) == (quote.line_id not in named)
