"""Joining what sources say about an order.

A join of registers, one per statement: the newest `as_of` wins; at the same instant the higher state rank, the
larger refund, the larger value. So it is commutative, associative and idempotent: files and feeds may come in any
order, twice, or late, and the pool is the same (property-tested).
"""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter
from typing import Any

from huixue.kernel.snapshots import STATE_RANK
from huixue.orders.model import STATEMENTS, Line, Order, PoolRow

MAX_LINES = 200
"""Lines of one parent order kept: above any real order, far below the item limit of 400 KB."""


def stamped(line: Line, as_of_ms: int) -> Line:
    """The line with `as_of_ms` on every statement it makes."""
    said = {
        name: as_of_ms
        for name, fields in STATEMENTS.items()
        if getattr(line, fields[0]) is not None
    }
    return replace(line, as_of_ms=said)


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
        return (newest, STATE_RANK[line.state], line.printed_state or "")
    if name == "amounts":
        return (newest, line.refunded_fen or 0, line.paid_fen, line.refunded_fen is not None)
    return (newest, getattr(line, STATEMENTS[name][0]))


def merged(order: Order | None, row: PoolRow) -> Order:
    """The order with one more statement in it; the same object if that changes nothing.

    Does not touch ownership, and leaves `revision` to the store.
    """
    if order is None:
        order = Order(order_ref=row.order_ref, platform=row.platform, order_hint=row.order_hint)
    lines = order.sources.get(row.source, {})
    before = lines.get(row.line_key)
    if before is None and sum(map(len, order.sources.values())) >= MAX_LINES:
        return order
    after = row.line if before is None else joined(before, row.line)
    if after == before:
        return order
    sources = {**order.sources, row.source: {**lines, row.line_key: after}}
    return replace(
        order,
        sources=sources,
        first_source=order.first_source or row.source,
        order_hint=row.order_hint,
        expires_at_epoch_s=None,
    )
