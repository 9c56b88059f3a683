"""Orders that nobody has printed yet: how they remember the claims that wait for them, and forget them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from huixue.kernel.calendar import to_epoch_s
from huixue.orders.model import Claim, Order

EMPTY_FOR = timedelta(days=1)
"""How long a stub stays that nobody waits for any more: far longer than any function runs that has read it. Removed at
once, the next stub of its number would begin with the same revision, and a write meant for the old one would pass."""


def with_waiting(order: Order | None, claim: Claim, until: datetime) -> Order:
    """The order (where there is none: a stub of it) with the claim's mark; a stub stays at least `until`."""
    expires = to_epoch_s(until)
    if order is None:
        order = Order(
            order_ref=claim.order_ref, platform=claim.platform, order_hint=claim.order_hint,
            expires_at_epoch_s=expires,
        )  # fmt: skip
    before = order.expires_at_epoch_s
    return replace(
        order,
        waiting={**order.waiting, claim.member_id: claim.claim_id},
        order_hint=order.order_hint or claim.order_hint,
        expires_at_epoch_s=None if before is None else max(before, expires),
    )


def forgotten(order: Order, member_ids: Collection[str], now: datetime) -> Order:
    """The order without the marks of these members. Of a stub that only they waited for nothing is left but the keyed
    hash of its number, and that for EMPTY_FOR."""
    waiting = {key: value for key, value in order.waiting.items() if key not in member_ids}
    after = replace(order, waiting=waiting)
    if waiting or order.expires_at_epoch_s is None:
        return after
    soon = to_epoch_s(now + EMPTY_FOR)
    return replace(after, order_hint="", expires_at_epoch_s=min(soon, order.expires_at_epoch_s))
