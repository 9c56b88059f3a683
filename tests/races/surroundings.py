"""What the main job needs around it and nobody looks at here: queues that only keep, metrics that count nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from huixue.kernel.events import (
    ClaimSubmitted,
    ExportUploaded,
    Message,
    OrdersChanged,
    OrderSyncRequested,
    RowsPlanned,
)
from huixue.orders.model import Order, Row


class KeptMessages:
    """Queues in memory: what was sent waits until somebody takes it."""

    def __init__(self) -> None:
        self.waiting: list[Message] = []

    def match(self, messages: Sequence[ClaimSubmitted]) -> None:
        self.waiting.extend(messages)

    def credit(self, messages: Sequence[OrdersChanged]) -> None:
        self.waiting.extend(messages)

    def sync(self, messages: Sequence[OrderSyncRequested]) -> None:
        self.waiting.extend(messages)

    def plan(self, messages: Sequence[ExportUploaded]) -> None:
        self.waiting.extend(messages)

    def apply(self, messages: Sequence[RowsPlanned]) -> None:
        self.waiting.extend(messages)

    def taken(self) -> list[Message]:
        taken, self.waiting = self.waiting, []
        return taken


class NoMetrics:
    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        """Nobody looks at them here."""


def one_by_one(
    call: Callable[[Sequence[Row]], Order | None], groups: Iterable[Sequence[Row]]
) -> Iterable[Order | None]:
    return map(call, groups)
