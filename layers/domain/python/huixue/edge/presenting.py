"""Domain values → the shapes of `wire.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from huixue.edge import wire
from huixue.edge.sentences import reason_sentence
from huixue.kernel.calendar import SHANGHAI
from huixue.orders.model import OrderSync
from huixue.orders.views import ClaimView, LineView
from huixue.points.model import Account, Entry, expiring

NOTES: Mapping[str, str] = {
    "order_pending": "订单 {order_hint} 待确认收货",
    "order_accrual": "订单 {order_hint} 获得积分",
    "order_clawback": "订单 {order_hint} 退款，扣回积分",
    "merge_in": "合并账号，积分转入",
    "merge_out": "合并账号，积分转出",
}
"""What a member reads beside an entry."""


def local(instant: datetime) -> datetime:
    return instant.astimezone(SHANGHAI)


def claim(view: ClaimView, *, english: bool) -> wire.Claim:
    return wire.Claim(
        claim_id=view.claim.claim_id,
        platform=view.claim.platform,
        order_hint=view.claim.order_hint,
        claimed_at=local(view.claim.claimed_at),
        paid_on=view.paid_on,
        status=view.status,
        lines=[_line(line, english) for line in view.lines],
        reason=view.reason,
        reason_detail=reason_sentence(view.reason, english=english),
        next_check_at=local(view.next_check_at) if view.next_check_at else None,
    )


def _line(line: LineView, english: bool) -> wire.OrderLine:
    return wire.OrderLine(
        line_id=line.line_id,
        title=line.title,
        amount_fen=line.amount_fen,
        status=line.status,
        points=line.points,
        reason=line.reason,
        reason_detail=reason_sentence(line.reason, english=english),
        explanation=_explanation(line.explanation),
    )


def order_sync(sync: OrderSync, *, english: bool) -> wire.OrderSync:
    return wire.OrderSync(
        sync_id=sync.sync_id,
        status=sync.status,
        lines_found=sync.lines_found,
        lines_credited=sync.lines_credited,
        lines_pending=sync.lines_pending,
        lines_skipped=sync.lines_skipped,
        reason=sync.reason,
        reason_detail=reason_sentence(sync.reason, english=english),
    )


def points(account: Account) -> wire.Points:
    return wire.Points(
        available=account.available,
        pending=account.pending,
        held=account.held,
        debt=account.debt,
        lifetime=account.lifetime,
        expiring=[
            wire.ExpiringPoints(points=size, expires_on=day) for day, size in expiring(account)
        ],
    )


def entry(found: Entry) -> wire.Entry:
    source: Mapping[str, Any] = found.source
    note = NOTES[found.scene].format_map({"order_hint": source.get("order_hint", "")})
    return wire.Entry(
        entry_id=f"ent_{found.number}",
        points=found.points,
        pending_points=found.pending,
        balance_after=found.balance_after,
        scene=found.scene,
        note=note,
        source=wire.EntrySource(**source),
        business_date=found.business_date,
        recorded_at=local(found.recorded_at),
        explanation=_explanation(found.explanation),
    )


def _explanation(content: Mapping[str, Any] | None) -> dict[str, int | str | None] | None:
    return dict(content) if content is not None else None
