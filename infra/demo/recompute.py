"""Points recomputed from the CSV itself: the judge of the walk-through, so it shares no code with the product.

Takes both shapes of file. One point per yuan that was paid and not refunded, freight left out, floored per
order; only orders that were paid and confirmed.

    python -m infra.demo.recompute export.csv --today 2026-11-21 --days 90
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    points: int
    orders: int
    """Rows that fit what was asked for."""
    credited: int
    """Of these, the ones worth at least a point."""
    points_by_order: Mapping[str, int]
    """Of the credited ones."""


def recompute(
    path: Path,
    *,
    order_numbers: Collection[str] | None = None,
    account: str | None = None,
    today: date | None = None,
    days: int = 90,
) -> Recomputed:
    """Points of the rows with one of `order_numbers` and printed for `account`; None: of all rows.

    With `today` (Asia/Shanghai) only payments since the start of the day `days` before it count.
    """
    first_day = None if today is None else (today - timedelta(days=days)).isoformat()
    by_order: dict[str, int] = {}
    orders = 0
    for row in _rows(path):
        number = row["订单编号"].strip().lstrip("=").strip("\"'")
        if order_numbers is not None and number not in order_numbers:
            continue
        if account is not None and row.get("买家会员名", "").strip() != account:
            continue
        orders += 1
        points = _points(row, first_day)
        if points:
            by_order[number] = points
    return Recomputed(
        points=sum(by_order.values()),
        orders=orders,
        credited=len(by_order),
        points_by_order=by_order,
    )


def paid_fen(path: Path, order_number: str) -> int:
    """What the buyer paid for an order, before refunds, in fen. Raises KeyError where the file has no such order."""
    for row in _rows(path):
        if row["订单编号"].strip().lstrip("=").strip("\"'") == order_number:
            paid = Decimal(row["买家实际支付金额"]) + Decimal(row.get("退款金额") or "0")
            return int(paid * 100)
    raise KeyError("no such order in the file")


def _points(row: Mapping[str, str], first_day: str | None) -> int:
    paid_on = row["订单付款时间"].strip()[:10]
    if not paid_on or row.get("订单状态", "交易成功").strip() != "交易成功":
        return 0
    if first_day is not None and paid_on < first_day:
        return 0
    # The printed figure is what is left after refunds.
    left = Decimal(row["买家实际支付金额"]) - Decimal(row.get("买家应付邮费", "0"))
    return max(int(left.to_integral_value(ROUND_FLOOR)), 0)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding=_encoding(path), newline="") as file:
        rows = csv.reader(file)
        names = [name.strip() for name in next(rows)]
        for cells in rows:
            yield dict(zip(names, cells, strict=True))


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        header = file.readline()
    try:
        header.decode("utf-8")
    except UnicodeDecodeError:
        return "gbk"
    return "utf-8-sig"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m infra.demo.recompute",
        description="Recomputes points from an export or report.",
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--order", action="append", help="only this order number; may be repeated")
    parser.add_argument("--account", help="only rows printed for this account")
    parser.add_argument("--today", type=date.fromisoformat, help="count only the window before it")
    parser.add_argument("--days", type=int, default=90, help="length of the window")
    options = parser.parse_args(arguments)
    found = recompute(
        options.file,
        order_numbers=options.order,
        account=options.account,
        today=options.today,
        days=options.days,
    )
    print(f"{found.points} points from {found.credited} of {found.orders} orders")


if __name__ == "__main__":
    main()
