"""What the walk-through knows of a demo export: who has which order, and one order of every kind it shows.

Made from the lines themselves, never from what the product answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.demo.buyers import Buyer
    from infra.demo.seller_export import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerOrders:
    """A buyer with her orders, newest first; `account` is in the file only where it is not masked."""

    account: str
    printed_account: str
    masked: bool
    order_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One order to show. `paid_fen` is gross; `account` None where it is printed masked."""

    order_number: str
    account: str | None
    paid_fen: int
    refunded_fen: int
    points: int
    """At one point per yuan, for an order inside the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    today: date
    """The business day (Asia/Shanghai) the export was made on."""
    rows: int
    last_paid_at: str
    buyers: tuple[BuyerOrders, ...]
    """The busiest first."""
    out_of_window: tuple[str, ...]
    pending: tuple[str, ...]
    unpaid: Example
    fully_refunded: Example
    partly_refunded: Example
    old: Example
    """Paid more than 90 days ago."""
    masked: Example
    lone: Example
    """The only order of a plain buyer."""
    proof: Example
    """A confirmed order of the busiest buyer, without a refund: what a sync asks for."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"today": self.today.isoformat()}


def manifest_of(
    lines: Sequence[Line], *, pending: Sequence[str], busiest: Buyer, today: date
) -> Manifest:
    """Examples belong to different buyers, none to the busiest. ValueError where a kind is missing."""
    shown = _Chooser(lines, busiest)
    # The rarest kind chooses first, among masked buyers too.
    partly_refunded = shown.example(
        "partly refunded", lambda line: line.order.outcome == "partly_refunded"
    )
    paid = [line.order.paid_at for line in lines if line.order.paid_at]
    return Manifest(
        today=today,
        rows=len(lines),
        last_paid_at=str(max(paid)),
        buyers=_buyers(lines),
        out_of_window=tuple(line.number for line in lines if line.old),
        pending=tuple(pending),
        unpaid=shown.example("unpaid", lambda line: _plain(line, "unpaid")),
        fully_refunded=shown.example("refunded", lambda line: _plain(line, "refunded")),
        partly_refunded=partly_refunded,
        old=shown.example("old", lambda line: line.old),
        masked=shown.example(
            "masked", lambda line: line.buyer.masked and _confirmed(line) and not line.old
        ),
        lone=shown.example(
            "lone",
            # half of it is refunded later, and both halves are worth points
            lambda line: (
                _plain(line, "kept")
                and _confirmed(line)
                and line.order.total_fen >= 1000
                and len(line.buyer.orders) == 1
            ),
        ),
        proof=shown.example("busiest", lambda line: line.order.outcome == "kept", of_busiest=True),
    )


def _plain(line: Line, outcome: str) -> bool:
    return line.order.outcome == outcome and not line.buyer.masked and not line.old


def _confirmed(line: Line) -> bool:
    return line.state == "交易成功" and line.order.total_fen >= 100


class _Chooser:
    def __init__(self, lines: Sequence[Line], busiest: Buyer) -> None:
        self._lines = lines
        self._busiest = busiest
        self._used: set[str] = set()

    def example(
        self, kind: str, fits: Callable[[Line], bool], *, of_busiest: bool = False
    ) -> Example:
        for line in self._lines:
            buyer = line.buyer
            right_buyer = (buyer is self._busiest) == of_busiest and buyer.account not in self._used
            if right_buyer and fits(line):
                self._used.add(buyer.account)
                return _example(line)
        raise ValueError(f"none of the orders can be the example of kind {kind!r}")


def _example(line: Line) -> Example:
    order = line.order
    paid_fen = 0 if order.paid_at is None else order.total_fen
    return Example(
        order_number=line.number,
        account=None if line.buyer.masked else line.buyer.account,
        paid_fen=paid_fen,
        refunded_fen=order.refunded_fen,
        points=(paid_fen - order.refunded_fen) // 100,
    )


def _buyers(lines: Sequence[Line]) -> tuple[BuyerOrders, ...]:
    buyers = {line.buyer.account: line.buyer for line in lines}
    numbers: dict[str, list[str]] = {account: [] for account in buyers}
    for line in lines:
        numbers[line.buyer.account].append(line.number)
    return tuple(
        BuyerOrders(
            account=account,
            printed_account=buyer.printed_account,
            masked=buyer.masked,
            order_numbers=tuple(numbers[account]),
        )
        for account, buyer in sorted(buyers.items(), key=lambda pair: -len(numbers[pair[0]]))
    )
