"""The matcher: finds the order a claim is about, and gives it its owner, once and for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from huixue.kernel.errors import ContentionError, MemberErasedError
from huixue.kernel.events import ClaimSubmitted, OrdersChanged
from huixue.kernel.ids import AccountRef, ClaimId, MemberId, OrderRef
from huixue.kernel.terms import Terms
from huixue.orders.aliases import followed
from huixue.orders.claims import MAX_ROUNDS, REOPENED, ClaimDesk
from huixue.orders.matching import (
    AlreadyHers,
    Decision,
    Own,
    Reject,
    decided,
    last_check,
    next_check,
)
from huixue.orders.model import Claim, Order, Reason
from huixue.orders.pool import without_waiting
from huixue.orders.ports import OrderChangedError
from huixue.orders.pricing import with_release
from huixue.orders.stubs import forgotten, with_waiting

MAX_WAITING = 50
"""Members whose claims an order remembers while it is not there; further ones rely on the scheduled checks."""


def match(message: ClaimSubmitted, *, desk: ClaimDesk) -> str:
    """Decides one claim and does what was decided; returns what that was, for logs and metrics.

    May be repeated, run twice at once, come late or out of order: the order's owner is written once under its
    revision, and everything else follows from it. Writes the claim itself if whoever took it died before; for a member
    who was erased it writes nothing, and takes back the mark that an earlier delivery may have left.
    """
    try:
        hers = desk.lineage(MemberId(message.member_id))
    except MemberErasedError:
        _forget(message, desk)
        return "erased"
    claim = _stored_claim(message, desk)
    if claim.rejected_reason is not None and claim.rejected_reason not in REOPENED:
        return "rejected"

    def terms_for(room: str, paid_at: datetime | None) -> Terms | None:
        return desk.rules.terms_for(
            claim.programme_id, room, claim.platform, claim.member_id, paid_at=paid_at
        )

    def is_staff(account_ref: str) -> bool:
        return desk.rules.is_staff(claim.programme_id, account_ref)

    for _ in range(MAX_ROUNDS):
        order = followed(desk.pool, [claim.order_ref]).get(claim.order_ref)
        decision = decided(
            claim, order, hers=hers, terms_for=terms_for, is_staff=is_staff, now=desk.now()
        )
        try:
            return _carry_out(decision, claim, order, desk)
        except OrderChangedError:
            continue
    raise ContentionError("the order kept changing", order_ref=claim.order_ref)


def _forget(message: ClaimSubmitted, desk: ClaimDesk) -> None:
    for _ in range(MAX_ROUNDS):
        order = followed(desk.pool, [message.order_ref]).get(message.order_ref)
        if order is None or message.member_id not in order.waiting:
            return
        try:
            desk.pool.save(forgotten(order, {message.member_id}, desk.now()))
        except OrderChangedError:
            continue
        return
    raise ContentionError("the order kept changing", order_ref=message.order_ref)


def _stored_claim(message: ClaimSubmitted, desk: ClaimDesk) -> Claim:
    claim_id = ClaimId(message.claim_id)
    stored = desk.book.claim(MemberId(message.member_id), claim_id)
    return stored if stored is not None else desk.book.add_claim(claim_from(message))


def claim_from(message: ClaimSubmitted) -> Claim:
    return Claim(
        claim_id=ClaimId(message.claim_id), member_id=MemberId(message.member_id),
        programme_id=message.programme_id, platform=message.platform,
        order_ref=OrderRef(message.order_ref), order_hint=message.order_hint,
        account_ref=AccountRef(message.account_ref) if message.account_ref else None,
        room_level=message.room_level, claimed_at=message.claimed_at,
        submission=message.submission,
    )  # fmt: skip


def _carry_out(decision: Decision, claim: Claim, order: Order | None, desk: ClaimDesk) -> str:
    match decision:
        case Own(ownership) if order is not None:
            owned = replace(without_waiting(order, claim.member_id), ownership=ownership)
            desk.pool.save(with_release(owned, desk.now()))
            _settle_later(claim, order, desk)
            return "owned"
        case AlreadyHers() if order is not None:
            _settle_later(claim, order, desk)
            return "already_hers"
        case Reject(reason):
            _refuse(claim, order, reason, desk)
            return "rejected"
        case _:
            _wait(claim, order, desk)
            return "waiting"


def _settle_later(claim: Claim, order: Order, desk: ClaimDesk) -> None:
    owner = order.ownership.member_id if order.ownership else claim.member_id
    change = OrdersChanged(
        member_id=owner, order_refs=(order.order_ref,), correlation_id=claim.claim_id
    )
    desk.outbox.credit([change])
    if claim.next_check_at is not None or claim.rejected_reason is not None:
        desk.book.update_claim(replace(claim, next_check_at=None, rejected_reason=None))


def _refuse(claim: Claim, order: Order | None, reason: Reason, desk: ClaimDesk) -> None:
    """The order forgets the claim first: a claim that is refused is never looked at again."""
    if order is not None and claim.member_id in order.waiting:
        desk.pool.save(without_waiting(order, claim.member_id))
    desk.book.update_claim(replace(claim, rejected_reason=reason, next_check_at=None))


def _wait(claim: Claim, order: Order | None, desk: ClaimDesk) -> None:
    """The same for an order that is not there and for one that is somebody else's: the order (or a stub of it)
    remembers the claim, and the claim gets its next check, or its end."""
    window_days = desk.rules.window_days(claim.programme_id, claim.platform)
    due = next_check(claim.claimed_at, desk.now(), window_days)
    if due is None:
        _refuse(claim, order, "NOT_IN_POOL", desk)
        return
    waiting = order.waiting if order is not None else {}
    is_marked = claim.member_id in waiting
    if not is_marked and len(waiting) < MAX_WAITING:
        desk.pool.save(with_waiting(order, claim, last_check(claim.claimed_at, window_days)))
        is_marked = True
    if is_marked or due != claim.next_check_at or claim.rejected_reason is not None:
        # Also where nothing in it changes: a claim that an erasure removed is not written, this fails, the message
        # comes again, and then the mark is taken back. Nobody else would find it: it is found by the claim.
        desk.book.update_claim(replace(claim, next_check_at=due, rejected_reason=None))
