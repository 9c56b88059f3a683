"""What a member sees of a claim: derived each time from claim, order and ledger, stored nowhere. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import business_date
from huixue.kernel.events import LinePosting
from huixue.kernel.ids import LineId
from huixue.orders.amounts import LineFacts, facts_of
from huixue.orders.claims import is_hers
from huixue.orders.matching import next_check
from huixue.orders.model import LINE_STATUS_ORDER, Claim, ClaimStatus, LineStatus, Order, Reason
from huixue.orders.pricing import release_of
from huixue.orders.worth import explanation_of, is_attributed, is_excluded, points_of

NOTHING = LinePosting()
"""What the ledger holds for a line that it never posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    line_id: LineId
    title: str | None
    amount_fen: int
    status: LineStatus
    points: int
    reason: Reason | None
    explanation: Mapping[str, object] | None
    release_on: date | None = None
    """The business day on which pending points are released, where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    claim: Claim
    status: ClaimStatus
    paid_on: date | None = None
    lines: tuple[LineView, ...] = ()
    reason: Reason | None = None
    next_check_at: datetime | None = None


def view_of(
    claim: Claim,
    order: Order | None,
    postings: Mapping[str, LinePosting],
    *,
    hers: Collection[str],
    window_days: int,
    now: datetime,
) -> ClaimView:
    """Somebody else's order and none at all look the same: waiting, then not in the pool. An order that is hers
    shows what it is, however its claim was answered before (a sync may have won it since)."""
    if order is None or not is_hers(order, hers):
        if claim.rejected_reason is not None:
            return ClaimView(claim=claim, status="rejected", reason=claim.rejected_reason)
        due = next_check(claim.claimed_at, now, window_days)
        if due is None:
            return ClaimView(claim=claim, status="rejected", reason="NOT_IN_POOL")
        return ClaimView(claim=claim, status="waiting", next_check_at=due)
    lines = _line_views(order, postings)
    statuses = {line.status for line in lines}
    status = next(each for each in LINE_STATUS_ORDER if each in statuses)
    return ClaimView(
        claim=claim,
        status=status,
        paid_on=business_date(order.paid_at) if order.paid_at else None,
        lines=lines,
        reason=lines[0].reason if status == "rejected" else None,
    )


def _line_views(order: Order, postings: Mapping[str, LinePosting]) -> tuple[LineView, ...]:
    """Lines whose amounts moved to another line when the order was split are not hers to see, once nothing is left
    in the ledger for them."""
    views = []
    for facts in facts_of(order):
        posting = postings.get(order.line_id(facts.line_key), NOTHING)
        if not facts.moved or posting.points or posting.pending:
            views.append(_line_view(order, facts, posting))
    return tuple(views)


def _line_view(order: Order, facts: LineFacts, posting: LinePosting) -> LineView:
    explanation = explanation_of(order, facts)
    status, points, reason = _line_status(order, facts, posting, points_of(explanation))
    if posting.capped:
        explanation["capped_points"] = posting.capped
    explained = status not in {"parked", "unpaid"} and reason is None
    return LineView(
        line_id=order.line_id(facts.line_key),
        title=facts.line.title,
        amount_fen=facts.paid_fen,
        status=status,
        points=points,
        reason=reason,
        explanation=explanation if explained else None,
        release_on=_release_on(order, facts) if status == "pending" else None,
    )


def _release_on(order: Order, facts: LineFacts) -> date | None:
    if order.ownership is None:
        return None
    terms = order.ownership.terms
    release_at = release_of(facts, terms)
    return None if release_at is None else business_date(release_at, ZoneInfo(terms.zone_name))


def _line_status(
    order: Order, facts: LineFacts, posting: LinePosting, worth: int
) -> tuple[LineStatus, int, Reason | None]:
    if facts.state == "unknown":
        return "parked", posting.points, None
    if posting.peak > 0:
        return _settled_status(posting, worth), posting.points, None
    reason = refusal(order, facts)
    if reason is not None:
        return "rejected", 0, reason
    if facts.state == "unpaid":
        return "unpaid", 0, None
    if posting.capped > 0:
        return "rejected", 0, "RATE_CAPPED"  # all of it was kept back
    if facts.state == "confirmed" and worth == 0 and facts.line.paid_fen is not None:
        return "credited", 0, None  # below the price of one point
    return "pending", worth, None


def _settled_status(posting: LinePosting, worth: int) -> LineStatus:
    """Of a line that was credited once. Less than it ever had means that points were taken back; unless a refund was
    called off later, and a cap kept back a part of what was credited again. What was given up (`written_off`) was not
    taken back."""
    if posting.points == 0:
        return "clawed_back"
    is_capped = posting.capped > 0 and posting.settled == worth
    return "credited" if posting.points == posting.peak or is_capped else "partially_clawed_back"


def refusal(order: Order, facts: LineFacts) -> Reason | None:
    """Why a line that was never credited brings nothing, or None where it may yet."""
    programme_id = order.ownership.terms.programme_id if order.ownership else ""
    if not is_attributed(facts.line, programme_id):
        return "NOT_OUR_ROOM"
    if order.ownership is not None and is_excluded(facts, order.ownership.terms):
        return "EXCLUDED_TYPE"
    if facts.state == "closed":
        return "REFUNDED" if facts.was_paid else "CLOSED"
    if facts.refunded_fen > 0 and facts.base_fen == 0:
        return "REFUNDED"
    return None
