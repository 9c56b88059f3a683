"""Which trades an export tells apart: presales, zero yuan, goods without a parcel, split orders."""

from __future__ import annotations

import pytest

from huixue.kernel.snapshots import OrderSnapshot
from huixue.platforms.exports.formats import PRESALE_STATES
from tests.unit.platforms.exports.making_exports import (
    NUMBER,
    REPORT_ROW,
    SELLER_ROW,
    csv_bytes,
    errors_of,
    only_snapshot,
    reading_of,
    seller_row,
)

ORIGINAL = NUMBER[::-1]
PAID = ("交易成功", "卖家已发货，等待买家确认", "买家已付款，等待卖家发货")


def seller(more: dict[str, str] | None = None, /, **changes: str) -> OrderSnapshot:
    return only_snapshot(csv_bytes([seller_row(**changes) | (more or {})]))


@pytest.mark.parametrize("printed", sorted(PRESALE_STATES))
def test_a_presale_without_its_balance_is_unpaid_whatever_was_put_down(printed: str) -> None:
    snapshot = seller({"订单状态": printed.replace(",", "，")}, 买家实际支付金额="20.00")

    assert (snapshot.state, snapshot.paid_fen, snapshot.paid_at) == ("unpaid", 0, None)
    assert snapshot.trade_type is None


@pytest.mark.parametrize("printed", PAID)
def test_nothing_paid_and_nothing_refunded_is_a_trade_for_zero_yuan(printed: str) -> None:
    snapshot = seller(订单状态=printed, 买家实际支付金额="0.00", 退款金额="0.00")

    assert snapshot.trade_type == "zero_yuan"


@pytest.mark.parametrize(
    ("state", "net", "refund"),
    [
        ("交易成功", "0.00", "99.00"),  # all of it was refunded
        ("交易成功", "0.00", ""),  # whether anything was, is not said
        ("等待买家付款", "0.00", "0.00"),
        ("交易关闭", "0.00", "0.00"),
        ("交易成功", "0.01", "0.00"),
    ],
)
def test_an_order_that_may_have_been_paid_is_none_for_zero_yuan(
    state: str, net: str, refund: str
) -> None:
    assert seller(订单状态=state, 买家实际支付金额=net, 退款金额=refund).trade_type is None


def test_a_file_without_refunds_tells_of_no_trade_for_zero_yuan() -> None:
    row = seller_row(买家实际支付金额="0.00")
    header = [name for name in SELLER_ROW if name != "退款金额"]

    assert only_snapshot(csv_bytes([row], header=header)).trade_type is None


def test_a_report_tells_a_trade_for_zero_yuan_too() -> None:
    row = {**REPORT_ROW, "买家实际支付金额": "0.0", "退款金额": "0.0"}

    assert only_snapshot(csv_bytes([row])).trade_type == "zero_yuan"


@pytest.mark.parametrize(
    ("printed", "trade_type"),
    [("虚拟发货", "virtual"), (" 虚拟物品 ", "virtual"), ("快递", None), ("", None)],
)
def test_goods_sent_without_a_parcel_are_virtual(printed: str, trade_type: str | None) -> None:
    assert seller({"运送方式": printed}).trade_type == trade_type


def test_a_link_for_freight_is_no_goods_and_goods_that_mention_it_are() -> None:
    assert seller({"宝贝标题 ": "补邮费专拍链接"}).trade_type == "virtual"
    assert seller({"宝贝标题 ": "演示面膜 ，补邮费专拍链接"}).trade_type is None


@pytest.mark.parametrize(
    ("stated", "trade_type"),
    [
        ("普通", "normal"), ("样品", "sample"), ("0元", "zero_yuan"), ("０元", "zero_yuan"),
        ("抽奖", "draw"), (" 虚拟 ", "virtual"), ("赠品", "gift"), ("", None), ("--", None),
    ],
)  # fmt: skip
def test_whoever_knows_the_trade_can_say_so(stated: str, trade_type: str | None) -> None:
    assert seller({"交易类型": stated}).trade_type == trade_type


def test_what_is_stated_goes_before_what_is_seen() -> None:
    free = seller_row(买家实际支付金额="0.00", 退款金额="0.00")

    assert only_snapshot(csv_bytes([free | {"交易类型": "样品"}])).trade_type == "sample"
    assert only_snapshot(csv_bytes([free | {"交易类型": "普通"}])).trade_type == "normal"


def test_a_trade_of_an_unknown_kind_is_an_error_of_its_row() -> None:
    data = csv_bytes([seller_row() | {"交易类型": "白送"}])

    assert errors_of(data) == [(2, "交易类型", "TRADE_TYPE")]


@pytest.mark.parametrize("printed", [ORIGINAL, f'="{ORIGINAL}"', f"'{ORIGINAL}", f" {ORIGINAL}\t"])
def test_a_split_order_names_the_one_it_was_split_from(printed: str) -> None:
    snapshot = seller({"原订单编号": printed})

    assert (snapshot.order_number, snapshot.split_from) == (NUMBER, ORIGINAL)
    assert ORIGINAL not in repr(snapshot)


@pytest.mark.parametrize("printed", ["", "--", "null", NUMBER, f'="{NUMBER}"', '=""'])
def test_an_order_of_its_own_was_split_from_none(printed: str) -> None:
    assert seller({"原订单编号": printed}).split_from is None


@pytest.mark.parametrize(
    ("printed", "code"),
    [("4.14068E+18", "ORDER_NUMBER_ROUNDED"), ("abc", "ORDER_NUMBER"), ("12", "ORDER_NUMBER")],
)
def test_a_number_that_is_none_is_an_error_of_its_row(printed: str, code: str) -> None:
    data = csv_bytes([seller_row() | {"原订单编号": printed}])

    assert errors_of(data) == [(2, "原订单编号", code)]


def test_columns_most_files_are_without_are_not_missed() -> None:
    plain = reading_of(csv_bytes([SELLER_ROW]))
    extended = reading_of(csv_bytes([{**SELLER_ROW, "交易类型": "", "原订单编号": ""}]))

    assert plain.missing_columns == ()
    assert {"交易类型", "原订单编号"} <= set(extended.columns)
