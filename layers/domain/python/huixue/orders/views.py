"""What a member sees of a claim: derived each time from claim, order and ledger, stored nowhere. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from huixue.kernel.calendar import business_date
from huixue.kernel.ids import LineId
from huixue.orders.claims import is_hers
from huixue.orders.matching import next_check
from huixue.orders.model import LINE_STATUS_ORDER, Claim, ClaimStatus, LineStatus, Order, Reason
from huixue.orders.pricing import LineFacts, explanation_of, facts_of, is_attributed, points_of

Posting = tuple[int, int, int]
"""(points, pending, peak) that the ledger holds for a line."""
NOTHING: Posting = (0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    line_id: LineId
    title: str | None
    amount_fen: int
    status: LineStatus
    points: int
    reason: Reason | None
    explanation: Mapping[str, object] | None


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
    postings: Mapping[str, Posting],
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
    lines = tuple(_line_view(order, facts, postings) for facts in facts_of(order))
    statuses = {line.status for line in lines}
    status = next(each for each in LINE_STATUS_ORDER if each in statuses)
    return ClaimView(
        claim=claim,
        status=status,
        paid_on=business_date(order.paid_at) if order.paid_at else None,
        lines=lines,
        reason=lines[0].reason if status == "rejected" else None,
    )


def _line_view(order: Order, facts: LineFacts, postings: Mapping[str, Posting]) -> LineView:
    line_id = order.line_id(facts.line_key)
    posting = postings.get(line_id, NOTHING)
    status, points, reason = _line_status(order, facts, posting)
    explained = status not in {"parked", "unpaid"} and reason is None
    return LineView(
        line_id=line_id,
        title=facts.line.title,
        amount_fen=facts.paid_fen,
        status=status,
        points=points,
        reason=reason,
        explanation=explanation_of(order, facts) if explained else None,
    )


def _line_status(
    order: Order, facts: LineFacts, posting: Posting
) -> tuple[LineStatus, int, Reason | None]:
    points, _, peak = posting
    if facts.state == "unknown":
        return "parked", points, None
    if peak > 0:
        if points == 0:
            return "clawed_back", 0, None
        return ("credited" if points == peak else "partially_clawed_back"), points, None
    reason = refusal(order, facts)
    if reason is not None:
        return "rejected", 0, reason
    if facts.state == "unpaid":
        return "unpaid", 0, None
    worth = points_of(explanation_of(order, facts))
    if facts.state == "confirmed" and worth == 0 and facts.line.paid_fen is not None:
        return "credited", 0, None  # below the price of one point
    return "pending", worth, None


def refusal(order: Order, facts: LineFacts) -> Reason | None:
    """Why a line that was never credited brings nothing, or None where it may yet."""
    programme_id = order.ownership.terms.programme_id if order.ownership else ""
    if not is_attributed(facts.line, programme_id):
        return "NOT_OUR_ROOM"
    if facts.state == "closed":
        return "REFUNDED" if facts.was_paid else "CLOSED"
    if facts.refunded_fen > 0 and facts.base_fen == 0:
        return "REFUNDED"
    return None
