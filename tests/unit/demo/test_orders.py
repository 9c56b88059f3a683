"""Generated orders follow the measured tables, and the tables follow the real report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.demo import measure
from infra.demo.orders import (
    DEFAULT_COUNT,
    DemoOrder,
    distributions,
    generate,
    read_report,
    write_report,
)

REAL_COUNT = 28_010


@pytest.fixture(scope="module")
def orders() -> list[DemoOrder]:
    return generate(REAL_COUNT)


@pytest.fixture(scope="module")
def measured(orders: list[DemoOrder]) -> dict[str, Any]:
    return measure.measure(orders)


def distance(found: Sequence[int], wanted: Sequence[int]) -> float:
    """Total variation: 0 for the same shares, 1 for none in common."""
    size = max(len(found), len(wanted))
    padded = [[*counts, *([0] * (size - len(counts)))] for counts in (found, wanted)]
    shares = [[count / sum(counts) for count in counts] for counts in padded]
    found_shares, wanted_shares = shares
    return sum(abs(a - b) for a, b in zip(found_shares, wanted_shares, strict=True)) / 2


def test_the_same_seed_gives_the_same_orders_and_another_one_others() -> None:
    assert generate(500, seed=1) == generate(500, seed=1)
    assert generate(500, seed=1) != generate(500, seed=2)


def test_outcomes_have_exactly_the_measured_shares(measured: dict[str, Any]) -> None:
    assert measured["outcomes"] == distributions()["outcomes"]


@pytest.mark.parametrize("count", [1, 7, 200, DEFAULT_COUNT])
def test_small_numbers_of_orders_round_the_shares_and_lose_none(count: int) -> None:
    outcomes = Counter(order.outcome for order in generate(count))

    shares = distributions()["outcomes"]
    assert outcomes.total() == count
    for outcome, share in shares.items():
        assert abs(outcomes[outcome] - share * count / REAL_COUNT) < 1


@pytest.mark.parametrize("table", ["hours", "days_before_last"])
def test_days_and_hours_follow_the_tables(measured: dict[str, Any], table: str) -> None:
    assert distance(measured[table], distributions()[table]) < 0.02


@pytest.mark.parametrize("table", ["seconds_to_pay", "refunded_percent"])
def test_bands_follow_the_tables(measured: dict[str, Any], table: str) -> None:
    wanted = {tuple(band[:2]): band[2] for band in distributions()[table]}
    found = {tuple(band[:2]): band[2] for band in measured[table]}

    assert distance([found.get(band, 0) for band in wanted], list(wanted.values())) < 0.08


@pytest.mark.parametrize("outcome", ["kept", "unpaid", "refunded"])
def test_amounts_follow_the_tables(measured: dict[str, Any], outcome: str) -> None:
    wanted = dict(distributions()["amounts_fen"][outcome]["prices"])
    found = dict(measured["amounts_fen"][outcome]["prices"])

    assert distance([found.get(fen, 0) for fen in wanted], list(wanted.values())) < 0.05
    frequent = sum(count for fen, count in found.items() if fen in wanted)
    assert frequent == pytest.approx(sum(wanted.values()), rel=0.03)


def test_every_generated_order_is_possible(orders: list[DemoOrder]) -> None:
    for order in orders:
        assert order.total_fen >= 100
        assert 0 <= order.refunded_fen <= order.total_fen
        assert order.paid_at is None or order.paid_at >= order.created_at
    assert [order.created_at for order in orders] == sorted(
        (order.created_at for order in orders), reverse=True
    )


def test_orders_end_on_the_day_asked_for() -> None:
    assert max(o.created_at for o in generate(500, last_day=date(2026, 1, 31))).date() == date(
        2026, 1, 31
    )


def test_a_written_report_is_read_again_as_it_was(tmp_path: Path) -> None:
    orders = generate(300)

    write_report(orders, tmp_path / "report.csv")

    assert read_report(tmp_path / "report.csv") == orders


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no order report"),
        ("a,b\r\n1,2\r\n", "no order report"),
        ("订单编号,总金额,买家实际支付金额,订单创建时间,订单付款时间,退款金额\r\n1,x,0,2020-01-01,,0\r\n", "line 2"),
        ("订单编号,总金额,买家实际支付金额,订单创建时间,订单付款时间,退款金额\r\n1,2\r\n", "line 2"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_report_is_refused_with_the_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "other.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match=reason):
        read_report(path)


def test_the_committed_tables_are_those_of_the_real_report(design_data: Path) -> None:
    real = read_report(design_data / "tmall_order_report.csv")

    assert json.loads(json.dumps(measure.measure(real))) == distributions()
    committed = Path(measure.__file__).with_name("distributions.json").read_text(encoding="utf-8")
    assert measure.as_text(measure.measure(real)) == committed
