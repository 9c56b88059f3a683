"""Domain values → the shapes of `wire.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from huixue.edge import wire
from huixue.edge.entry_notes import note
from huixue.edge.sentences import frozen_sentence, reason_sentence
from huixue.kernel.calendar import SHANGHAI
from huixue.orders.disputes import Case
from huixue.orders.model import OrderSync
from huixue.orders.views import ClaimView, LineView
from huixue.points.due import expiring
from huixue.points.model import Account, Entry, Frozen
from huixue.points.statements import Statement, Sums

_SHOWN = frozenset(field.encode_name for field in msgspec.structs.fields(wire.EntrySource))
"""Of an entry's source; whatever else it keeps (who decided, internal notes) is not the member's to read."""


def local(instant: datetime) -> datetime:
    return instant.astimezone(SHANGHAI)


def claim(view: ClaimView, *, english: bool, appeal: Case | None = None) -> wire.Claim:
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
        appeal=case(appeal) if appeal is not None else None,
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
        release_on=line.release_on,
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


def points(account: Account, *, now: datetime, english: bool) -> wire.Points:
    return wire.Points(
        available=account.available,
        pending=account.pending,
        held=account.held,
        debt=account.debt,
        lifetime=account.lifetime,
        expiring=[
            wire.ExpiringPoints(points=size, expires_on=day) for day, size in expiring(account)
        ],
        tier=account.standing.tier if account.standing is not None else None,
        frozen=_frozen(account.frozen, english) if account.is_frozen(now) else None,
    )


def _frozen(frozen: Frozen | None, english: bool) -> wire.FrozenRedemptions | None:
    if frozen is None:
        return None
    return wire.FrozenRedemptions(
        reason=frozen.reason,
        reason_detail=frozen_sentence(frozen.reason, english=english),
        since=local(frozen.since),
        until=local(frozen.until) if frozen.until is not None else None,
    )


def entry(found: Entry) -> wire.Entry:
    late = found.effective_at != found.recorded_at
    return wire.Entry(
        entry_id=f"ent_{found.number}",
        points=found.points,
        pending_points=found.pending,
        held_points=found.held,
        debt_points=found.debt,
        capped_points=found.capped,
        bonus_points=found.bonus,
        balance_after=found.balance_after,
        scene=found.scene,
        note=note(found),
        source=_source(found),
        business_date=found.business_date,
        effective_at=local(found.effective_at) if late else None,
        recorded_at=local(found.recorded_at),
        explanation=_explanation(found.explanation),
    )


def _source(found: Entry) -> wire.EntrySource:
    shown = {name: value for name, value in found.source.items() if name in _SHOWN}
    if found.scene == "tier":
        shown["tier"] = found.source.get("to")
    return msgspec.convert(shown, wire.EntrySource)


def statement(made: Statement) -> wire.Statement:
    return wire.Statement(
        month=made.month.isoformat()[:7],
        opening=made.opening.balance,
        by_scene=[
            wire.SceneSum(
                scene=each.scene, points=each.points, count=each.count,
                pending_points=each.pending, held_points=each.held,
            )
            for each in made.by_scene
        ],
        closing=made.closing.balance,
        at_opening=_standing(made.opening),
        at_closing=_standing(made.closing),
    )  # fmt: skip


def _standing(sums: Sums) -> wire.Standing:
    return wire.Standing(
        available=sums.available, pending=sums.pending, held=sums.held, debt=sums.debt
    )


def case(found: Case) -> wire.Case:
    return wire.Case(
        case_id=found.case_id,
        claim_id=found.claim_id,
        status=found.status,
        created_at=local(found.created_at),
        message=found.message,
        note=found.note,
        decided_at=local(found.decided_at) if found.decided_at is not None else None,
    )


def _explanation(content: Mapping[str, Any] | None) -> wire.Explanation | None:
    return dict(content) if content is not None else None
