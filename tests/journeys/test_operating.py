"""What operators do to a running deployment; the last words are the audit's."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from infra.demo.trouble import with_trouble
from tests.journeys.conftest import Place, Season, eventually

pytestmark = pytest.mark.ministack


def test_broken_rows_are_written_out_by_line_and_the_rest_is_imported(
    place: Place, season: Season, tmp_path: Path
) -> None:
    content, expected = with_trouble([dict(row) for row in season.rows[:40]])
    file = tmp_path / "broken.csv"
    file.write_bytes(content)

    dry = place.imported(file, "--dry-run")
    totals = place.imported(file)

    with (tmp_path / "broken.csv.row-errors.csv").open(encoding="utf-8") as opened:
        errors = [(int(row["line_number"]), row["column"], row["code"]) for row in csv.DictReader(opened)]  # fmt: skip
    assert errors == [(each.line_number, each.column, each.code) for each in expected]
    assert (totals["row_errors"], dry["row_errors"]) == (len(expected), len(expected))
    for name in ("rows", "orders_new", "orders_changed", "orders_unchanged"):
        assert dry[name] == totals[name], name


def test_a_file_that_is_no_export_is_refused_with_what_was_expected(
    place: Place, season: Season, tmp_path: Path
) -> None:
    file = tmp_path / "phones.csv"
    file.write_text("姓名,电话\n演示,1\n", "utf-8")

    for _ in range(2):
        told = place.huixue(
            "import-orders", str(file), "--platform", "taobao", "--room", "main", code=1
        )
        assert "订单编号" in told


def test_a_sweep_of_a_settled_deployment_repairs_nothing(place: Place, season: Season) -> None:
    eventually(lambda: place.invoke("SweepOrders")["repairs"], 0)


def test_at_the_end_every_balance_recomputes(place: Place, season: Season) -> None:
    found = json.loads(place.huixue("audit", "--json"))

    assert found["violations"] == []
    assert found["points"] == sum(member.points()["available"] for member in place.members)
    assert found["points"] > 0
