"""What a row says of paid, refunded and closed."""

from __future__ import annotations

import pytest

from huixue.kernel.snapshots import LineState
from tests.unit.platforms.exports.making_exports import (
    REPORT_ROW,
    SELLER_ROW,
    csv_bytes,
    only_snapshot,
    seller_row,
)

PAID = "订单付款时间 "


@pytest.mark.parametrize(
    ("printed", "state"),
    [
        ("交易成功", "confirmed"),
        ("卖家已发货，等待买家确认", "shipped"),
        ('"卖家已发货,等待买家确认"', "shipped"),
        ("卖家已发货， 等待买家确认 ", "shipped"),
        ("买家已付款，等待卖家发货", "paid"),
        ('"买家已付款, 等待卖家发货"', "paid"),
        ("等待买家付款", "unpaid"),
        ("\t交易关闭", "closed"),
    ],
)
def test_states_are_read_as_the_platform_prints_them(printed: str, state: LineState) -> None:
    snapshot = only_snapshot(csv_bytes([seller_row(订单状态=printed)]))

    assert snapshot.state == state
    assert snapshot.printed_state is None


@pytest.mark.parametrize("printed", ["卖家部分发货", "交易成功了", "付款确认中", "", "x" * 100])
def test_a_state_nobody_knows_is_parked_with_its_word_and_is_no_error(printed: str) -> None:
    snapshot = only_snapshot(csv_bytes([seller_row(订单状态=printed)]))

    assert snapshot.state == "unknown"
    assert snapshot.printed_state == printed[:40]


def test_paid_is_gross_because_the_printed_amount_is_what_refunds_left() -> None:
    snapshot = only_snapshot(csv_bytes([seller_row(买家实际支付金额="148.90", 退款金额="178.80")]))

    assert (snapshot.paid_fen, snapshot.refunded_fen) == (32770, 17880)


def test_a_blank_refund_says_nothing_of_refunds() -> None:
    snapshot = only_snapshot(csv_bytes([seller_row(买家实际支付金额="148.90", 退款金额="")]))

    assert (snapshot.paid_fen, snapshot.refunded_fen) == (14890, None)


def test_an_unpaid_order_has_paid_nothing() -> None:
    row = seller_row(
        订单状态="等待买家付款", 买家实际支付金额="0.00", 退款金额="0.00", **{PAID: ""}
    )

    snapshot = only_snapshot(csv_bytes([row]))

    assert (snapshot.paid_fen, snapshot.refunded_fen, snapshot.paid_at) == (0, 0, None)


def test_an_amount_printed_for_an_unpaid_order_is_what_she_would_pay_not_what_she_paid() -> None:
    row = seller_row(订单状态="等待买家付款", 买家实际支付金额="99.00", 退款金额="", **{PAID: ""})

    snapshot = only_snapshot(csv_bytes([row]))

    assert (snapshot.paid_fen, snapshot.refunded_fen) == (0, None)


@pytest.mark.parametrize(
    ("net", "refund", "paid_at", "paid_fen", "refunded_fen"),
    [
        ("0.00", "99.00", "2026-02-20 10:00:00", 9900, 9900),  # refunded whole
        ("59.00", "40.00", "2026-02-20 10:00:00", 9900, 9900),  # the trade is closed all the same
        ("99.00", "0.00", "", 9900, 9900),  # an amount says that it was paid
        ("0.00", "0.00", "", 0, 0),  # never paid
        ("0.00", "", "", 0, None),
        ("0.00", "", "2026-02-20 10:00:00", None, None),  # paid; what, is printed nowhere
    ],
)
def test_a_closed_order_was_never_paid_or_is_refunded_whole(
    net: str, refund: str, paid_at: str, paid_fen: int | None, refunded_fen: int | None
) -> None:
    row = seller_row(订单状态="交易关闭", 买家实际支付金额=net, 退款金额=refund, **{PAID: paid_at})

    snapshot = only_snapshot(csv_bytes([row]))

    assert snapshot.state == "closed"
    assert (snapshot.paid_fen, snapshot.refunded_fen) == (paid_fen, refunded_fen)


@pytest.mark.parametrize("printed", ["张**", "t**8", "*", "t＊＊8", ""])
def test_masked_and_blank_accounts_are_nobody(printed: str) -> None:
    assert only_snapshot(csv_bytes([seller_row(买家会员名=printed)])).account is None


def test_an_account_keeps_its_characters() -> None:
    assert only_snapshot(csv_bytes([seller_row(买家会员名=" 小雨_Tt8 ")])).account == "小雨_Tt8"


def test_a_report_takes_paid_orders_as_confirmed_and_others_as_unpaid() -> None:
    paid = only_snapshot(csv_bytes([REPORT_ROW]))
    unpaid = only_snapshot(
        csv_bytes([{**REPORT_ROW, PAID: "", "买家实际支付金额": "0.0", "退款金额": "0.0"}])
    )

    assert (paid.state, paid.paid_fen, paid.refunded_fen) == ("confirmed", 32770, 17880)
    assert (unpaid.state, unpaid.paid_fen, unpaid.paid_at) == ("unpaid", 0, None)


def test_titles_are_cut_not_refused() -> None:
    title = only_snapshot(csv_bytes([seller_row(**{"宝贝标题 ": "面" * 500})])).title

    assert title == "面" * 200


def test_an_export_is_always_of_the_time_it_was_said_to_be() -> None:
    assert only_snapshot(csv_bytes([SELLER_ROW])).as_of.isoformat() == "2026-11-21T04:00:00+00:00"
