"""Orders beside what the ledgers of their owners hold for their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from huixue.kernel.errors import MemberErasedError
from huixue.kernel.events import LinePosting
from huixue.kernel.ids import MemberId
from huixue.orders.amounts import facts_of
from huixue.orders.model import Order
from huixue.orders.ports import Postings

WORKERS = 8


def with_postings(
    orders: Sequence[Order], postings: Postings
) -> Iterator[tuple[Order, Mapping[str, LinePosting]]]:
    """Each order with what its owner's ledger holds for its lines; one question per owner, several at once. Orders of
    erased members are left out: their ledgers stay as they were, whatever becomes of the orders."""
    lines: dict[MemberId, list[str]] = {}
    for order in orders:
        if order.ownership is not None:
            lines.setdefault(order.ownership.member_id, []).extend(_line_ids(order))
    with ThreadPoolExecutor(WORKERS) as workers:
        asked = workers.map(partial(_unless_erased, postings), lines, lines.values())
        held = dict(zip(lines, asked, strict=True))
    for order in orders:
        if order.ownership is not None and held[order.ownership.member_id] is None:
            continue
        of_owner = (held[order.ownership.member_id] if order.ownership is not None else None) or {}
        hers = {each: of_owner[each] for each in _line_ids(order) if each in of_owner}
        yield order, {key: each for key, each in hers.items() if each != LinePosting()}


def _unless_erased(
    postings: Postings, member_id: MemberId, line_ids: Sequence[str]
) -> Mapping[str, LinePosting] | None:
    try:
        return postings(member_id, line_ids)
    except MemberErasedError:
        return None


def _line_ids(order: Order) -> list[str]:
    return [order.line_id(facts.line_key) for facts in facts_of(order)]
