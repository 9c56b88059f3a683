"""What the lines of an owned order are worth now, and when that changes by itself. Pure: an order in, quotes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import business_date, start_of_day
from huixue.kernel.events import LineQuote
from huixue.kernel.snapshots import LineState
from huixue.kernel.terms import Terms
from huixue.orders.amounts import LineFacts, facts_of
from huixue.orders.model import Order
from huixue.orders.worth import bonus_of, explanation_of, is_attributed, is_excluded, points_of

QuoteStatus = Literal["pending", "due", "void", "parked"]
_STATUS: dict[LineState, QuoteStatus] = {
    "unknown": "parked", "unpaid": "void", "paid": "pending", "shipped": "pending",
    "confirmed": "due", "closed": "void",
}  # fmt: skip


def quotes_of(order: Order, now: datetime) -> tuple[LineQuote, ...]:
    """One quote per line of an owned order; none while nobody owns it."""
    if order.ownership is None:
        return ()
    return tuple(quote_of(order, facts, now) for facts in facts_of(order))


def quote_of(order: Order, facts: LineFacts, now: datetime) -> LineQuote:
    """`facts` are of this order, which has an owner."""
    owner = order.ownership
    if owner is None:
        raise AssertionError("only owned orders are quoted")
    explanation = explanation_of(order, facts)
    return LineQuote(
        line_id=order.line_id(facts.line_key),
        order_ref=order.order_ref,
        owner=owner.member_id,
        order_revision=order.revision,
        status=_status(facts, owner.terms, now),
        points=points_of(explanation),
        bonus=bonus_of(explanation),
        order_hint=order.order_hint,
        platform=order.platform,
        explanation=explanation,
        programme_id=owner.terms.programme_id,
        rule=owner.terms.rule,
    )


def _status(facts: LineFacts, terms: Terms, now: datetime) -> QuoteStatus:
    status = _STATUS[facts.state]
    if status == "parked":
        return status
    if not is_attributed(facts.line, terms.programme_id) or is_excluded(facts, terms):
        return "void"
    release_at = release_of(facts, terms)
    return "pending" if release_at is not None and now < release_at else status


def release_of(facts: LineFacts, terms: Terms) -> datetime | None:
    """When a confirmed line's points are released (OC-M5): the start of the business day so many days after the day
    of its confirmation. None where that is not known yet, or at once."""
    if facts.confirmed_at is None or terms.release_after_days == 0:
        return None
    zone = ZoneInfo(terms.zone_name)
    day = business_date(facts.confirmed_at, zone) + timedelta(days=terms.release_after_days)
    return start_of_day(day, zone)


def with_release(order: Order, now: datetime) -> Order:
    """The order with the instant at which the first of its lines is released after `now`, if any is going to be."""
    release_at = min(_releases(order, now), default=None)
    return order if release_at == order.release_at else replace(order, release_at=release_at)


def _releases(order: Order, now: datetime) -> Iterator[datetime]:
    if order.ownership is None or order.ownership.terms.release_after_days == 0:
        return
    for facts in facts_of(order):
        release_at = release_of(facts, order.ownership.terms)
        if release_at is not None and quote_of(order, facts, now).status == "pending":
            yield release_at
