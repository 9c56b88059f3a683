"""Numbers of orders that a platform split: everything said about a part goes to the order it was split from (OC-E8).

The part's own item becomes an alias, under its revision, before anything of the part joins the original; and an alias
is never owned. So a purchase is credited by one of the two numbers alone, whatever order rows and claims come in, and
wherever a run dies: what the item held before stays in it and is joined again by the next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from huixue.kernel.errors import ContentionError
from huixue.kernel.ids import OrderRef
from huixue.orders.model import Order, PoolRow, RefundRow, Row
from huixue.orders.ports import OrderChangedError, OrderPool

MAX_ROUNDS = 8
_MAX_SPLITS = 4
"""Splits of splits that are followed; platforms name the first order even then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHome:
    """Rows at the orders they belong to, these orders as they were read, and the aliases met on the way."""

    rows: Sequence[Row]
    orders: Mapping[str, Order]
    aliases: Sequence[Order]


def followed(pool: OrderPool, order_refs: Sequence[str]) -> dict[str, Order]:
    """The orders that these numbers stand for today, by the numbers asked for; one more read where one of them was
    split. An alias whose original was never written stands for an order that is not there yet; aliases that only lead
    to one another stand for nothing."""
    found = pool.orders(order_refs)
    for _ in range(_MAX_SPLITS):
        homes = {ref: order.alias_of for ref, order in found.items() if order.alias_of is not None}
        if not homes:
            break
        originals = pool.orders(list(dict.fromkeys(homes.values())))
        found |= {
            ref: originals.get(home) or _absent(found[ref], home) for ref, home in homes.items()
        }
    return {ref: order for ref, order in found.items() if order.alias_of is None}


def _absent(alias: Order, home: OrderRef) -> Order:
    return Order(order_ref=home, platform=alias.platform, order_hint=alias.order_hint)


def at_home(rows: Sequence[Row], pool: OrderPool) -> AtHome:
    """Finds where each row belongs, and makes aliases of the parts it names. Repeatable."""
    known: dict[str, Order] = {}
    asked: set[str] = set()
    rows = _settled(rows, known, asked, pool)
    aliases: dict[str, Order] = {}
    for each in rows:
        # as it stands now: a row before it may have made its order a part of this very one
        row = _moved(each, known)
        if row.part_ref is not None and row.part_ref not in aliases:
            made = _alias(row, known.get(row.part_ref), pool)
            known[row.part_ref] = made
            if made.alias_of is not None:
                aliases[row.part_ref] = made
    held = [each for alias in aliases.values() for each in _contents(alias)]
    rows = _settled([*rows, *held], known, asked, pool)
    return AtHome(rows=rows, orders=known, aliases=list(aliases.values()))


def _settled(
    rows: Sequence[Row], known: dict[str, Order], asked: set[str], pool: OrderPool
) -> Sequence[Row]:
    """The rows once no alias leads further; reads what was not asked for yet, many at once."""
    for _ in range(_MAX_SPLITS):
        wanted = {ref for row in rows for ref in (row.order_ref, row.part_ref) if ref is not None}
        if wanted - asked:
            known |= pool.orders(sorted(wanted - asked))
            asked |= wanted
        moved = [_moved(row, known) for row in rows]
        if moved == list(rows):
            break
        rows = moved
    return rows


def _moved(row: Row, known: Mapping[str, Order]) -> Row:
    part = known.get(row.part_ref) if row.part_ref is not None else None
    if part is not None and part.ownership is not None:
        # Somebody owned the part before anybody knew that it is one: it stays the order she claimed.
        return replace(row, order_ref=part.order_ref, part_ref=None, order_hint=part.order_hint)
    home = known.get(row.order_ref)
    if home is None or home.alias_of is None:
        return row
    part_ref = row.part_ref or row.order_ref
    return replace(
        row, order_ref=home.alias_of, order_hint=home.order_hint,
        part_ref=part_ref if part_ref != home.alias_of else None,
    )  # fmt: skip


def _alias(row: Row, part: Order | None, pool: OrderPool) -> Order:
    """The part's item as an alias of the row's order; as it is where it is one already, or is owned."""
    if row.part_ref is None:
        raise AssertionError("only parts become aliases")
    for _ in range(MAX_ROUNDS):
        if part is not None and (part.alias_of is not None or part.ownership is not None):
            return part
        before = part or Order(
            order_ref=row.part_ref, platform=row.platform, order_hint=row.order_hint
        )
        alias = replace(
            before, alias_of=row.order_ref, order_hint=row.order_hint, expires_at_epoch_s=None
        )
        try:
            return pool.save(alias)
        except OrderChangedError:
            part = pool.orders([row.part_ref]).get(row.part_ref)
    raise ContentionError("the order kept changing", order_ref=row.part_ref)


def _contents(alias: Order) -> Iterable[Row]:
    """What was said about the part before anybody knew that it is one."""
    home = alias.alias_of
    if home is None:
        return
    for source, lines in alias.sources.items():
        for key, line in lines.items():
            yield PoolRow(
                order_ref=home, order_hint=alias.order_hint, platform=alias.platform,
                source=source, line_key=key, line=line, part_ref=alias.order_ref,
            )  # fmt: skip
    for key, refund in alias.refunds.items():
        yield RefundRow(
            order_ref=home, order_hint=alias.order_hint, platform=alias.platform, refund_key=key,
            refund=refund, part_ref=alias.order_ref,
        )  # fmt: skip
