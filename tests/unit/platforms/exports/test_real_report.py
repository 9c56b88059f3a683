"""The published report of real orders, read whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from huixue.kernel.snapshots import OrderSnapshot
from huixue.platforms.exports.reading import read_export
from tests.unit.platforms.exports.making_exports import AS_OF


@pytest.fixture(scope="module")
def snapshots(design_data: Path) -> list[OrderSnapshot]:
    with (design_data / "tmall_order_report.csv").open("rb") as stream:
        reading = read_export(stream, filename="report.csv", platform="taobao", as_of=AS_OF)
        assert reading.kind == "order_report"
        rows = [row for _, row in reading.rows]
    read = [row for row in rows if isinstance(row, OrderSnapshot)]
    assert len(read) == len(rows), "every row is sound"
    return read


def test_every_real_order_is_read_once(snapshots: list[OrderSnapshot]) -> None:
    assert [snapshot.order_number for snapshot in snapshots] == [str(n) for n in range(1, 28_011)]


def test_the_real_orders_have_their_known_outcomes(snapshots: list[OrderSnapshot]) -> None:
    paid = [snapshot for snapshot in snapshots if snapshot.state == "confirmed"]
    full = [snapshot for snapshot in paid if snapshot.refunded_fen == snapshot.paid_fen]
    partial = [s for s in paid if 0 < (s.refunded_fen or 0) < (s.paid_fen or 0)]

    assert sum(snapshot.state == "unpaid" for snapshot in snapshots) == 3_923
    assert (len(paid), len(full), len(partial)) == (24_087, 5_132, 514)


def test_the_points_of_the_real_orders_have_their_known_sum(snapshots: list[OrderSnapshot]) -> None:
    points = sum(((s.paid_fen or 0) - (s.refunded_fen or 0)) // 100 for s in snapshots)

    assert points == 1_901_029
