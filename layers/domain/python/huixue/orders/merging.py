"""Joining what sources say about an order.

A join of registers, one per statement: the newest `as_of` wins; at the same instant the higher state rank, the
larger refund, the larger value. The time of the confirmation is the earliest that anybody said, so that a later file
never puts off a release. Refunds with a number of their own are registers too. So the join is commutative,
associative and idempotent: files and feeds may come in any order, twice, or late, and the pool is the same
(property-tested).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from huixue.kernel.snapshots import STATE_RANK, RefundState
from huixue.orders.model import STATEMENTS, Line, Order, Refund, RefundRow, Row
from huixue.orders.splits import stored_key

MAX_LINES = 200
"""Lines of one parent order kept: above any real order, far below the item limit of 400 KB."""
MAX_REFUNDS = 200
"""Refunds of one order kept."""
_FAR = datetime(9999, 1, 1, tzinfo=UTC)
_REFUND_RANK: dict[RefundState, int] = {"open": 0, "failed": 1, "done": 2}


def stamped(line: Line, as_of_ms: int) -> Line:
    """The line with `as_of_ms` on every statement it makes, and nothing else: a refund printed without the amount
    it belongs to says nothing that could be joined."""
    said = [name for name, fields in STATEMENTS.items() if getattr(line, fields[0]) is not None]
    unsaid: dict[str, Any] = {
        each: None for name, fields in STATEMENTS.items() if name not in said for each in fields
    }
    return replace(line, **unsaid, as_of_ms=dict.fromkeys(said, as_of_ms))


def joined(left: Line, right: Line) -> Line:
    values: dict[str, Any] = {}
    as_of_ms: dict[str, int] = {}
    for name, fields in STATEMENTS.items():
        said = [(_weight(line, name), line) for line in (left, right) if name in line.as_of_ms]
        if not said:
            continue
        _, winner = max(said, key=itemgetter(0))
        values |= {each: getattr(winner, each) for each in fields}
        as_of_ms[name] = winner.as_of_ms[name]
    return Line(**values, as_of_ms=as_of_ms)


def _weight(line: Line, name: str) -> tuple[Any, ...]:
    newest = line.as_of_ms[name]
    if name == "state":
        printed = line.printed_state
        return (newest, STATE_RANK[line.state], printed is not None, printed or "")
    if name == "amounts":
        return (newest, line.refunded_fen or 0, line.paid_fen, line.refunded_fen is not None)
    if name == "confirmed_at" and line.confirmed_at is not None:
        return (_FAR - line.confirmed_at, newest)
    return (newest, getattr(line, STATEMENTS[name][0]))


def merged(order: Order | None, row: Row) -> Order:
    """The order with one more statement in it; the same object if that changes nothing.

    Does not touch ownership, and leaves `revision` to the store. An owned order stays in its owner's programme:
    another one that imports the same shop's export does not take it away.
    """
    if isinstance(row, RefundRow):
        return merged_refund(order, row)
    order = order or _empty(row)
    key = stored_key(row.line_key, row.part_ref)
    lines = order.sources.get(row.source, {})
    before = lines.get(key)
    if before is None and sum(map(len, order.sources.values())) >= MAX_LINES:
        return order
    said = _of_owner(row.line, order)
    after = said if before is None else joined(before, said)
    if after == before:
        return order
    return replace(
        order,
        sources={**order.sources, row.source: {**lines, key: after}},
        first_source=order.first_source or row.source,
        order_hint=row.order_hint,
        expires_at_epoch_s=None,
    )


def merged_refund(order: Order | None, row: RefundRow) -> Order:
    """The order with what is now known of the refund; an order nobody has printed yet waits for its lines with it,
    and does not go away."""
    order = order or _empty(row)
    before = order.refunds.get(row.refund_key)
    if before is None and len(order.refunds) >= MAX_REFUNDS:
        return order
    said = replace(row.refund, line_key=stored_key(row.refund.line_key, row.part_ref))
    after = said if before is None else max(before, said, key=_refund_weight)
    if after == before:
        return order
    return replace(order, refunds={**order.refunds, row.refund_key: after}, expires_at_epoch_s=None)


def _empty(row: Row) -> Order:
    return Order(order_ref=row.order_ref, platform=row.platform, order_hint=row.order_hint)


def _refund_weight(refund: Refund) -> tuple[int, int, int, str]:
    return refund.as_of_ms, _REFUND_RANK[refund.state], refund.amount_fen, refund.line_key


def _of_owner(line: Line, order: Order) -> Line:
    owner = order.ownership
    if owner is None or line.room is None or line.room.startswith(f"{owner.terms.programme_id}/"):
        return line
    as_of_ms = {name: at for name, at in line.as_of_ms.items() if name != "room"}
    return replace(line, room=None, as_of_ms=as_of_ms)
