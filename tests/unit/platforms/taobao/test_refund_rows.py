"""Rows of the affiliate's refunds: which refund it is, what its status means, and that no row can stop the page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.snapshots import RefundSnapshot, RowError
from huixue.platforms.taobao.refund_rows import STATES, read_refund
from tests.unit.platforms.taobao.test_affiliate_rows import (
    JSON,
    NEARLY,
    ORDER_NUMBER,
    SUB_ORDER_NUMBER,
)
from tests.unit.sandbox.running import UNTIMED

REFUND_NUMBER = str(77_885_599_001_122)
ROW: dict[str, object] = {
    "refund_suit_id": REFUND_NUMBER,
    "tb_trade_id": SUB_ORDER_NUMBER,
    "tb_trade_parent_id": ORDER_NUMBER,
    "refund_status": "2",
    "refund_fee": "36.50",
    "tb_trade_finish_price": "178.80",
    "tk_refund_time": "2026-03-05 09:00:00",
    "tk_refund_suit_time": "2026-03-06 10:30:00",
    "modified_time": "2026-03-06 10:30:05",
    "item_title": "樱花贴纸🌸",
}


def refund(**changes: object) -> RefundSnapshot:
    read = read_refund(ROW | changes, 0)
    assert isinstance(read, RefundSnapshot), read
    return read


def test_a_row_becomes_a_refund_of_its_sub_order() -> None:
    assert refund() == RefundSnapshot(
        platform="taobao",
        source="affiliate",
        refund_number=REFUND_NUMBER,
        order_number=ORDER_NUMBER,
        sub_order_number=SUB_ORDER_NUMBER,
        as_of=datetime(2026, 3, 6, 2, 30, 5, tzinfo=UTC),
        state="done",
        amount_fen=3650,
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("4", "open"), ("11", "open"), ("3", "failed"), ("2", "done"), (2, "done"),
        ("12", "done"), ("13", "done"), ("14", "done"), ("15", "done"),
    ],
)  # fmt: skip
def test_every_status_has_one_state(status: object, state: str) -> None:
    assert refund(refund_status=status).state == state


@pytest.mark.parametrize("status", ["1", "5", "16", "02", "维权成功"])
def test_a_status_nobody_knows_is_told_and_counts_for_nothing(status: str) -> None:
    read = read_refund(ROW | {"refund_status": status}, 4)

    assert read == RowError(line_number=4, column="refund_status", code="STATE")


@pytest.mark.parametrize("missing", [None, "", "--", "0", 0, "000"])
def test_a_refund_without_a_number_is_known_by_its_sub_order_and_when_it_was_asked_for(
    missing: object,
) -> None:
    opened = refund(
        refund_suit_id=missing, refund_status="4", tk_refund_suit_time="--",
        modified_time="2026-03-05 09:00:01",
    )  # fmt: skip
    done = refund(refund_suit_id=missing)
    another = refund(refund_suit_id=missing, tk_refund_time="2026-03-05 09:00:01")
    of_another_line = refund(refund_suit_id=missing, tb_trade_id=ORDER_NUMBER)

    assert opened.refund_number == done.refund_number
    assert len({done.refund_number, another.refund_number, of_another_line.refund_number}) == 3
    assert not done.refund_number.isdigit()


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"refund_suit_id": "--", "tk_refund_time": "--"}, "refund_suit_id", "MISSING"),
        ({"refund_suit_id": "7 7"}, "refund_suit_id", "ID"),
        ({"refund_suit_id": "7" * 65}, "refund_suit_id", "ID"),
        ({"refund_suit_id": ["7"]}, "refund_suit_id", "TEXT"),
        ({"tb_trade_id": "--"}, "tb_trade_id", "MISSING"),
        ({"tb_trade_parent_id": None}, "tb_trade_parent_id", "MISSING"),
        ({"tb_trade_parent_id": "x"}, "tb_trade_parent_id", "ID"),
        ({"refund_status": None}, "refund_status", "MISSING"),
        ({"refund_status": {}}, "refund_status", "TEXT"),
        ({"refund_fee": "--"}, "refund_fee", "MISSING"),
        ({"refund_fee": "-1.00"}, "refund_fee", "AMOUNT"),
        ({"refund_fee": "1.005"}, "refund_fee", "AMOUNT"),
        ({"refund_fee": "1e9"}, "refund_fee", "AMOUNT"),
        ({"refund_fee": 1.5}, "refund_fee", "TEXT"),
        ({"refund_fee": "999999999.00"}, "refund_fee", "AMOUNT"),
        ({"modified_time": "--"}, "modified_time", "MISSING"),
        ({"modified_time": "2026-02-30 00:00:00"}, "modified_time", "TIME"),
    ],
)
def test_an_unreadable_field_is_named_without_its_value(
    changes: dict[str, object], column: str, code: str
) -> None:
    assert read_refund(ROW | changes, 7) == RowError(line_number=7, column=column, code=code)


def test_a_refund_shows_no_number_in_logs() -> None:
    shown = repr(refund())

    assert not [each for each in (REFUND_NUMBER, ORDER_NUMBER, SUB_ORDER_NUMBER) if each in shown]


@UNTIMED
@given(row=JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(ROW, JSON | NEARLY)))
def test_no_json_value_raises(row: object) -> None:
    assert isinstance(read_refund(row, 0), RowError | RefundSnapshot)


@UNTIMED
@given(changes=st.fixed_dictionaries({}, optional=dict.fromkeys(ROW, JSON | NEARLY)))
def test_a_row_wrong_in_part_is_read_whole_or_not_at_all(changes: dict[str, object]) -> None:
    read = read_refund(ROW | changes, 3)

    if isinstance(read, RowError):
        assert read.column in changes
    else:
        assert read.order_number.isdigit()
        assert read.amount_fen >= 0
        assert read.state in STATES.values()
        assert read.refund_number.strip("0")
