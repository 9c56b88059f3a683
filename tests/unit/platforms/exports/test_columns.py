"""Columns are found by name, in any order, some missing; nothing else is ever read."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.platforms.exports.errors import NotAnExportError
from huixue.platforms.exports.formats import TAOBAO, squeezed
from tests.unit.platforms.exports.making_exports import (
    REPORT_ROW,
    SELLER_ROW,
    csv_bytes,
    errors_of,
    only_snapshot,
    reading_of,
    rows_of,
    seller_row,
)

NEEDED = ["订单编号", "订单状态"]
FIELDS_OF = {
    "买家会员名": {"account"},
    "买家应付邮费": {"freight_fen"},
    "买家实际支付金额": {"paid_fen"},
    "订单创建时间": {"created_at"},
    "订单付款时间 ": {"paid_at"},
    "宝贝标题 ": {"title"},
    "宝贝总数量": {"quantity"},
    "确认收货时间": {"confirmed_at"},
    "退款金额": {"refunded_fen"},
}


@given(st.permutations(list(SELLER_ROW)))
def test_any_order_of_the_columns_gives_the_same_snapshot(header: list[str]) -> None:
    expected = only_snapshot(csv_bytes([SELLER_ROW]))

    assert only_snapshot(csv_bytes([SELLER_ROW], header=header)) == expected


@given(st.sets(st.sampled_from(sorted(SELLER_ROW.keys() - set(NEEDED)))))
def test_a_missing_column_leaves_its_own_fields_unsaid_and_no_others(left_out: set[str]) -> None:
    full = dataclasses.asdict(only_snapshot(csv_bytes([SELLER_ROW])))
    unsaid = {field for name in left_out for field in FIELDS_OF.get(name, set())}

    reading = reading_of(
        csv_bytes([SELLER_ROW], header=[n for n in SELLER_ROW if n not in left_out])
    )
    [(_, snapshot)] = reading.rows
    found = dataclasses.asdict(snapshot)

    if "退款金额" in left_out and "paid_fen" not in unsaid:
        assert found.pop("paid_fen") == 15030, (
            "without the refunds the printed amount is what is known"
        )
        full.pop("paid_fen")
        full, found = full | {"paid_fen": 0}, found | {"paid_fen": 0}
    assert found == full | dict.fromkeys(unsaid)
    assert set(reading.missing_columns) == {squeezed(n) for n in left_out if n in FIELDS_OF}


@pytest.mark.parametrize(
    "printed",
    [
        "订单付款时间",
        " 订单付款时间 ",
        "订单付款时间\t",
        "　订单付款时间　",
        '"订单付款时间 "',
        "订单 付款时间",
    ],
)
def test_names_are_the_same_whatever_blanks_stand_around_them(printed: str) -> None:
    expected = only_snapshot(csv_bytes([SELLER_ROW]))
    row = {printed if name == "订单付款时间 " else name: cell for name, cell in SELLER_ROW.items()}

    assert only_snapshot(csv_bytes([row])) == expected


def test_personal_columns_never_reach_a_snapshot() -> None:
    snapshot = only_snapshot(csv_bytes([SELLER_ROW]))

    values = [str(value) for value in dataclasses.astuple(snapshot)]

    for column in ("买家支付宝账号", "收货人姓名", "收货地址 ", "联系手机"):
        assert not any(SELLER_ROW[column] in value for value in values), column


def test_the_repr_of_a_snapshot_keeps_number_and_account_to_itself() -> None:
    shown = repr(only_snapshot(csv_bytes([SELLER_ROW])))

    assert SELLER_ROW["订单编号"] not in shown
    assert SELLER_ROW["买家会员名"] not in shown


def test_a_file_without_states_is_a_report_and_one_with_them_a_seller_export() -> None:
    assert reading_of(csv_bytes([REPORT_ROW])).kind == "order_report"
    assert reading_of(csv_bytes([SELLER_ROW])).kind == "seller_export"


def test_small_numbers_are_orders_in_a_report_alone() -> None:
    assert only_snapshot(csv_bytes([REPORT_ROW])).order_number == "6"
    assert errors_of(csv_bytes([seller_row(订单编号="6")])) == [(2, "订单编号", "ORDER_NUMBER")]


def test_a_column_that_is_read_may_not_stand_there_twice() -> None:
    data = csv_bytes([SELLER_ROW], header=[*SELLER_ROW, "退款金额"])

    with pytest.raises(NotAnExportError, match="退款金额 twice"):
        reading_of(data)


def test_columns_nobody_knows_do_no_harm() -> None:
    row = {"新列": "1,2".replace(",", ""), **SELLER_ROW, "又一列": "x"}

    assert rows_of(csv_bytes([row])) == rows_of(csv_bytes([SELLER_ROW]))


def test_blank_names_and_cells_at_the_end_do_no_harm() -> None:
    data = csv_bytes([SELLER_ROW]).replace(b"\r\n", b",,\r\n")

    assert rows_of(data) == rows_of(csv_bytes([SELLER_ROW]))


def test_no_name_is_both_read_and_unread() -> None:
    assert not TAOBAO.columns.keys() & TAOBAO.unread_columns
    assert all(name == squeezed(name) for name in [*TAOBAO.columns, *TAOBAO.unread_columns])
