"""How much of what a member bought she gave back, and whether that is too much (OC-M10). Pure.

An order counts as refunded when nothing of its price is left: every paid line closed after the payment, or refunded
down to the freight. What is refunded in part only is counted beside and never against her: it is mostly a shop's
own correction of a price. Orders that were never paid, or that cost nothing, do not count at all.

Refunds from before the end of an earlier ban are forgiven, and in doubt she is believed. A source's word on a line
says that it was refunded, not when; so of orders paid before the end of the ban only those count as refunded whose
refund has a number of its own and was stated since. A forgiven order is left out on both sides of the ratio.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import window_start
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import RefundBan
from huixue.orders.amounts import LineFacts, facts_of
from huixue.orders.model import Order

Kept = Literal["kept", "partly", "refunded"]
Verdict = Literal["ban", "near", "fine"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOrder:
    """What the ratio asks of an order that was paid and has an owner."""

    owner: MemberId
    paid_at: datetime
    kept: Kept
    refund_stated_at: datetime | None
    """When a refund with a number of its own was last stated; None where only its lines say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRatio:
    """Of one window; forgiven orders are in none of the numbers but their own."""

    paid: int = 0
    refunded: int = 0
    partly: int = 0
    """Counted in `paid`, not in `refunded`."""
    forgiven: int = 0

    @property
    def percent(self) -> int:
        """Rounded down, for people; what decides is exact."""
        return self.refunded * 100 // self.paid if self.paid else 0


def paid_order_of(order: Order) -> PaidOrder | None:
    """None for an order that nobody owns, that was not paid, or that cost nothing."""
    paid = [each for each in facts_of(order) if not each.moved and _was_paid(each)]
    times = [each.paid_at for each in paid if each.paid_at is not None]
    if order.ownership is None or not times:
        return None
    given_back = [_is_given_back(each) for each in paid]
    some = any(given_back) or any(each.refunded_fen > 0 for each in paid)
    stated = [each.as_of_ms for each in order.refunds.values() if each.state == "done"]
    return PaidOrder(
        owner=order.ownership.member_id,
        paid_at=min(times),
        kept="refunded" if all(given_back) else "partly" if some else "kept",
        refund_stated_at=_EPOCH + timedelta(milliseconds=max(stated)) if stated else None,
    )


def _was_paid(facts: LineFacts) -> bool:
    """Some sources print no amount of what was closed after it was paid; for a gift nothing was paid ever."""
    is_bought = facts.trade_type == "normal" and facts.was_paid
    return facts.paid_fen > 0 or (facts.state == "closed" and is_bought)


def _is_given_back(facts: LineFacts) -> bool:
    return facts.state == "closed" or (facts.refunded_fen > 0 and facts.base_fen == 0)


def ratio_of(
    orders: Iterable[PaidOrder], window_days: int, *, now: datetime, zone: ZoneInfo,
    relief_at: datetime | None = None,
) -> RefundRatio:  # fmt: skip
    """Of one member's orders paid in the last `window_days` business days, today included. `relief_at`: when her last
    ban ended."""
    since = window_start(now, window_days, zone)
    paid = refunded = partly = forgiven = 0
    for each in orders:
        if not since <= each.paid_at <= now:
            continue
        if each.kept == "refunded" and relief_at is not None and _is_forgiven(each, relief_at):
            forgiven += 1
            continue
        paid += 1
        refunded += each.kept == "refunded"
        partly += each.kept == "partly"
    return RefundRatio(paid=paid, refunded=refunded, partly=partly, forgiven=forgiven)


def _is_forgiven(order: PaidOrder, relief_at: datetime) -> bool:
    stated_since = order.refund_stated_at is not None and order.refund_stated_at >= relief_at
    return order.paid_at < relief_at and not stated_since


def verdict(ratio: RefundRatio, ban: RefundBan) -> Verdict:
    """`near`: one more refund, of an order that she has or of another one, would get her banned."""
    if _is_too_much(ratio.refunded, ratio.paid, ban):
        return "ban"
    more = ratio.refunded + 1
    of_those = ratio.refunded < ratio.paid and _is_too_much(more, ratio.paid, ban)
    is_near = of_those or _is_too_much(more, ratio.paid + 1, ban)
    return "near" if ratio.refunded and is_near else "fine"


def _is_too_much(refunded: int, paid: int, ban: RefundBan) -> bool:
    return paid >= max(ban.min_orders, 1) and refunded * 100 >= ban.ratio_percent * paid
