"""The judge of the walk-through: right on hand-made files, and no relative of the product."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

from infra.demo import recompute as judge
from infra.demo.recompute import paid_fen, recompute

STEM = "1" + "0" * 17
"""All numbers of the file but their last digit: invented, 19 digits."""
EXPORT = f"""订单编号,买家会员名,买家应付邮费,买家实际支付金额,订单状态,订单付款时间 ,退款金额
="{STEM}1",甲,0.00,10.99,交易成功,2026-11-20 10:00:00,0.00
="{STEM}2",甲,5.00,10.99,交易成功,2026-11-20 10:00:00,3.00
="{STEM}3",乙,0.00,99.00,卖家已发货，等待买家确认,2026-11-20 10:00:00,0.00
="{STEM}4",乙,0.00,99.00,等待买家付款,,0.00
="{STEM}5",乙,0.00,0.00,交易关闭,2026-11-20 10:00:00,99.00
="{STEM}6",乙,0.00,7.00,交易成功,2026-08-23 00:00:00,0.00
="{STEM}7",乙,0.00,8.00,交易成功,2026-08-22 23:59:59,0.00
"""


@pytest.fixture(params=["gbk", "utf-8", "utf-8-sig"])
def export(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(EXPORT, encoding=request.param)
    return path


def test_only_paid_and_confirmed_money_that_stayed_counts_floored_per_order(export: Path) -> None:
    found = recompute(export)

    assert dict(found.points_by_order) == {
        f"{STEM}1": 10,
        f"{STEM}2": 5,
        f"{STEM}6": 7,
        f"{STEM}7": 8,
    }
    assert (found.points, found.orders, found.credited) == (30, 7, 4)


def test_the_window_begins_at_the_start_of_its_first_day(export: Path) -> None:
    assert recompute(export, today=date(2026, 11, 21), days=90).points == 22


def test_orders_and_accounts_can_be_asked_for(export: Path) -> None:
    assert recompute(export, order_numbers={f"{STEM}2"}).points == 5
    assert recompute(export, account="甲").points == 15
    assert recompute(export, account="乙", order_numbers={f"{STEM}1"}).orders == 0


def test_what_the_buyer_paid_is_gross(export: Path) -> None:
    assert paid_fen(export, f"{STEM}2") == 1399
    with pytest.raises(KeyError, match="no such order"):
        paid_fen(export, "1")


def test_a_report_without_states_takes_paid_as_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text(
        "订单编号,总金额,买家实际支付金额,订单付款时间 ,退款金额\r\n1,9.9,9.9,2020-02-20 10:00:00,0\r\n2,5,0,,0\r\n",
        encoding="utf-8",
    )

    assert (recompute(path).points, recompute(path).orders) == (9, 2)


def test_it_shares_no_code_with_what_it_judges() -> None:
    tree = ast.parse(Path(judge.__file__).read_text(encoding="utf-8"))
    modules = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip

    assert not {name for name in modules if name.split(".")[0] in {"huixue", "infra"}}


def test_the_command_prints_the_sum(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judge.main([str(export), "--account", "甲"])

    assert capsys.readouterr().out == "15 points from 2 of 2 orders\n"


def test_the_points_of_the_real_report_have_their_known_sum(design_data: Path) -> None:
    found = recompute(design_data / "tmall_order_report.csv")

    assert (found.points, found.orders) == (1_901_029, 28_010)
