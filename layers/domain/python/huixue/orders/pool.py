"""The pool takes rows in: joins them into their orders and tells whoever is concerned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import islice
from typing import Literal, NamedTuple, Protocol

from huixue.kernel.errors import ContentionError
from huixue.kernel.events import OrdersChanged
from huixue.kernel.ids import KeyedHash, MemberId
from huixue.kernel.snapshots import OrderSnapshot
from huixue.orders.claims import message_of, order_hint
from huixue.orders.merging import merged, stamped
from huixue.orders.model import WHOLE_ORDER, Line, Order, PoolRow
from huixue.orders.ports import ClaimBook, OrderChangedError, OrderPool, Outbox

MAX_ROUNDS = 8
ORDERS_PER_READ = 100
ORDERS_PER_MESSAGE = 20
"""Orders of one member in one message to the ledger: one posting of at most a few dozen lines."""
MAX_TITLE_CHARS = 60


class InParallel(Protocol):
    """Runs calls that wait on the network side by side; order of results as given."""

    def __call__(
        self, call: Callable[[Sequence[PoolRow]], Order | None], groups: Iterable[Sequence[PoolRow]]
    ) -> Iterable[Order | None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDesk:
    pool: OrderPool
    book: ClaimBook
    outbox: Outbox
    in_parallel: InParallel


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """How many orders the rows were about, and how many of them changed."""

    orders_new: int = 0
    orders_changed: int = 0
    orders_unchanged: int = 0


Effect = Literal["new", "changed", "unchanged"]


class _Joined(NamedTuple):
    """An order after its rows were joined in, and what they did to it."""

    order: Order
    effect: Effect


def pool_row(snapshot: OrderSnapshot, *, room: str | None, hashes: KeyedHash) -> PoolRow:
    """The row as the pool may keep it: order number and account become keyed hashes."""
    platform, number = snapshot.platform, snapshot.order_number
    line = Line(
        state=snapshot.state,
        printed_state=snapshot.printed_state,
        paid_fen=snapshot.paid_fen,
        refunded_fen=snapshot.refunded_fen,
        freight_fen=snapshot.freight_fen,
        account_ref=hashes.account_ref(platform, snapshot.account) if snapshot.account else None,
        room=room,
        created_at=snapshot.created_at,
        paid_at=snapshot.paid_at,
        confirmed_at=snapshot.confirmed_at,
        title=snapshot.title[:MAX_TITLE_CHARS] if snapshot.title else None,
        quantity=snapshot.quantity,
    )
    sub_order = snapshot.sub_order_number
    return PoolRow(
        order_ref=hashes.order_ref(platform, number),
        order_hint=order_hint(number),
        platform=platform,
        source=snapshot.source,
        line_key=WHOLE_ORDER if sub_order is None else hashes.line_key(platform, sub_order),
        line=stamped(line, round(snapshot.as_of.timestamp() * 1000)),
    )


def apply_rows(rows: Iterable[PoolRow], *, desk: PoolDesk, resend: bool) -> Applied:
    """Joins the rows into their orders and signals owners and waiting claims of the orders that changed.

    May be repeated in any order: a join twice is a join once. With `resend` unchanged orders are signalled too,
    for a delivery whose earlier attempt may have died between writing and signalling.
    """
    applied = Applied()
    grouped: dict[str, list[PoolRow]] = {}
    for row in rows:
        grouped.setdefault(row.order_ref, []).append(row)
    refs = iter(grouped)
    while batch := list(islice(refs, ORDERS_PER_READ)):
        applied = _sum(applied, _apply_batch({ref: grouped[ref] for ref in batch}, desk, resend))
    return applied


def _apply_batch(grouped: Mapping[str, Sequence[PoolRow]], desk: PoolDesk, resend: bool) -> Applied:
    before = desk.pool.orders(list(grouped))
    joined: dict[str, _Joined] = {}

    def save(rows: Sequence[PoolRow]) -> Order | None:
        done = _saved(rows, before.get(rows[0].order_ref), desk.pool)
        joined[rows[0].order_ref] = done
        return None if done.effect == "unchanged" else done.order

    changed = [order for order in desk.in_parallel(save, grouped.values()) if order is not None]
    signal([each.order for each in joined.values()] if resend else changed, desk=desk)
    effects = Counter(each.effect for each in joined.values())
    return Applied(
        orders_new=effects["new"], orders_changed=effects["changed"],
        orders_unchanged=effects["unchanged"],
    )  # fmt: skip


def _saved(rows: Sequence[PoolRow], order: Order | None, pool: OrderPool) -> _Joined:
    """The order as it stands with the rows in it. A stub that only claims wait for is a new order to the file.

    A write that failed on its condition may be our own, sent twice because its reply was lost: then the order has
    the rows in it, and is told of as changed."""
    order_ref = rows[0].order_ref
    effect: Effect = "unchanged"
    for _ in range(MAX_ROUNDS):
        after = reduce(merged, rows[1:], merged(order, rows[0]))
        if after is order:
            return _Joined(order=after, effect=effect)
        effect = "new" if order is None or order.first_source is None else "changed"
        try:
            return _Joined(order=pool.save(after), effect=effect)
        except OrderChangedError:
            order = pool.orders([order_ref]).get(order_ref)
    raise ContentionError("the order kept changing", order_ref=order_ref)


def signal(orders: Sequence[Order], *, desk: PoolDesk) -> int:
    """Tells the ledger about owned orders and the matcher about claims that waited; returns messages sent."""
    by_owner: dict[MemberId, list[str]] = {}
    waiting: list[tuple[str, str]] = []
    for order in orders:
        if order.ownership is not None:
            by_owner.setdefault(order.ownership.member_id, []).append(order.order_ref)
        elif order.first_source is not None:
            waiting += order.waiting.items()
    credit_messages = [
        OrdersChanged(member_id=owner, order_refs=tuple(refs), correlation_id=refs[0])
        for owner, all_refs in by_owner.items()
        for refs in _in_groups(all_refs, ORDERS_PER_MESSAGE)
    ]
    matches = [message_of(claim) for claim in desk.book.claims(waiting)] if waiting else []
    if credit_messages:
        desk.outbox.credit(credit_messages)
    if matches:
        desk.outbox.match(matches)
    return len(credit_messages) + len(matches)


def without_waiting(order: Order, member_id: str) -> Order:
    waiting = {key: value for key, value in order.waiting.items() if key != member_id}
    return replace(order, waiting=waiting)


def _in_groups(refs: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(refs), size):
        yield refs[start : start + size]


def _sum(left: Applied, right: Applied) -> Applied:
    return Applied(
        orders_new=left.orders_new + right.orders_new,
        orders_changed=left.orders_changed + right.orders_changed,
        orders_unchanged=left.orders_unchanged + right.orders_unchanged,
    )
