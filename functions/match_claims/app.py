"""Queue: find the order a claim is about and give it its owner, once and for ever."""

from __future__ import annotations

from huixue.edge import bootstrap
from huixue.edge.batch import queue_entry
from huixue.kernel.events import ClaimSubmitted
from huixue.orders.matcher import match


def act(message: ClaimSubmitted, redelivered: bool) -> str:
    del redelivered  # a match may be repeated whatever happened to the one before
    return match(message, desk=bootstrap.claim_desk())


handler = queue_entry(ClaimSubmitted, act)
