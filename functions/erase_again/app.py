"""Queue: removes once more whatever work that was under way has written about an erased member."""

from __future__ import annotations

from huixue.edge import erasing
from huixue.edge.batch import queue_entry
from huixue.kernel.events import MemberErased


def act(message: MemberErased, redelivered: bool) -> str:
    del redelivered  # it may be repeated
    return erasing.erase_again(message, desk=erasing.erasure_desk())


handler = queue_entry(MemberErased, act)
