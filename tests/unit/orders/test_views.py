"""What a member reads of a claim: every row of the table of statuses, every reason, never two of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.events import LinePosting
from huixue.kernel.snapshots import STATE_RANK
from huixue.orders.amounts import facts_of
from huixue.orders.matching import last_check
from huixue.orders.model import LINE_STATUS_ORDER, Claim, Line, Order, Reason
from huixue.orders.views import ClaimView, view_of
from huixue.orders.worth import points_of
from tests.unit.orders.world import (
    HER,
    NOW,
    OTHER,
    TERMS,
    a_claim,
    an_order,
    line,
    ownership,
)

PAID_AT = datetime.fromisoformat("2026-11-09T23:59:59.999+08:00")


def seen(
    order: Order | None, *postings: LinePosting, claim: Claim | None = None,
    now: datetime = NOW + timedelta(hours=1),
) -> ClaimView:  # fmt: skip
    """Her view of an order of hers; `postings` are what the ledger holds for its lines, in their order."""
    found: dict[str, LinePosting] = {}
    if order is not None:
        ids = [order.line_id(facts.line_key) for facts in facts_of(order)]
        found = dict(zip(ids, postings, strict=False))
    return view_of(claim or a_claim(), order, found, hers=[HER], window_days=90, now=now)


def held(
    points: int = 0, pending: int = 0, peak: int = 0, capped: int = 0, written_off: int = 0
) -> LinePosting:
    return LinePosting(
        points=points, pending=pending, peak=peak, capped=capped, written_off=written_off
    )


def hers(*lines: Line) -> Order:
    return replace(an_order(*lines), ownership=ownership())


@pytest.mark.parametrize(
    ("of", "posting", "status", "points", "reason"),
    [
        (line("unpaid", 0, paid_at=None), held(0, 0, 0), "unpaid", 0, None),
        (line("paid"), held(0, 0, 0), "pending", 178, None),
        (line("shipped"), held(0, 178, 0), "pending", 178, None),
        (line("unknown"), held(0, 0, 0), "parked", 0, None),
        (line("unknown"), held(178, 0, 178), "parked", 178, None),
        (line("confirmed"), held(0, 0, 0), "pending", 178, None),
        (line("confirmed"), held(178, 0, 178), "credited", 178, None),
        (line("confirmed", 99), held(0, 0, 0), "credited", 0, None),
        (line("confirmed", None), held(0, 0, 0), "pending", 0, None),
        (line("confirmed", 17880, 8000), held(98, 0, 178), "partially_clawed_back", 98, None),
        (line("confirmed", 17880, 8000), held(98, 0, 98), "credited", 98, None),
        (line("confirmed", 17880, 17880), held(0, 0, 178), "clawed_back", 0, None),
        (line("closed"), held(0, 0, 178), "clawed_back", 0, None),
        (line("closed"), held(0, 0, 0), "rejected", 0, "REFUNDED"),
        (line("confirmed", 17880, 17880), held(0, 0, 0), "rejected", 0, "REFUNDED"),
        (line("closed", 0, paid_at=None), held(0, 0, 0), "rejected", 0, "CLOSED"),
        (line("paid", room="other/main"), held(0, 0, 0), "rejected", 0, "NOT_OUR_ROOM"),
        (line("paid", room=None), held(0, 0, 0), "rejected", 0, "NOT_OUR_ROOM"),
    ],
)
def test_a_line_reads_as_the_table_says(
    of: Line, posting: LinePosting, status: str, points: int, reason: Reason | None
) -> None:
    view = seen(hers(of), posting)

    (shown,) = view.lines
    assert (shown.status, shown.points, shown.reason) == (status, points, reason)
    assert (view.status, view.reason) == (status, reason)
    assert view.next_check_at is None


@pytest.mark.parametrize("reason", ["NOT_IN_POOL", "OUT_OF_WINDOW", "NOT_OUR_ROOM"])
def test_a_refused_claim_shows_its_one_reason_and_nothing_of_the_order(reason: Reason) -> None:
    claim = replace(a_claim(), rejected_reason=reason)

    for order in (None, an_order(), replace(an_order(), ownership=ownership(OTHER))):
        view = seen(order, claim=claim)
        assert (view.status, view.reason, view.lines) == ("rejected", reason, ())
        assert view.paid_on is view.next_check_at is None


def test_an_order_that_became_hers_shows_its_lines_though_its_claim_was_refused_before() -> None:
    claim = replace(a_claim(), rejected_reason="NOT_IN_POOL")

    view = seen(hers(line()), held(178, 0, 178), claim=claim)

    assert (view.status, view.reason) == ("credited", None)


@pytest.mark.parametrize(
    "elapsed", [timedelta(0), timedelta(hours=3), timedelta(days=89, hours=23)]
)
def test_somebody_elses_order_no_order_and_a_free_one_read_waiting_with_the_same_check(
    elapsed: timedelta,
) -> None:
    stub = replace(an_order(), sources={}, first_source=None)
    taken = replace(an_order(), ownership=ownership(OTHER))

    views = [seen(order, now=NOW + elapsed) for order in (None, stub, taken, an_order())]

    assert views[0].status == "waiting"
    assert views[0].next_check_at is not None
    assert views[0].next_check_at > NOW + elapsed
    assert all(view == views[0] for view in views)


def test_after_the_last_check_all_of_them_read_not_in_the_pool() -> None:
    taken = replace(an_order(), ownership=ownership(OTHER))

    views = [seen(order, now=last_check(NOW, 90)) for order in (None, taken)]

    assert views[0] == views[1]
    assert (views[0].status, views[0].reason) == ("rejected", "NOT_IN_POOL")
    assert views[0].next_check_at is None


def test_an_order_of_a_member_merged_into_her_reads_as_hers() -> None:
    order = replace(an_order(), ownership=ownership(OTHER))

    view = view_of(a_claim(), order, {}, hers=[HER, OTHER], window_days=90, now=NOW)

    assert view.status == "pending"


SAMPLES: dict[str, tuple[Line, LinePosting]] = {
    "parked": (line("unknown"), held(0, 0, 0)),
    "pending": (line("paid"), held(0, 0, 0)),
    "unpaid": (line("unpaid", 0), held(0, 0, 0)),
    "credited": (line("confirmed"), held(178, 0, 178)),
    "partially_clawed_back": (line("confirmed", 17880, 8000), held(98, 0, 178)),
    "clawed_back": (line("closed"), held(0, 0, 178)),
    "rejected": (line("closed"), held(0, 0, 0)),
}


@pytest.mark.parametrize(("first", "second"), list(combinations(LINE_STATUS_ORDER, 2)))
def test_of_two_different_lines_the_claim_shows_the_one_that_comes_first_in_the_table(
    first: str, second: str
) -> None:
    for names in ((first, second), (second, first)):
        lines, postings = zip(*(SAMPLES[name] for name in names), strict=True)

        view = seen(hers(*lines), *postings)

        assert [each.status for each in view.lines] == list(names)
        assert view.status == first
        assert view.reason is None


def test_a_claim_whose_lines_are_all_refused_shows_the_first_ones_reason() -> None:
    refused = [line("closed", 0, paid_at=None), line("closed"), line(room=None)]

    view = seen(hers(*refused))

    assert (view.status, view.reason) == ("rejected", "CLOSED")
    assert [each.reason for each in view.lines] == ["CLOSED", "REFUNDED", "NOT_OUR_ROOM"]


POSTINGS = st.sampled_from(
    [held(0, 0, 0), held(0, 178, 0), held(178, 0, 178), held(98, 0, 178), held(0, 0, 178)]
)
LINES = st.builds(
    line,
    st.sampled_from(list(STATE_RANK)),
    st.sampled_from([None, 0, 99, 17880]),
    st.sampled_from([None, 0, 8000, 17880]),
    room=st.sampled_from([None, "demo/main", "other/main"]),
    paid_at=st.sampled_from([None, NOW]),
)


@given(st.lists(st.tuples(LINES, POSTINGS), min_size=1, max_size=3))
def test_a_claim_has_a_reason_exactly_when_it_is_refused(
    found: list[tuple[Line, LinePosting]],
) -> None:
    lines, postings = zip(*found, strict=True)

    view = seen(hers(*lines), *postings)

    assert (view.status == "rejected") == (view.reason is not None)
    assert all((each.status == "rejected") == (each.reason is not None) for each in view.lines)


@given(LINES)
def test_points_that_are_pending_are_what_the_explanation_comes_to(of: Line) -> None:
    (shown,) = seen(hers(of)).lines

    if shown.status in {"pending", "credited"}:
        assert shown.explanation is not None
        assert points_of(shown.explanation) == shown.points
    else:
        assert shown.explanation is None


def test_the_day_of_payment_is_shanghais() -> None:
    assert seen(hers(line(paid_at=PAID_AT))).paid_on == date(2026, 11, 9)
    assert seen(hers(line(paid_at=PAID_AT + timedelta(milliseconds=1)))).paid_on == date(
        2026, 11, 10
    )
    assert seen(hers(line("unpaid", 0, paid_at=None))).paid_on is None


def test_terms_of_the_day_of_the_match_explain_the_points() -> None:
    terms = replace(TERMS, multiplier_percent=150, level="gold", programme_version=2)
    order = replace(an_order(), ownership=ownership(terms=terms))

    (shown,) = seen(order).lines

    assert shown.points == 268
    assert shown.explanation is not None
    assert (shown.explanation["level"], shown.explanation["programme_version"]) == ("gold", 2)
