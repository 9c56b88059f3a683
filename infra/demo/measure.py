"""Measures the distributions that the demo's orders follow, from a shop's order report.

    python -m infra.demo.measure REPORT.csv > infra/demo/distributions.json

Only counts leave the report: no row, number or address of it.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from infra.demo.orders import DemoOrder, Outcome, read_report

FREQUENT_PRICE = 20
"""Amounts at least this frequent are prices of the shop and kept exactly; others fall into bands."""
AMOUNT_STEP = 1.25
SECONDS_TO_PAY = (
    0, 5, 8, 12, 16, 20, 30, 45, 60, 90, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200,
    86_400, 172_800, 604_800, 2_592_000,
)  # fmt: skip
REFUNDED_PERCENT = tuple(range(0, 101, 10))

Bands = list[list[int]]
"""`[from, to, count]`, `to` not included."""


def measure(orders: Sequence[DemoOrder]) -> dict[str, object]:
    """The tables of `distributions.json`: counts by outcome, day, hour, amount, time to pay, refund."""
    outcomes = Counter(order.outcome for order in orders)
    last_day = max(order.created_at for order in orders).date()
    days = Counter((last_day - order.created_at.date()).days for order in orders)
    hours = Counter(order.created_at.hour for order in orders)
    return {
        "orders": len(orders),
        "outcomes": {outcome: outcomes[outcome] for outcome in sorted(outcomes)},
        "days_before_last": [days[day] for day in range(max(days) + 1)],
        "hours": [hours[hour] for hour in range(24)],
        "amounts_fen": {outcome: _amounts(orders, outcome) for outcome in sorted(outcomes)},
        "seconds_to_pay": banded(
            (
                (order.paid_at - order.created_at).total_seconds()
                for order in orders
                if order.paid_at is not None
            ),
            SECONDS_TO_PAY,
        ),
        "refunded_percent": banded(
            (
                100 * order.refunded_fen / order.total_fen
                for order in orders
                if order.outcome == "partly_refunded"
            ),
            REFUNDED_PERCENT,
        ),
    }


def banded(values: Iterable[float], edges: Sequence[int]) -> Bands:
    """Counts between neighbouring edges; values outside count in the outermost band."""
    counts = Counter(
        min(max(bisect_right(edges, value) - 1, 0), len(edges) - 2) for value in values
    )
    return [[edges[at], edges[at + 1], counts[at]] for at in sorted(counts)]


def _amounts(orders: Sequence[DemoOrder], outcome: Outcome) -> dict[str, object]:
    counts = Counter(order.total_fen for order in orders if order.outcome == outcome)
    prices = [[fen, count] for fen, count in sorted(counts.items()) if count >= FREQUENT_PRICE]
    rare = Counter({fen: count for fen, count in counts.items() if count < FREQUENT_PRICE})
    return {"prices": prices, "bands": banded(rare.elements(), _amount_edges())}


def _amount_edges() -> list[int]:
    edges = [100]
    while edges[-1] < 20_000_000:
        edges.append(round(edges[-1] * AMOUNT_STEP / 10) * 10)
    return edges


def as_text(tables: dict[str, object]) -> str:
    """JSON with one line per band, so that a new measurement reads well as a difference."""
    text = json.dumps(tables, ensure_ascii=False, indent=1)
    lines: list[str] = []
    for line in text.splitlines():
        part = line.strip()
        number = part.rstrip(",").lstrip("-").isdigit()
        end = part in {"]", "],"} and lines[-1][-1:].isdigit()
        if number or end:
            lines[-1] += part
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    if len(arguments) != 1:
        raise SystemExit("usage: python -m infra.demo.measure REPORT.csv")
    sys.stdout.write(as_text(measure(read_report(Path(arguments[0])))))


if __name__ == "__main__":
    main(sys.argv[1:])
