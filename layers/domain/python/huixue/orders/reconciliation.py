"""What the order pool says of a day, beside what the ledger holds for it (OC-E9). Pure; zero tolerance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import SHANGHAI, business_date
from huixue.kernel.events import LinePosting, LineQuote
from huixue.kernel.ids import LineId
from huixue.orders.amounts import LineFacts, facts_of
from huixue.orders.model import Order
from huixue.orders.pricing import quote_of
from huixue.orders.worth import is_excluded

NOTHING = LinePosting()
Kind = Literal[
    "unclaimed", "credited", "pending", "clawed_back", "parked", "excluded", "unpaid", "refused"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A line for which the ledger does not hold what it is worth: more is on its way, or something is wrong."""

    line_id: LineId
    order_ref: str
    member_id: str
    due_points: int
    held_points: int
    """The worth that the ledger took care of, caps and write-offs counted."""
    pending_points: int
    held_pending_points: int


@dataclass(slots=True, kw_only=True)
class Day:
    """Lines of one platform that were paid on one business day; those that are not paid have none."""

    platform: str
    paid_on: date | None
    ingested: int = 0
    eligible: int = 0
    """Of a room, of a type that is credited, paid and not closed: claimed or not."""
    kinds: dict[Kind, int] = field(default_factory=dict)
    """Each line is exactly one of these. `credited`: the ledger holds points of it, or it is below the price of one;
    `pending`: not due yet, or not in the ledger yet; `refused`: closed, refunded before any credit, of another room,
    or wholly kept back by a cap."""
    due_points: int = 0
    held_points: int = 0
    pending_points: int = 0
    held_pending_points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    days: tuple[Day, ...]
    """By platform, then by day; lines without a day first."""
    differences: tuple[Difference, ...]


def reconciled(
    found: Iterable[tuple[Order, Mapping[str, LinePosting]]], now: datetime
) -> Reconciliation:
    """Every line of the orders beside what the ledger holds for it, in one pass; `found` may be long."""
    days: dict[tuple[str, date | None], Day] = {}
    differences: list[Difference] = []
    for order, postings in found:
        for facts in facts_of(order):
            if facts.moved and order.line_id(facts.line_key) not in postings:
                continue
            day = _day_of(days, order, facts)
            day.ingested += 1
            day.eligible += _is_eligible(order, facts)
            kind: Kind = "unclaimed"
            if order.ownership is not None:
                quote = quote_of(order, facts, now)
                held = postings.get(quote.line_id, NOTHING)
                kind = _kind(order, facts, quote, held)
                _add(day, quote, held)
                if not agrees(quote, held):
                    differences.append(_difference(quote, held))
            day.kinds[kind] = day.kinds.get(kind, 0) + 1
    ordered = sorted(days.values(), key=lambda day: (day.platform, day.paid_on or date.min))
    return Reconciliation(days=tuple(ordered), differences=tuple(differences))


def agrees(quote: LineQuote, held: LinePosting | None) -> bool:
    """Whether the ledger holds what the line is worth. It stays as it is while the line is parked."""
    posting = held or NOTHING
    return quote.status == "parked" or (posting.settled, posting.pending) == _expected(quote)


def _expected(quote: LineQuote) -> tuple[int, int]:
    due = quote.points if quote.status == "due" else 0
    return due, quote.points if quote.status == "pending" else 0


def _day_of(days: dict[tuple[str, date | None], Day], order: Order, facts: LineFacts) -> Day:
    zone = ZoneInfo(order.ownership.terms.zone_name) if order.ownership else SHANGHAI
    paid_on = business_date(facts.paid_at, zone) if facts.paid_at is not None else None
    key = order.platform, paid_on
    return days.setdefault(key, Day(platform=order.platform, paid_on=paid_on))


def _is_eligible(order: Order, facts: LineFacts) -> bool:
    terms = order.ownership.terms if order.ownership else None
    excluded = facts.trade_type != "normal" if terms is None else is_excluded(facts, terms)
    in_room = facts.line.room is not None and (
        terms is None or facts.line.room.startswith(f"{terms.programme_id}/")
    )
    return in_room and not excluded and facts.state in {"paid", "shipped", "confirmed"}


def _kind(order: Order, facts: LineFacts, quote: LineQuote, held: LinePosting) -> Kind:
    if quote.status == "parked":
        return "parked"
    if held.peak > 0 and held.points < held.peak:
        return "clawed_back"
    if held.peak > 0 or (quote.status == "due" and quote.points == 0 < facts.base_fen):
        return "credited"
    if quote.status == "pending" or (quote.status == "due" and quote.points > held.capped):
        return "pending"
    if order.ownership is not None and is_excluded(facts, order.ownership.terms):
        return "excluded"
    return "unpaid" if facts.state == "unpaid" else "refused"


def _add(day: Day, quote: LineQuote, held: LinePosting) -> None:
    """A parked line is to stay what it is."""
    due, pending = _expected(quote)
    is_parked = quote.status == "parked"
    day.due_points += held.settled if is_parked else due
    day.held_points += held.settled
    day.pending_points += held.pending if is_parked else pending
    day.held_pending_points += held.pending


def _difference(quote: LineQuote, held: LinePosting) -> Difference:
    due, pending = _expected(quote)
    return Difference(
        line_id=quote.line_id, order_ref=quote.order_ref, member_id=quote.owner, due_points=due,
        held_points=held.settled, pending_points=pending, held_pending_points=held.pending,
    )  # fmt: skip
