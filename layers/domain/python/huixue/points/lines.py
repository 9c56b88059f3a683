"""The changes that make the ledger agree with what order lines are worth. Pure.

What is taken care of (`points + capped - written_off`) must equal the quote's points. A rise first takes back what
was written off, then credits; a fall first forgets what a cap kept back, then claws back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from huixue.kernel.events import LineQuote
from huixue.kernel.policies import LedgerPolicy
from huixue.points import lots
from huixue.points.changes import Change
from huixue.points.model import LinePostings, Scene, line_source_key

ORDER, BONUS = "order", "bonus"
"""Lot classes: what a line is worth by itself, and what campaigns add; the latter is clawed back with its base."""


def changes_for(
    quotes: Sequence[LineQuote],
    postings: Mapping[str, LinePostings],
    *,
    policy: LedgerPolicy,
    today: date,
    credit_scene: Scene = "order_accrual",
) -> list[Change]:
    """The entries to be; none for a line that agrees already, and none for a parked one."""
    changes = []
    for quote in quotes:
        if quote.status == "parked":
            continue
        held = postings.get(quote.line_id, LinePostings())
        due = quote.points if quote.status == "due" else 0
        pending = (quote.points if quote.status == "pending" else 0) - held.pending
        if due != held.settled or pending:
            changes.append(_change(quote, held, due, pending, policy, today, credit_scene))
    return changes


def _change(
    quote: LineQuote, held: LinePostings, due: int, pending: int, policy: LedgerPolicy,
    today: date, credit_scene: Scene,
) -> Change:  # fmt: skip
    difference = due - held.settled
    recovered = min(max(difference, 0), held.written_off)
    uncapped = min(max(-difference, 0), held.capped)
    points = difference - recovered + uncapped
    bonus = _bonus(quote.bonus if due else 0, held.bonus, points + recovered)
    in_lot = min(bonus, points) if points > 0 else bonus
    home = held.lot or lots.new_lot(ORDER, today, policy)
    bonus_lot = lots.lot_key(lots.last_day_of(home), BONUS)
    return Change(
        source_key=line_source_key(quote.line_id, held.count + 1),
        scene=_scene(points, -uncapped, -recovered, credit_scene),
        source={
            "kind": "order_line",
            "line_id": quote.line_id,
            "platform": quote.platform,
            "order_hint": quote.order_hint,
        },
        explanation=quote.explanation,
        points=points,
        pending=pending,
        bonus=bonus,
        capped=-uncapped,
        capped_before=held.capped,
        took=held.caps,
        written_off=-recovered,
        earns="order_accrual" if points or recovered else None,
        rule=quote.rule,
        qualifies=True,
        counted_on=held.credited_on if points < 0 or recovered else None,
        lot=home if points or held.lot else None,
        lots_in=_parts({home: points - in_lot, bonus_lot: in_lot}) if points > 0 else {},
        take_first=[(bonus_lot, -bonus), (home, -points)] if points < 0 else (),
        shortfall="policy",
    )


def _bonus(wanted: int, held: int, points: int) -> int:
    """The part of a change that is campaigns' points: what brings the line's bonus to what it should be."""
    if points >= 0:
        return max(0, min(points, wanted - held))
    return -max(0, min(-points, held - wanted))


def _parts(parts: Mapping[str, int]) -> dict[str, int]:
    return {key: size for key, size in parts.items() if size}


def _scene(points: int, capped: int, written_off: int, credit_scene: Scene) -> Scene:
    if points:
        return credit_scene if points > 0 else "order_clawback"
    if written_off:
        return "order_write_off"
    return "order_capped" if capped else "order_pending"


def transfer_out(line_id: str, held: LinePostings, source: Mapping[str, object]) -> Change:
    """Takes a line with everything that was posted for it away from a member it turned out not to belong to; what
    she was let off stays so."""
    home = held.lot or lots.lot_key(None, ORDER)
    bonus_lot = lots.lot_key(lots.last_day_of(home), BONUS)
    return Change(
        source_key=line_source_key(line_id, held.count + 1),
        scene="transfer_out",
        source={"kind": "order_line", "line_id": line_id, **source},
        points=-(held.points - held.written_off),
        pending=-held.pending,
        bonus=-held.bonus,
        capped=-held.capped,
        earns="order_accrual",
        qualifies=True,
        counted_on=held.credited_on,
        took=held.caps,
        lot=held.lot,
        take_first=[(bonus_lot, held.bonus), (home, held.points - held.written_off)],
        shortfall="policy",
    )
