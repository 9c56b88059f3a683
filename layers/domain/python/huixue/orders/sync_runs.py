"""Running a sync: check the proof, bind the account, make its orders hers, settle them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Literal

from huixue.kernel.calendar import window_start
from huixue.kernel.errors import ContentionError, NotFoundError
from huixue.kernel.events import OrderSyncRequested
from huixue.kernel.ids import MemberId
from huixue.kernel.terms import Terms
from huixue.orders.aliases import followed
from huixue.orders.amounts import facts_of, lines_of
from huixue.orders.claims import is_hers
from huixue.orders.matching import Own, owned_by
from huixue.orders.model import Claim, Order, OrderSync, Reason, claim_id_of
from huixue.orders.pool import without_waiting
from huixue.orders.ports import OrderChangedError, Settlement
from huixue.orders.pricing import quotes_of, with_release
from huixue.orders.syncs import MAX_ROUNDS, SyncDesk, is_try_of

ORDERS_PER_BATCH = 50
Outcome = Literal["credited", "pending", "skipped"]


def read(member_id: MemberId, sync_id: str, *, desk: SyncDesk) -> OrderSync:
    """Her sync. Raises NotFoundError for what is not there and for somebody else's."""
    for each in desk.lineage(member_id):
        sync = desk.syncs.sync(each, sync_id)
        if sync is not None:
            return sync
    raise NotFoundError("no such sync of hers")


def run(message: OrderSyncRequested, *, desk: SyncDesk, settle: Settlement) -> OrderSync | None:
    """Runs one sync to its end; returns it as it ended, None if it had ended before.

    May be repeated or die anywhere: owners are written once, the ledger posts only what is missing, and what
    this sync has won is told from the orders themselves, so the counts come out the same.
    """
    sync = desk.syncs.sync(MemberId(message.member_id), message.sync_id)
    if sync is None or sync.status != "running":
        return None
    hers = desk.lineage(sync.member_id)
    reason = _refused(sync, hers, desk)
    if reason is not None:
        desk.metrics.count("ProofFailed")
        return _end(replace(sync, status="failed", reason=reason), desk)
    _forgive(sync, desk)
    counts: Counter[Outcome] = Counter()
    for refs in _batches(_order_refs(sync, desk)):
        counts += _take_over(sync, refs, desk)
        settle(sync.member_id, refs)
    ended = replace(
        sync, status="done", lines_found=counts.total(), lines_credited=counts["credited"],
        lines_pending=counts["pending"], lines_skipped=counts["skipped"],
    )  # fmt: skip
    return _end(ended, desk)


def _refused(sync: OrderSync, hers: Sequence[MemberId], desk: SyncDesk) -> Reason | None:
    order = followed(desk.pool, [sync.order_ref]).get(sync.order_ref)
    if order is None or not is_proof(order, sync, hers):
        return "PROOF_FAILED"
    if desk.rules.is_staff(sync.programme_id, sync.account_ref):
        return "EXCLUDED_TYPE"
    if not desk.syncs.bind(sync.account_ref, hers, sync):
        return "ACCOUNT_BOUND_ELSEWHERE"
    return None


def is_proof(order: Order, sync: OrderSync, hers: Sequence[str]) -> bool:
    """A confirmed order of this very account, paid with this very amount, as the source that prints the account
    says (an affiliate feed knows no account, and no freight). Once anybody claimed it by its number alone it proves
    nothing for ever: claiming shows the amount."""
    if order.ownership is not None and not (is_hers(order, hers) and order.ownership.proven):
        return False
    printed = [
        line
        for source, lines in order.sources.items()
        if any(line.account_ref == sync.account_ref for line in lines.values())
        for line in lines_of(order, source).said()
    ]
    states = {each.state for each in facts_of(order)}
    return (
        order.account_ref == sync.account_ref
        and "confirmed" in states
        and states <= {"confirmed", "closed"}
        and sum(line.paid_fen or 0 for line in printed) == sync.paid_amount_fen
    )


def _forgive(sync: OrderSync, desk: SyncDesk) -> None:
    """A proof that held was no guess, nor were its earlier runs, whose message was lost or whose order was not
    confirmed yet. Best effort: if she is trying something else right now, they stay counted."""
    _, tries = desk.syncs.sync_and_tries(sync.member_id, sync.sync_id)
    proofs = {key: at for key, at in tries.proofs.items() if not is_try_of(sync.sync_id, key)}
    if proofs != tries.proofs:
        try:
            desk.book.save_tries(replace(tries, proofs=proofs))
        except OrderChangedError:
            return


def _order_refs(sync: OrderSync, desk: SyncDesk) -> Iterator[str]:
    """The proof, then the account's orders of the programme's longest window; each room's own window is looked
    at order by order."""
    proof = followed(desk.pool, [sync.order_ref])[sync.order_ref].order_ref
    yield proof
    days = desk.rules.paid_within_days(sync.programme_id, sync.platform)
    since = window_start(sync.requested_at, days)
    for ref in desk.pool.orders_of_account(sync.account_ref, since):
        if ref != proof:
            yield ref


def _batches(refs: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(refs, ORDERS_PER_BATCH)):
        yield batch


def _take_over(sync: OrderSync, refs: Sequence[str], desk: SyncDesk) -> Counter[Outcome]:
    counts: Counter[Outcome] = Counter()
    for order in desk.pool.orders(refs).values():
        # the index may still name a part: its original is in it by itself, and an alias is never owned
        if order.alias_of is None and order.account_ref == sync.account_ref:
            counts += _outcomes(_owned(order, sync, desk), sync, desk.now())
    return counts


def _owned(order: Order, sync: OrderSync, desk: SyncDesk) -> Order:
    """The order as it stands afterwards: hers if it was free and is in our room and window."""

    def terms_for(room: str, paid_at: datetime | None) -> Terms | None:
        return desk.rules.terms_for(
            sync.programme_id, room, sync.platform, sync.member_id, paid_at=paid_at
        )

    def is_staff(account_ref: str) -> bool:
        return desk.rules.is_staff(sync.programme_id, account_ref)

    for _ in range(MAX_ROUNDS):
        if order.alias_of is not None:
            return order  # split while we looked
        if order.ownership is None:
            decision = owned_by(
                order, sync.member_id, via=sync.sync_id, proven=True, terms_for=terms_for,
                is_staff=is_staff, asked_at=sync.requested_at, now=desk.now(),
            )  # fmt: skip
            if not isinstance(decision, Own):
                return order
            wished = replace(without_waiting(order, sync.member_id), ownership=decision.ownership)
            try:
                order = desk.pool.save(with_release(wished, desk.now()))
            except OrderChangedError:
                order = desk.pool.orders([order.order_ref])[order.order_ref]
                continue
        if order.ownership is not None and order.ownership.via == sync.sync_id:
            desk.book.add_claim(_claim_of(order, sync))
        return order
    raise ContentionError("the order kept changing", order_ref=order.order_ref)


def _claim_of(order: Order, sync: OrderSync) -> Claim:
    return Claim(
        claim_id=claim_id_of(sync.member_id, order.order_ref),
        member_id=sync.member_id,
        programme_id=sync.programme_id,
        platform=sync.platform,
        order_ref=order.order_ref,
        order_hint=order.order_hint,
        account_ref=sync.account_ref,
        room_level=None,
        claimed_at=sync.requested_at,
        submission=sync.sync_id,
    )


def _outcomes(order: Order, sync: OrderSync, now: datetime) -> Counter[Outcome]:
    """What became of an order's lines: those this sync won are credited, pending or worth nothing; the rest were
    somebody's before, or are outside."""
    counts: Counter[Outcome] = Counter()
    if order.ownership is None or order.ownership.via != sync.sync_id:
        counts["skipped"] += len(facts_of(order))
        return counts
    for quote in quotes_of(order, now):
        if quote.status == "due" and quote.points > 0:
            counts["credited"] += 1
        elif quote.status in {"pending", "parked"}:
            counts["pending"] += 1
        else:
            counts["skipped"] += 1
    return counts


def _end(sync: OrderSync, desk: SyncDesk) -> OrderSync | None:
    ended = replace(sync, finished_at=desk.now())
    try:
        desk.syncs.save_sync(ended, expected_run=sync.run)
    except OrderChangedError:
        return None  # she asked again meanwhile: that run has its own message
    return ended
