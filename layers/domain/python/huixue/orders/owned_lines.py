"""Which order lines are a member's own: the orders' word on what the ledger holds for her (LG-E1 v).

An order has one owner. So a line that two members hold points for is found from the account of whoever does not own
it, without all members being read together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

from huixue.kernel.ids import MemberId
from huixue.orders.aliases import followed
from huixue.orders.amounts import facts_of
from huixue.orders.claims import is_hers
from huixue.orders.model import Claim, Order, OrderSync
from huixue.orders.ports import OrderPool

ORDERS_AT_ONCE = 100
"""One BatchGet."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Asked(Protocol):
    """What a member asked for: all that leads from her to her orders."""

    def claims_of(self, member_id: MemberId, *, consistent: bool) -> Iterator[Claim]: ...

    def syncs_of(self, member_id: MemberId) -> Iterator[OrderSync]:
        """Consistent."""
        ...


def owned_lines(
    member_ids: Sequence[MemberId], hints: Mapping[str, str], *, pool: OrderPool, asked: Asked
) -> set[str]:
    """Those of the lines (id → the hint of its order) whose order one of these members owns today.

    Reads consistently: asked after the ledger was read, it knows the order of every line that was hers then, unless
    the order changed hands in between. May be repeated; writes nothing.

    Costs the members' claims (1 RCU for some 15 of them, a Query each member) and 1 RCU for each order that has the
    hint of one of the lines, a hundred in one BatchGet: an account with k orders is k + k/15 RCU. Only where a line is
    still nobody's are her other claims followed (it was split from the order she named), and then the accounts she
    synced (the sync died between an order's owner and its claim)."""
    found: set[str] = set()
    for refs in _batches(member_ids, frozenset(hints.values()), pool, asked):
        orders = followed(pool, refs).values()
        found |= {
            line_id for each in orders if is_hers(each, member_ids) for line_id in _line_ids(each)
        }
        if found >= hints.keys():
            break
    return found & hints.keys()


def _line_ids(order: Order) -> list[str]:
    return [order.line_id(facts.line_key) for facts in facts_of(order)]


def _batches(
    member_ids: Sequence[MemberId], hints: frozenset[str], pool: OrderPool, asked: Asked
) -> Iterator[list[str]]:
    """The likely orders first; what lies behind a batch is not read unless somebody asks for it."""
    claims = [claim for each in member_ids for claim in asked.claims_of(each, consistent=True)]
    yield from _cut(claim.order_ref for claim in claims if claim.order_hint in hints)
    yield from _cut(claim.order_ref for claim in claims if claim.order_hint not in hints)
    syncs = [sync for each in member_ids for sync in asked.syncs_of(each)]
    for account_ref in dict.fromkeys(sync.account_ref for sync in syncs):
        yield from _cut(pool.orders_of_account(account_ref, _EVER))


def _cut(refs: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(refs, ORDERS_AT_ONCE)):
        yield batch
