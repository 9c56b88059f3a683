"""Rows of the affiliate feed: what each field means, and that no row can stop the page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.platforms.taobao.affiliate_rows import read_row
from tests.unit.sandbox.running import UNTIMED

ORDER_NUMBER = str(1_876_057_285 * 10**9 + 106_350_796)
SUB_ORDER_NUMBER = str(1_876_057_285 * 10**9 + 108_350_796)
ROW: dict[str, object] = {
    "trade_id": SUB_ORDER_NUMBER,
    "trade_parent_id": ORDER_NUMBER,
    "tk_status": "12",
    "alipay_total_price": "178.80",
    "pay_price": "0.00",
    "tb_paid_time": "2026-03-01 20:15:00",
    "tk_paid_time": "2026-03-01 20:15:09",
    "tk_create_time": "2026-03-01 20:14:00",
    "tb_deposit_time": "--",
    "tk_deposit_time": "--",
    "deposit_price": "0.00",
    "modified_time": "2026-03-01 20:15:10",
    "item_title": "樱花贴纸🌸",
    "item_num": "2",
    "adzone_id": "110595300001",
    "refund_tag": "0",
}


def snapshot(**changes: object) -> OrderSnapshot:
    read = read_row(ROW | changes, 0)
    assert isinstance(read, OrderSnapshot), read
    return read


def test_a_paid_row_becomes_a_line_of_its_parent_order() -> None:
    read = snapshot()

    assert read == OrderSnapshot(
        platform="taobao",
        source="affiliate",
        order_number=ORDER_NUMBER,
        sub_order_number=SUB_ORDER_NUMBER,
        as_of=datetime(2026, 3, 1, 12, 15, 10, tzinfo=UTC),
        state="paid",
        paid_fen=17_880,
        created_at=datetime(2026, 3, 1, 12, 14, tzinfo=UTC),
        paid_at=datetime(2026, 3, 1, 12, 15, tzinfo=UTC),
        title="樱花贴纸🌸",
        quantity=2,
        position="110595300001",
        trade_type="normal",
    )


@pytest.mark.parametrize(
    ("tk_status", "state", "printed"),
    [
        ("11", "unpaid", None),
        ("12", "paid", None),
        (12, "paid", None),
        ("13", "closed", None),
        ("14", "confirmed", None),
        ("3", "confirmed", None),
        (3, "confirmed", None),
        ("15", "unknown", "15"),
        ("已退款", "unknown", "已退款"),
        ("012", "unknown", "012"),
    ],
)
def test_every_status_has_one_state_and_a_new_one_is_parked(
    tk_status: object, state: str, printed: str | None
) -> None:
    read = snapshot(tk_status=tk_status)

    assert (read.state, read.printed_state) == (state, printed)


def test_an_unpaid_row_is_paid_nothing_whatever_price_it_prints() -> None:
    assert snapshot(tk_status="11").paid_fen == 0


@pytest.mark.parametrize("tk_status", ["13", "99"])
def test_a_price_without_a_payment_is_not_paid(tk_status: str) -> None:
    never_paid = snapshot(tk_status=tk_status, tb_paid_time="--", tk_paid_time="--")

    assert never_paid.paid_fen is None
    assert snapshot(tk_status=tk_status).paid_fen == 17_880


@pytest.mark.parametrize("tk_status", ["13", "99"])
def test_a_closed_or_unknown_row_may_say_nothing_about_money(tk_status: str) -> None:
    assert snapshot(tk_status=tk_status, alipay_total_price="--").paid_fen is None


@pytest.mark.parametrize(
    ("paid", "expected"), [("--", 9), ("", 9), (None, 9), ("2026-03-01 20:15:00", 0)]
)
def test_the_shops_payment_time_goes_before_the_feeds(paid: object, expected: int) -> None:
    read = snapshot(tb_paid_time=paid)

    assert read.paid_at == datetime(2026, 3, 1, 12, 15, expected, tzinfo=UTC)


DEPOSIT = {
    "deposit_price": "20.00",
    "tb_deposit_time": "2026-03-01 20:15:00",
    "tk_deposit_time": "2026-03-01 20:15:09",
}
"""A presale whose deposit was paid; the balance is due in days."""
BALANCE = {
    "tk_paid_time": "2026-03-04 00:10:09",
    "alipay_total_price": "178.80",
}


@pytest.mark.parametrize("price", ["0.00", "20.00", "178.80", "--", ""])
@pytest.mark.parametrize("paid", ["2026-03-01 20:15:09", "--", None])
def test_a_presale_without_its_balance_is_unpaid_whatever_price_and_time_it_prints(
    price: str, paid: str | None
) -> None:
    times = {"tb_paid_time": None, "tk_paid_time": paid}

    read = snapshot(**DEPOSIT, **times, alipay_total_price=price)

    assert (read.state, read.paid_fen, read.paid_at) == ("unpaid", 0, None)
    assert read.trade_type is None


@pytest.mark.parametrize(
    "known", [DEPOSIT, {"deposit_price": "20.00"}, {"tk_deposit_time": "2026-03-01 20:15:09"}]
)
@pytest.mark.parametrize("tk_status", [12, 14, 3])
def test_once_the_balance_is_paid_a_presale_is_worth_its_whole_price(
    known: dict[str, object], tk_status: int
) -> None:
    read = snapshot(**known, **BALANCE, tk_status=tk_status)

    assert read.paid_fen == 17_880
    assert read.paid_at == datetime(2026, 3, 3, 16, 10, 9, tzinfo=UTC)
    assert (read.state, read.trade_type) == (
        "paid" if tk_status == 12 else "confirmed", "normal",
    )  # fmt: skip


def test_a_late_payment_that_is_no_more_than_the_deposit_is_no_balance() -> None:
    read = snapshot(**DEPOSIT, tk_paid_time="2026-03-04 00:10:09", alipay_total_price="20.00")

    assert read.state == "unpaid"


@pytest.mark.parametrize("tk_status", [14, 3])
def test_goods_that_were_received_were_paid_whatever_the_deposit_says(tk_status: int) -> None:
    read = snapshot(**DEPOSIT, tk_status=tk_status, alipay_total_price="20.00")

    assert (read.state, read.paid_fen) == ("confirmed", 2000)


def test_a_presale_that_was_never_finished_is_closed_and_was_paid_nothing() -> None:
    read = snapshot(**DEPOSIT, tk_status=13, alipay_total_price="20.00")

    assert (read.state, read.paid_fen, read.paid_at) == ("closed", None, None)


def test_an_order_that_prints_no_deposit_is_no_presale() -> None:
    read = snapshot(deposit_price="0.00", tb_deposit_time="--", tk_deposit_time="--")

    assert (read.state, read.paid_fen) == ("paid", 17_880)


@pytest.mark.parametrize("tk_status", [12, 14, 3])
def test_a_paid_order_of_nothing_is_a_trade_for_zero_yuan(tk_status: int) -> None:
    assert snapshot(tk_status=tk_status, alipay_total_price="0.00").trade_type == "zero_yuan"


@pytest.mark.parametrize("tk_status", [11, 13, 99])
def test_a_row_that_was_not_paid_says_nothing_of_its_trade(tk_status: int) -> None:
    assert snapshot(tk_status=tk_status, alipay_total_price="0.00").trade_type is None


def test_a_link_for_freight_is_no_goods() -> None:
    assert snapshot(item_title="补邮费差价专拍链接").trade_type == "virtual"


@pytest.mark.parametrize("number", [int(ORDER_NUMBER), ORDER_NUMBER])
def test_an_id_keeps_every_digit_as_number_or_as_text(number: object) -> None:
    assert snapshot(trade_parent_id=number).order_number == ORDER_NUMBER


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("trade_id", "--", "MISSING"),
        ("trade_id", None, "MISSING"),
        ("trade_parent_id", "12a", "ID"),
        ("trade_parent_id", -5, "ID"),
        ("trade_parent_id", "１２３", "ID"),
        ("trade_parent_id", True, "TEXT"),
        ("trade_parent_id", 10**45, "TEXT"),
        ("tk_status", "", "MISSING"),
        ("tk_status", [], "TEXT"),
        ("modified_time", "--", "MISSING"),
        ("modified_time", "2026-02-30 00:00:00", "TIME"),
        ("modified_time", "0001-01-01 00:00:00", "TIME"),
        ("modified_time", "2026-03-01T20:15:00+09:00", "TIME"),
        ("tk_create_time", "yesterday", "TIME"),
        ("alipay_total_price", "--", "MISSING"),
        ("alipay_total_price", "1e999999", "AMOUNT"),
        ("alipay_total_price", "-1", "AMOUNT"),
        ("alipay_total_price", "1.005", "AMOUNT"),
        ("alipay_total_price", "999999999.00", "AMOUNT"),
        ("alipay_total_price", 1.5, "TEXT"),
        ("item_num", "two", "QUANTITY"),
        ("item_title", {"a": 1}, "TEXT"),
        ("adzone_id", "mm_1_2_3", "ID"),
        ("deposit_price", "some", "AMOUNT"),
        ("tk_deposit_time", "2026-13-01 00:00:00", "TIME"),
    ],
)
def test_an_unreadable_field_is_named_without_its_value(
    column: str, value: object, code: str
) -> None:
    assert read_row(ROW | {column: value}, 7) == RowError(line_number=7, column=column, code=code)


def test_a_title_utf_8_cannot_hold_becomes_one_it_can() -> None:
    title = snapshot(item_title="a\ud800b" + "c" * 500).title

    assert title is not None
    assert title.encode()
    assert len(title) == 200


def test_a_snapshot_shows_no_order_number_in_logs() -> None:
    assert ORDER_NUMBER not in repr(snapshot())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
NEARLY = st.sampled_from(
    [
        "--",
        "",
        " 12 ",
        "2026-03-01 20:15:00",
        "9999-12-31 23:59:59",
        "0000-00-00 00:00:00",
        "1e9999999",
        "NaN",
        "٣",
    ]
)


@UNTIMED
@given(row=JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(ROW, JSON | NEARLY)))
def test_no_json_value_raises(row: object) -> None:
    assert isinstance(read_row(row, 0), RowError | OrderSnapshot)


@UNTIMED
@given(changes=st.fixed_dictionaries({}, optional=dict.fromkeys(ROW, JSON | NEARLY)))
def test_a_row_wrong_in_part_is_read_whole_or_not_at_all(changes: dict[str, object]) -> None:
    read = read_row(ROW | changes, 3)

    if isinstance(read, RowError):
        assert read.column in changes
    else:
        assert read.order_number.isdigit()
        assert read.state in ("unpaid", "unknown", "closed") or read.paid_fen is not None
        assert (read.printed_state is None) == (read.state != "unknown")
