"""The pool takes rows in: joins them into their orders and tells whoever is concerned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from itertools import islice
from typing import Literal, NamedTuple, Protocol

from huixue.kernel.errors import ContentionError
from huixue.kernel.events import OrdersChanged
from huixue.kernel.ids import KeyedHash, MemberId
from huixue.kernel.snapshots import OrderSnapshot, RefundSnapshot
from huixue.orders.aliases import at_home
from huixue.orders.claims import message_of, order_hint
from huixue.orders.merging import merged, stamped
from huixue.orders.model import WHOLE_ORDER, Line, Order, PoolRow, Refund, RefundRow, Row
from huixue.orders.ports import ClaimBook, OrderChangedError, OrderPool, Outbox
from huixue.orders.pricing import with_release

MAX_ROUNDS = 8
ORDERS_PER_READ = 100
ORDERS_PER_MESSAGE = 20
"""Orders of one member in one message to the ledger: one posting of at most a few dozen lines."""
MAX_TITLE_CHARS = 60


class InParallel(Protocol):
    """Runs calls that wait on the network side by side; order of results as given."""

    def __call__(
        self, call: Callable[[Sequence[Row]], Order | None], groups: Iterable[Sequence[Row]]
    ) -> Iterable[Order | None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDesk:
    pool: OrderPool
    book: ClaimBook
    outbox: Outbox
    in_parallel: InParallel
    now: Callable[[], datetime]


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
    home = snapshot.split_from or number
    return PoolRow(
        order_ref=hashes.order_ref(platform, home),
        order_hint=order_hint(home),
        platform=platform,
        source=snapshot.source,
        line_key=_line_key(snapshot, hashes),
        line=stamped(_line(snapshot, room, hashes), _ms(snapshot.as_of)),
        part_ref=hashes.order_ref(platform, number) if home != number else None,
    )


def _line(snapshot: OrderSnapshot, room: str | None, hashes: KeyedHash) -> Line:
    """Before the balance of a presale is paid nothing is, whatever was put down for it (OC-E7). Who says `confirmed`
    without a time says that it was so by then."""
    is_unpaid, account = snapshot.state == "unpaid", snapshot.account
    confirmed_at = snapshot.confirmed_at
    if confirmed_at is None and snapshot.state == "confirmed":
        confirmed_at = snapshot.as_of
    return Line(
        state=snapshot.state,
        printed_state=snapshot.printed_state,
        paid_fen=0 if is_unpaid and snapshot.paid_fen is not None else snapshot.paid_fen,
        refunded_fen=snapshot.refunded_fen,
        freight_fen=snapshot.freight_fen,
        account_ref=hashes.account_ref(snapshot.platform, account) if account else None,
        room=room,
        created_at=snapshot.created_at,
        paid_at=None if is_unpaid else snapshot.paid_at,
        confirmed_at=confirmed_at,
        title=snapshot.title[:MAX_TITLE_CHARS] if snapshot.title else None,
        quantity=snapshot.quantity,
        trade_type=snapshot.trade_type,
    )


def refund_row(snapshot: RefundSnapshot, hashes: KeyedHash) -> RefundRow:
    """The refund as the pool may keep it: its numbers become keyed hashes."""
    platform, number = snapshot.platform, snapshot.order_number
    refund = Refund(
        line_key=_line_key(snapshot, hashes), state=snapshot.state,
        amount_fen=snapshot.amount_fen, as_of_ms=_ms(snapshot.as_of),
    )  # fmt: skip
    return RefundRow(
        order_ref=hashes.order_ref(platform, number), order_hint=order_hint(number),
        platform=platform, refund=refund,
        # A purpose of its own in front: no number of a line has it.
        refund_key=hashes.line_key(platform, f"refund:{snapshot.refund_number}"),
    )  # fmt: skip


def _line_key(snapshot: OrderSnapshot | RefundSnapshot, hashes: KeyedHash) -> str:
    sub_order = snapshot.sub_order_number
    return WHOLE_ORDER if sub_order is None else hashes.line_key(snapshot.platform, sub_order)


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def apply_rows(rows: Iterable[Row], *, desk: PoolDesk, resend: bool) -> Applied:
    """Joins lines and refunds into their orders and signals owners and waiting claims of the orders that changed.

    May be repeated in any order: a join twice is a join once. A refund may come before its order, which then is kept
    for it and matches no claim yet. With `resend` unchanged orders are signalled too, for a delivery whose earlier
    attempt may have died between writing and signalling.
    """
    applied = Applied()
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.order_ref, []).append(row)
    refs = iter(grouped)
    while batch := list(islice(refs, ORDERS_PER_READ)):
        found = [row for ref in batch for row in grouped[ref]]
        applied = _sum(applied, _apply_batch(found, desk, resend))
    return applied


def _apply_batch(rows: Sequence[Row], desk: PoolDesk, resend: bool) -> Applied:
    home = at_home(rows, desk.pool)
    grouped: dict[str, list[Row]] = {}
    for row in home.rows:
        grouped.setdefault(row.order_ref, []).append(row)
    joined: dict[str, _Joined] = {}

    def save(rows: Sequence[Row]) -> Order | None:
        done = _saved(rows, home.orders.get(rows[0].order_ref), desk)
        joined[rows[0].order_ref] = done
        return None if done.effect == "unchanged" else done.order

    changed = [order for order in desk.in_parallel(save, grouped.values()) if order is not None]
    concerned = [each.order for each in joined.values()] if resend else changed
    signal([*concerned, *_still_asked(home.aliases, joined)], desk=desk)
    effects = Counter(each.effect for each in joined.values())
    return Applied(
        orders_new=effects["new"], orders_changed=effects["changed"],
        orders_unchanged=effects["unchanged"],
    )  # fmt: skip


def _still_asked(aliases: Sequence[Order], joined: Mapping[str, _Joined]) -> list[Order]:
    """Aliases whose waiting claims, made by the number of a part, may find the order now: nobody owns it yet."""
    homes = {ref for ref, done in joined.items() if done.order.ownership is None}
    return [alias for alias in aliases if alias.alias_of in homes]


def _saved(rows: Sequence[Row], order: Order | None, desk: PoolDesk) -> _Joined:
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
            saved = desk.pool.save(with_release(after, desk.now()))
            return _Joined(order=saved, effect=effect)
        except OrderChangedError:
            order = desk.pool.orders([order_ref]).get(order_ref)
            if order is not None and order.alias_of is not None:
                # it became a part meanwhile: the next delivery takes these rows to its original
                raise ContentionError("the order was split", order_ref=order_ref) from None
    raise ContentionError("the order kept changing", order_ref=order_ref)


def signal(orders: Sequence[Order], *, desk: PoolDesk) -> int:
    """Tells the ledger about owned orders and the matcher about claims that waited, also by the number of a part;
    returns messages sent."""
    by_owner: dict[MemberId, list[str]] = {}
    waiting: list[tuple[str, str]] = []
    for order in orders:
        if order.ownership is not None:
            by_owner.setdefault(order.ownership.member_id, []).append(order.order_ref)
        elif order.first_source is not None or order.alias_of is not None:
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
