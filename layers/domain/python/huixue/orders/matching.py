"""Whose order is it? Pure decisions on a claim or a proof and the order as it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import window_start
from huixue.kernel.ids import MemberId
from huixue.kernel.snapshots import Source
from huixue.kernel.terms import Terms
from huixue.orders.model import Claim, Line, Order, Ownership, Reason

TermsFor = Callable[[str, datetime | None], Terms | None]
"""Room (`programme_id/room_id`) → the terms this member gets there, None if it is not her programme's; with the time
of the payment where all lines have the same one."""
IsStaff = Callable[[str], bool]
"""Whether an account is one of the programme's own people."""

CHECK_AFTER = (
    timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12),
    timedelta(hours=24),
)  # fmt: skip
"""When a claim without an order is looked at again (OC-M8); then daily until its window is over. The import
that brings the order does not wait for it."""


@dataclass(frozen=True, slots=True)
class Own:
    ownership: Ownership


@dataclass(frozen=True, slots=True)
class AlreadyHers:
    pass


@dataclass(frozen=True, slots=True)
class Wait:
    """Not there, or not provably hers: the two are answered alike."""


@dataclass(frozen=True, slots=True)
class Reject:
    reason: Reason


Decision = Own | AlreadyHers | Wait | Reject


def decided(
    claim: Claim, order: Order | None, *, hers: Collection[str], terms_for: TermsFor,
    is_staff: IsStaff, now: datetime,
) -> Decision:  # fmt: skip
    """What becomes of a claim by number (with an account or without). `hers` are her member ids."""
    if order is None or order.first_source is None or order.alias_of is not None:
        return Wait()
    if order.ownership is not None:
        return AlreadyHers() if order.ownership.member_id in hers else Wait()
    if claim.account_ref is not None and claim.account_ref != order.account_ref:
        return Wait()
    return owned_by(
        order, claim.member_id, via=claim.claim_id, proven=False,
        terms_for=terms_for, is_staff=is_staff, asked_at=claim.claimed_at, now=now,
    )  # fmt: skip


def owned_by(
    order: Order, member_id: MemberId, *, via: str, proven: bool, terms_for: TermsFor,
    is_staff: IsStaff, asked_at: datetime, now: datetime,
) -> Own | Reject:  # fmt: skip
    """The ownership of a free order, or why it brings no points here. `asked_at` is when she asked: a pool that
    was late does not cost her the window."""
    found = _credit_of(order, terms_for)
    if found is None:
        return Reject("NOT_OUR_ROOM")
    credit_source, terms = found
    if any(is_staff(account) for account in sorted(order.account_refs)):
        return Reject("EXCLUDED_TYPE")
    if not in_window(order, terms, asked_at):
        return Reject("OUT_OF_WINDOW")
    ownership = Ownership(
        member_id=member_id, owned_at=now, via=via, proven=proven, terms=terms,
        credit_source=credit_source,
    )  # fmt: skip
    return Own(ownership)


def _credit_of(order: Order, terms_for: TermsFor) -> tuple[Source, Terms] | None:
    """The source that will be priced, with the terms of its first line of one of her programme's rooms: the
    source that came first, unless only another one knows the room."""
    paid_at = _paid_at(order.lines())
    for source in sorted(order.sources, key=lambda each: (each != order.first_source, each)):
        for _, line in sorted(order.sources[source].items()):
            terms = terms_for(line.room, paid_at) if line.room is not None else None
            if terms is not None:
                return source, terms
    return None


def _paid_at(lines: Sequence[Line]) -> datetime | None:
    """When all of it was paid, if every line was at one time."""
    times = {line.paid_at for line in lines}
    return next(iter(times)) if len(times) == 1 else None


def in_window(order: Order, terms: Terms, asked_at: datetime) -> bool:
    """Orders that are not paid (or, by the other clock, not confirmed) yet are inside: they are young."""
    if terms.window_clock == "paid_at":
        instant = order.paid_at
    else:
        instant = max(
            (line.confirmed_at for line in order.lines() if line.confirmed_at), default=None
        )
    return instant is None or instant >= window_start(
        asked_at, terms.window_days, ZoneInfo(terms.zone_name)
    )


def last_check(claimed_at: datetime, window_days: int) -> datetime:
    """After this the order would be out of its window anyway."""
    return claimed_at + timedelta(days=window_days)


def next_check(claimed_at: datetime, now: datetime, window_days: int) -> datetime | None:
    """The first check of the schedule after `now`; None once the last one is over. A function of time alone, so
    a repeated or late check changes nothing."""
    days = (now - claimed_at) // timedelta(days=1) + 1
    due = min(
        claimed_at + after
        for after in (*CHECK_AFTER, timedelta(days=days))
        if claimed_at + after > now
    )
    return due if due <= last_check(claimed_at, window_days) else None
