"""The life of an order: whatever order its events are told in, it ends at the same quotes, and points wait for their
release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.kernel.snapshots import LineState, OrderSnapshot
from huixue.kernel.terms import CampaignTerms
from huixue.orders.model import Line, Order, Row
from huixue.orders.pool import pool_row
from huixue.orders.pricing import quotes_of, with_release
from tests.unit.orders.world import (
    HASHES,
    NOW,
    NUMBER,
    TERMS,
    an_order,
    line,
    ownership,
    pooled,
    refund,
)

SEVEN_DAYS = replace(TERMS, release_after_days=7)
CONFIRMED_AT = datetime.fromisoformat("2026-11-10T23:30:00+08:00")
RELEASED_AT = datetime.fromisoformat("2026-11-17T00:00:00+08:00")


def quoted(order: Order, now: datetime = NOW, **terms: object) -> list[tuple[str, int]]:
    owned = replace(order, ownership=ownership(terms=replace(TERMS, **terms)))  # type: ignore[arg-type]  # any term
    return [(quote.status, quote.points) for quote in quotes_of(owned, now)]


def told(
    state: LineState, minute: int, paid: int | None = None, refunded: int | None = None
) -> Row:
    """A row of the feed, as its parser and the pool make it."""
    snapshot = OrderSnapshot(
        platform="taobao", source="export", order_number=NUMBER, state=state, paid_fen=paid,
        refunded_fen=refunded, as_of=NOW + timedelta(minutes=minute),
        paid_at=NOW - timedelta(days=1) if paid else None,
    )  # fmt: skip
    return pool_row(snapshot, room="demo/main", hashes=HASHES)


LIFE: list[Row] = [
    told("unpaid", 0, 0),
    told("paid", 1, 10000, 0),
    told("shipped", 2),
    told("confirmed", 3),
    refund(1000, "r1", "open"),
    refund(1000, "r1", at=NOW + timedelta(minutes=4)),
    told("confirmed", 5, 10000, 1000),
    refund(2550, "r2", at=NOW + timedelta(minutes=6)),
    refund(9999, "r3", "failed", at=NOW + timedelta(minutes=7)),
]
CLOSING: list[Row] = [
    refund(6450, "r4", at=NOW + timedelta(minutes=8)),
    told("closed", 9, 10000, 10000),
]


@settings(max_examples=120)
@given(st.permutations(LIFE), st.lists(st.sampled_from(LIFE), max_size=4))
def test_events_and_refunds_in_any_order_end_at_the_same_quote(
    rows: Sequence[Row], again: Sequence[Row]
) -> None:
    assert quoted(pooled([*rows, *again])) == [("due", 64)]


@settings(max_examples=80)
@given(st.permutations([*LIFE, *CLOSING]))
def test_with_the_refund_that_closes_it_nothing_is_left_whenever_that_came(
    rows: Sequence[Row],
) -> None:
    assert quoted(pooled(rows)) == [("void", 0)]


@pytest.mark.parametrize("known", ["as objects", "as sums", "as both"])
def test_partial_refunds_come_to_the_same_however_they_are_told(known: str) -> None:
    objects = [refund(1000, "r1"), refund(2550, "r2")]
    sums = [told("confirmed", 5, 10000, 1000), told("confirmed", 6, 10000, 3550)]
    known_as: dict[str, list[Row]] = {
        "as objects": [*objects], "as sums": [*sums], "as both": [*objects, *sums],
    }  # fmt: skip
    rows = [told("confirmed", 3, 10000, 0), *known_as[known]]

    ends = {tuple(quoted(pooled(each))) for each in permutations(rows)}

    assert ends == {(("due", 64),)}


def test_a_status_that_swings_back_ends_with_one_credit() -> None:
    rows = [told("confirmed", 1, 10000), told("closed", 2), told("confirmed", 3)]

    assert {tuple(quoted(pooled(each))) for each in permutations(rows)} == {(("due", 100),)}
    assert quoted(pooled(rows[:2])) == [("void", 0)]


def test_a_presale_is_worth_its_full_price_once_and_nothing_before() -> None:
    deposit, balance, confirmed = (
        told("unpaid", 1, 2000), told("paid", 2, 30000), told("confirmed", 3),
    )  # fmt: skip

    assert quoted(pooled([deposit])) == [("void", 0)]
    assert quoted(pooled([deposit, balance])) == [("pending", 300)]
    for each in permutations([deposit, deposit, balance, confirmed]):
        assert quoted(pooled(each)) == [("due", 300)]


def test_points_wait_for_the_day_of_their_release_in_the_programmes_zone() -> None:
    order = an_order(line("confirmed", confirmed_at=CONFIRMED_AT))
    just_before = RELEASED_AT - timedelta(microseconds=1)

    assert quoted(order, just_before, release_after_days=7) == [("pending", 178)]
    assert quoted(order, RELEASED_AT, release_after_days=7) == [("due", 178)]
    assert quoted(order, CONFIRMED_AT, release_after_days=0) == [("due", 178)]


@pytest.mark.parametrize(
    ("zone", "released_at"),
    [
        ("Asia/Shanghai", datetime(2026, 11, 10, 16, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 11, 11, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 11, 5, tzinfo=UTC)),
    ],
)
def test_a_day_is_the_programmes_day(zone: str, released_at: datetime) -> None:
    order = an_order(line("confirmed", confirmed_at=CONFIRMED_AT))
    terms = {"release_after_days": 1, "zone_name": zone}

    statuses = [
        quoted(order, at, **terms)[0][0]
        for at in (released_at - timedelta(microseconds=1), released_at)
    ]

    assert statuses == ["pending", "due"]
    assert released_at.astimezone(ZoneInfo(zone)).hour == 0


def test_a_newer_export_does_not_put_off_the_release() -> None:
    first = told("confirmed", 0, 10000)
    later = told("confirmed", 60 * 24 * 30, 10000)

    for rows in ([first, later], [later, first], [first, later, later]):
        assert quoted(pooled(rows), NOW + timedelta(days=7), release_after_days=7) == [("due", 100)]


def test_a_line_of_an_excluded_type_is_void_in_every_state_but_an_unknown_one() -> None:
    states: list[LineState] = ["unpaid", "paid", "confirmed", "closed", "unknown"]
    quotes = [quoted(an_order(line(each, trade_type="draw"))) for each in states]

    assert [status for [(status, _)] in quotes] == ["void"] * 4 + ["parked"]
    assert quoted(an_order(line(trade_type="draw")), credited_types=("draw",)) == [("due", 178)]


def test_a_quote_says_which_part_of_it_is_bonus_and_whose_rule_it_is_of() -> None:
    campaign = CampaignTerms(
        campaign_id="c", kind="add", value=50, starts_at=NOW - timedelta(days=99), ends_at=NOW
    )
    order = replace(an_order(), ownership=ownership(terms=replace(TERMS, campaigns=(campaign,))))

    (quote,) = quotes_of(order, NOW)

    assert (quote.points, quote.bonus) == (268, 90)
    assert (quote.programme_id, quote.rule) == ("demo", "taobao-1x")


def owned(*lines: Line, days: int = 7) -> Order:
    terms = replace(TERMS, release_after_days=days)
    return replace(an_order(*lines), ownership=ownership(terms=terms))


def confirmed(days_ago: float, **said: object) -> Line:
    at = NOW - timedelta(days=days_ago)
    return line("confirmed", confirmed_at=at, **said)  # type: ignore[arg-type]  # any argument of line


def test_an_order_waits_for_the_next_of_its_releases() -> None:
    order = owned(confirmed(1), confirmed(3), confirmed(30), line("paid"))
    release = datetime(
        2026, 11, 23, 16, tzinfo=UTC
    )  # three days ago and seven, at Shanghai's midnight

    marked = with_release(order, NOW)
    moved = with_release(marked, release)
    done = with_release(moved, release + timedelta(days=2))

    assert marked.release_at == release
    assert moved.release_at == release + timedelta(days=2)
    assert done.release_at is None
    assert with_release(marked, NOW) is marked


@pytest.mark.parametrize(
    "order",
    [
        owned(line("paid")),
        owned(confirmed(1), days=0),
        owned(confirmed(8)),
        owned(confirmed(1, room="other/main")),
        owned(confirmed(1, trade_type="sample")),
        replace(owned(confirmed(1)), ownership=None),
    ],
    ids=["not confirmed", "at once", "released", "not ours", "excluded", "nobody's"],
)
def test_an_order_without_a_release_to_come_is_in_no_index(order: Order) -> None:
    assert with_release(order, NOW).release_at is None
    assert with_release(replace(order, release_at=NOW), NOW).release_at is None
