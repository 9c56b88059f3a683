"""Orders for the demo: generated from measured distributions, or read from a shop's order report.

Generated orders are repeatable: the same count, seed and day give the same orders.

    python -m infra.demo.orders --count 3000 --seed 1 report.csv
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Literal

DEFAULT_COUNT = 3_000
DEFAULT_SEED = 20_200_229
DEFAULT_LAST_DAY = date(2020, 2, 29)
REPORT_HEADER = (
    "订单编号", "总金额", "买家实际支付金额", "收货地址 ", "订单创建时间", "订单付款时间 ", "退款金额",
)  # fmt: skip
Outcome = Literal["unpaid", "kept", "partly_refunded", "refunded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOrder:
    """An order as a report prints it; times are the platform's wall clock (Asia/Shanghai, no zone)."""

    total_fen: int
    refunded_fen: int
    created_at: datetime
    paid_at: datetime | None

    @property
    def outcome(self) -> Outcome:
        if self.paid_at is None:
            return "unpaid"
        if self.refunded_fen == 0:
            return "kept"
        return "refunded" if self.refunded_fen >= self.total_fen else "partly_refunded"


def distributions() -> Mapping[str, Any]:
    """The measured tables; `infra/demo/measure.py` makes them."""
    text = Path(__file__).with_name("distributions.json").read_text(encoding="utf-8")
    tables: Mapping[str, Any] = json.loads(text)
    return tables


def generate(
    count: int = DEFAULT_COUNT,
    *,
    seed: int = DEFAULT_SEED,
    last_day: date = DEFAULT_LAST_DAY,
) -> list[DemoOrder]:
    """`count` orders, newest first, created up to `last_day`. Outcomes have their exact shares, rounded."""
    tables = distributions()
    random = Random(seed)  # noqa: S311 - a repeatable demo, no secret
    outcomes = _quotas(tables["outcomes"], count)
    random.shuffle(outcomes)
    days = random.choices(
        range(len(tables["days_before_last"])), tables["days_before_last"], k=count
    )
    hours = random.choices(range(24), tables["hours"], k=count)
    orders = []
    for outcome, days_before, hour in zip(outcomes, days, hours, strict=True):
        moment = time(hour, random.randrange(60), random.randrange(60))
        created_at = datetime.combine(last_day - timedelta(days=days_before), moment)
        orders.append(_order(random, tables, outcome, created_at))
    return sorted(orders, key=lambda order: order.created_at, reverse=True)


def _quotas(shares: Mapping[Outcome, int], count: int) -> list[Outcome]:
    """`count` outcomes, each as often as its share says (largest remainders)."""
    whole = sum(shares.values())
    quotas = {outcome: share * count // whole for outcome, share in shares.items()}
    by_remainder = sorted(shares, key=lambda outcome: -(shares[outcome] * count % whole))
    for outcome in by_remainder[: count - sum(quotas.values())]:
        quotas[outcome] += 1
    return [outcome for outcome, quota in quotas.items() for _ in range(quota)]


def _order(
    random: Random, tables: Mapping[str, Any], outcome: Outcome, created_at: datetime
) -> DemoOrder:
    total_fen = _amount_fen(random, tables["amounts_fen"][outcome])
    paid_at = None
    if outcome != "unpaid":
        paid_at = created_at + timedelta(seconds=_from_bands(random, tables["seconds_to_pay"]))
    refunded_fen = total_fen if outcome == "refunded" else 0
    if outcome == "partly_refunded":
        percent = _from_bands(random, tables["refunded_percent"])
        refunded_fen = min(max(total_fen * percent // 1000 * 10, 10), total_fen - 10)
    return DemoOrder(
        total_fen=total_fen, refunded_fen=refunded_fen, created_at=created_at, paid_at=paid_at
    )


def _amount_fen(random: Random, table: Mapping[str, list[list[int]]]) -> int:
    prices, bands = table["prices"], table["bands"]
    frequent = sum(count for _, count in prices)
    if random.randrange(frequent + sum(band[2] for band in bands)) < frequent:
        return random.choices(prices, [count for _, count in prices])[0][0]
    return max(_from_bands(random, bands) // 10 * 10, 100)


def _from_bands(random: Random, bands: list[list[int]]) -> int:
    counts = list(accumulate(count for _, _, count in bands))
    low, high, _ = random.choices(bands, cum_weights=counts)[0]
    return random.randrange(low, high)


def read_report(path: Path) -> list[DemoOrder]:
    """The orders of a report shaped like `REPORT_HEADER`, in its order. ValueError names a bad line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        names = [name.strip() for name in next(rows, [])]
        missing = {name.strip() for name in REPORT_HEADER} - {"订单编号", "收货地址"} - set(names)
        if missing:
            raise ValueError(
                f"{path.name} is no order report: no column {', '.join(sorted(missing))}"
            )
        orders = []
        for row in rows:
            try:
                orders.append(_reported(dict(zip(names, row, strict=True))))
            except ValueError as error:
                raise ValueError(f"{path.name}: line {rows.line_num} cannot be read") from error
    return orders


def _reported(row: Mapping[str, str]) -> DemoOrder:
    paid_at = row["订单付款时间"].strip()
    return DemoOrder(
        total_fen=_fen(row["总金额"]),
        refunded_fen=_fen(row["退款金额"]),
        created_at=datetime.fromisoformat(row["订单创建时间"].strip()),
        paid_at=datetime.fromisoformat(paid_at) if paid_at else None,
    )


def _fen(yuan: str) -> int:
    try:
        return int(Decimal(yuan.strip()) * 100)
    except ArithmeticError as error:
        raise ValueError("not an amount") from error


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def write_report(orders: Sequence[DemoOrder], path: Path) -> None:
    """The orders as a report: the shape of the published one, its missing parts (addresses) blank."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REPORT_HEADER)
        for number, order in enumerate(orders, start=1):
            left_fen = 0 if order.paid_at is None else order.total_fen - order.refunded_fen
            writer.writerow(
                (number, yuan(order.total_fen), yuan(left_fen), "", order.created_at,
                 order.paid_at or "", yuan(order.refunded_fen))
            )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m infra.demo.orders",
        description="Writes generated orders as an order report.",
    )
    parser.add_argument("report", type=Path, help="the CSV file to write")
    parser.add_argument("--count", type=int, default=DEFAULT_COUNT, help="how many orders")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="same seed, same orders")
    options = parser.parse_args(arguments)
    orders = generate(options.count, seed=options.seed)
    write_report(orders, options.report)
    print(f"{len(orders)} orders written to {options.report}")


if __name__ == "__main__":
    main()
