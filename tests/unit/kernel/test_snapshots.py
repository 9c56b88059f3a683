"""Snapshots hold what is never stored or logged, so they never show it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from huixue.kernel.snapshots import STATE_RANK, LineState, OrderSnapshot, RowError


def test_a_snapshot_does_not_show_numbers_and_accounts() -> None:
    snapshot = OrderSnapshot(
        platform="taobao", source="export", order_number="26" + "0" * 13 + "1234",
        sub_order_number="26" + "0" * 13 + "1235", account="小满1990", state="paid",
        as_of=datetime(2026, 11, 20, tzinfo=UTC),
    )  # fmt: skip

    shown = repr(snapshot)

    assert "26000000" not in shown
    assert "小满" not in shown
    assert "state='paid'" in shown


def test_every_state_has_its_rank_and_a_life_goes_upwards() -> None:
    assert set(STATE_RANK) == set(get_args(LineState))
    life: list[LineState] = ["unknown", "unpaid", "paid", "shipped", "confirmed", "closed"]
    assert sorted(life, key=STATE_RANK.__getitem__) == life
    assert len(set(STATE_RANK.values())) == len(STATE_RANK)


def test_a_row_error_has_no_place_for_a_value() -> None:
    assert set(RowError.__slots__) == {"line_number", "column", "code"}
