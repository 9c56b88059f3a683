"""The sweep: finds what a lost message left behind, claims whose next check is due, and points whose release is.

Two parts. Waiting claims and orders with points to release come from the due index at the time promised to the
member. Everything else is a rolling walk over the whole table: each run goes on where the last one stopped, so no
order pays an index for a loss that hardly ever happens. It only sends messages; what they say is decided again by
whoever receives them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from huixue.kernel.errors import MemberErasedError
from huixue.kernel.events import ExportUploaded
from huixue.orders.aliases import followed
from huixue.orders.claims import message_of
from huixue.orders.imports import Import, ImportBook, chunk_message
from huixue.orders.model import Claim, Order, OrderSync
from huixue.orders.pool import PoolDesk, signal
from huixue.orders.ports import (
    Cursor,
    DueIndex,
    Lineage,
    Metrics,
    OrderChangedError,
    Place,
    Postings,
)
from huixue.orders.pricing import quotes_of, with_release
from huixue.orders.reconciliation import agrees
from huixue.orders.syncs import message_of_sync

ITEMS_PER_PAGE = 200
DUE_PER_PAGE = 500
CLOCKS_APART = timedelta(seconds=5)
"""How far the clocks of two functions may differ: a release is told once all of them are past it."""
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
    due: DueIndex
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
    due_releases: int = 0
    """Orders with points that turned from pending to due."""
    repairs: int = 0
    """Messages sent for something that should have been done already."""
    round_finished: bool = False


def sweep(*, desk: SweepDesk, until: datetime) -> Swept:
    """One run: due checks and releases first, then the walk until the table is through or `until` has come. May be
    repeated and run twice at once."""
    claims, releases = _due(desk, until)
    repairs, finished = _walk(desk, until)
    desk.metrics.count("SweepRepaired", repairs)
    return Swept(due_claims=claims, due_releases=releases, repairs=repairs, round_finished=finished)


def _due(desk: SweepDesk, until: datetime) -> tuple[int, int]:
    """All that is due, page after page: most releases come at the same midnight. Claims stay in the index until the
    matcher has seen them, so each is sent once in a run."""
    sent: set[tuple[str, str]] = set()
    releases = 0
    while True:
        due = desk.due.due(desk.now(), DUE_PER_PAGE)
        fresh = [each for each in due.claims if each not in sent]
        claims = desk.pool.book.claims(fresh) if fresh else []
        if claims:
            desk.pool.outbox.match([message_of(claim) for claim in claims])
        released = _release(due.orders, desk)
        sent |= {(claim.member_id, claim.claim_id) for claim in claims}
        releases += released
        is_last = max(len(due.claims), len(due.orders)) < DUE_PER_PAGE
        if is_last or not (claims or released) or desk.now() >= until:
            return len(sent), releases


def _release(order_refs: Sequence[str], desk: SweepDesk) -> int:
    """Tells the ledger, then moves the mark to the order's next release or takes it away. A mark that stays behind is
    found again in the next run, and a message that comes twice changes nothing."""
    found = desk.pool.pool.orders(order_refs) if order_refs else {}
    # one instant for what is told and what is marked, that every other clock has reached as well
    ripe = desk.now() - CLOCKS_APART
    due = [
        order
        for order in found.values()
        if order.release_at is not None and order.release_at <= ripe
    ]
    signal(due, desk=desk.pool)
    for order in due:
        try:
            desk.pool.pool.save(with_release(order, ripe))
        except OrderChangedError:
            continue  # whoever changed it has set the mark anew
    return len(due)


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
    member_id = order.ownership.member_id
    now = desk.now()
    # What was released a moment ago is on its way, or just there.
    said = [quotes_of(order, at) for at in (now, now - STALE_AFTER)]
    try:
        held = desk.postings(member_id, [quote.line_id for quote in said[0]])
    except MemberErasedError:
        return False  # nothing is entered for her any more
    return not any(
        all(agrees(quote, held.get(quote.line_id)) for quote in quotes) for quotes in said
    )


def _forgotten_claims(claims: Sequence[Claim], desk: SweepDesk) -> list[Claim]:
    """Claims that nobody decided: no refusal, no next check, and an order that is not theirs."""
    open_claims = [
        each
        for each in claims
        if each.rejected_reason is None
        and each.next_check_at is None
        and desk.now() - each.claimed_at > STALE_AFTER
    ]
    orders = followed(desk.pool.pool, [claim.order_ref for claim in open_claims])
    return [
        claim for claim in open_claims if not _is_decided(orders.get(claim.order_ref), claim, desk)
    ]


def _unmatched_claims(orders: Sequence[Order], desk: SweepDesk) -> list[Claim]:
    """Claims that still wait for a free order that is there. One that names another account waits rightly."""
    free = {
        pair: order
        for order in orders
        if order.ownership is None and order.alias_of is None and order.first_source is not None
        for pair in order.waiting.items()
    }
    return [
        claim
        for claim in (desk.pool.book.claims(list(free)) if free else [])
        if claim.next_check_at is not None
        and claim.account_ref in {None, free[claim.member_id, claim.claim_id].account_ref}
    ]


def _is_decided(order: Order | None, claim: Claim, desk: SweepDesk) -> bool:
    """Hers, also where she claimed it under another id than the one that owns it since members were merged."""
    if order is None or order.ownership is None:
        return False
    owner = order.ownership.member_id
    try:
        return owner == claim.member_id or owner in desk.lineage(claim.member_id)
    except MemberErasedError:
        return True  # it goes with the rest of her data


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
