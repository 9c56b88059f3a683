"""The sweep: finds what a lost message left behind, and claims whose next check is due.

Two parts. Waiting claims come from their index at the time promised to the member. Everything else is a rolling
walk over the whole table: each run goes on where the last one stopped, so no order pays an index for a loss that
hardly ever happens. It only sends messages; what they say is decided again by whoever receives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from huixue.kernel.events import ExportUploaded, LineQuote
from huixue.orders.claims import message_of
from huixue.orders.imports import Import, ImportBook, chunk_message
from huixue.orders.model import Claim, Order, OrderSync
from huixue.orders.pool import PoolDesk, signal
from huixue.orders.ports import Cursor, Lineage, Metrics, Place, Postings
from huixue.orders.pricing import quotes_of
from huixue.orders.syncs import message_of_sync
from huixue.orders.views import NOTHING, Posting

ITEMS_PER_PAGE = 200
DUE_PER_RUN = 500
STALE_AFTER = timedelta(minutes=2)
"""Claims, credits and syncs younger than this are still on their way."""
IMPORT_STALE_AFTER = timedelta(minutes=15)
"""Planning may take this long, and the chunks of a large export wait for one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkPage:
    orders: list[Order]
    claims: list[Claim]
    syncs: list[OrderSync]
    imports: list[Import]
    next_start: dict[str, Any] | None


class Walk(Protocol):
    def page(self, start: dict[str, Any] | None, limit: int) -> WalkPage: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepDesk:
    pool: PoolDesk
    imports: ImportBook
    walk: Walk
    cursor: Cursor
    postings: Postings
    lineage: Lineage
    metrics: Metrics
    now: Callable[[], datetime]
    rest: timedelta
    """Between two rounds: a round reads every owned order and its ledger, which costs money and finds almost never
    anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    due_claims: int = 0
    repairs: int = 0
    """Messages sent for something that should have been done already."""
    round_finished: bool = False


def sweep(*, desk: SweepDesk, until: datetime) -> Swept:
    """One run: due checks first, then the walk until the table is through or `until` has come. May be repeated
    and run twice at once."""
    due = desk.pool.book.due_claims(desk.now(), DUE_PER_RUN)
    if due:
        desk.pool.outbox.match([message_of(claim) for claim in due])
    repairs, finished = _walk(desk, until)
    desk.metrics.count("SweepRepaired", repairs)
    return Swept(due_claims=len(due), repairs=repairs, round_finished=finished)


def _walk(desk: SweepDesk, until: datetime) -> tuple[int, bool]:
    place = desk.cursor.load()
    if place.not_before is not None and desk.now() < place.not_before:
        return 0, False
    start, repairs = place.start, 0
    while desk.now() < until:
        page = desk.walk.page(start, ITEMS_PER_PAGE)
        repairs += _repair(page, desk)
        start = page.next_start
        if start is None:
            desk.cursor.save(Place(not_before=desk.now() + desk.rest))
            return repairs, True
        desk.cursor.save(Place(start=start))
    return repairs, False


def _repair(page: WalkPage, desk: SweepDesk) -> int:
    now = desk.now()
    orders = [order for order in page.orders if _is_behind(order, desk)]
    claims = _forgotten_claims(page.claims, desk) + _unmatched_claims(page.orders, desk)
    syncs = [
        sync
        for sync in page.syncs
        if sync.status == "running" and now - sync.requested_at > STALE_AFTER
    ]
    sent = signal(orders, desk=desk.pool)
    if claims:
        desk.pool.outbox.match([message_of(claim) for claim in claims])
    if syncs:
        desk.pool.outbox.sync([message_of_sync(sync) for sync in syncs])
    return sent + len(claims) + len(syncs) + sum(_resume(each, desk) for each in page.imports)


def _is_behind(order: Order, desk: SweepDesk) -> bool:
    """Owned, but the ledger does not hold what it is worth."""
    if order.ownership is None or desk.now() - order.ownership.owned_at <= STALE_AFTER:
        return False
    quotes = quotes_of(order)
    held = desk.postings(order.ownership.member_id, [quote.line_id for quote in quotes])
    return not agrees(quotes, held)


def agrees(quotes: Sequence[LineQuote], held: Mapping[str, Posting]) -> bool:
    for quote in quotes:
        points, pending, _ = held.get(quote.line_id, NOTHING)
        due = quote.points if quote.status == "due" else 0
        expected = quote.points if quote.status == "pending" else 0
        if quote.status != "parked" and (points, pending) != (due, expected):
            return False
    return True


def _forgotten_claims(claims: Sequence[Claim], desk: SweepDesk) -> list[Claim]:
    """Claims that nobody decided: no refusal, no next check, and an order that is not theirs."""
    open_claims = [
        each
        for each in claims
        if each.rejected_reason is None
        and each.next_check_at is None
        and desk.now() - each.claimed_at > STALE_AFTER
    ]
    orders = desk.pool.pool.orders([claim.order_ref for claim in open_claims])
    return [
        claim for claim in open_claims if not _is_decided(orders.get(claim.order_ref), claim, desk)
    ]


def _unmatched_claims(orders: Sequence[Order], desk: SweepDesk) -> list[Claim]:
    """Claims that still wait for a free order that is there. One that names another account waits rightly."""
    free = {
        order.order_ref: order
        for order in orders
        if order.ownership is None and order.first_source is not None and order.waiting
    }
    waiting = [pair for order in free.values() for pair in order.waiting.items()]
    return [
        claim
        for claim in (desk.pool.book.claims(waiting) if waiting else [])
        if claim.next_check_at is not None
        and claim.account_ref in {None, free[claim.order_ref].account_ref}
    ]


def _is_decided(order: Order | None, claim: Claim, desk: SweepDesk) -> bool:
    """Hers, also where she claimed it under another id than the one that owns it since members were merged."""
    if order is None or order.ownership is None:
        return False
    owner = order.ownership.member_id
    return owner == claim.member_id or owner in desk.lineage(claim.member_id)


def _resume(each: Import, desk: SweepDesk) -> int:
    if each.status != "running" or desk.now() - each.requested_at <= IMPORT_STALE_AFTER:
        return 0
    outbox = desk.pool.outbox
    if each.chunks is None:
        outbox.plan([ExportUploaded(import_id=each.import_id, correlation_id=each.import_id)])
        return 1
    missing = desk.imports.unfinished_chunks(each)
    outbox.apply([chunk_message(each.import_id, chunk) for chunk in missing])
    return len(missing)
