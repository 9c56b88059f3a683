from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from huixue.kernel.ids import MemberId
from huixue.orders.imports import ROWS_PER_CHUNK
from huixue.orders.model import Order
from infra.ops import stores
from tests.engines.tables import TableNames
from tests.unit.ops.operating import Operated, operated
from tests.unit.platforms.exports.making_exports import csv_bytes, seller_row

COUNTS = ("rows", "row_errors", "orders_new", "orders_changed", "orders_unchanged")


@pytest.fixture
def stage(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Operated:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return operated(dynamodb, tables)


def number(at: int) -> str:
    return f"26{at:017}"


def mixed_export(folder: Path) -> Path:
    """Known, changed and new orders, one twice in a chunk, one again in the next, and a broken row."""
    rows = [seller_row(订单编号=number(at)) for at in range(ROWS_PER_CHUNK + 5)]
    rows[3] = seller_row(订单编号=number(2))
    rows[4] = seller_row(订单编号=number(4), 退款金额="40.00")
    rows[-1] = seller_row(订单编号=number(7), 订单状态="交易关闭")
    rows[-2] = seller_row(订单编号="合计")
    file = folder / "mixed.csv"
    file.write_bytes(csv_bytes(rows))
    return file


def test_a_dry_run_counts_exactly_what_the_import_then_does_and_writes_nothing(
    stage: Operated, tmp_path: Path
) -> None:
    known = tmp_path / "known.csv"
    known.write_bytes(csv_bytes([seller_row(订单编号=number(at)) for at in range(10)]))
    at = ("--exported-at", "2026-01-02T11:00:00+08:00")
    with stage.workers():
        assert stage.import_orders(known, *at).exit_code == 0
    hashes = stores.keyed_hash(stage.deployment)
    stub = Order(
        order_ref=hashes.order_ref("taobao", number(20)), platform="taobao", order_hint="",
        waiting={MemberId("mem_1"): "clm_1"},
    )  # fmt: skip
    stage.orders.save(stub)
    file = mixed_export(tmp_path)
    before = stage.everything()

    dry = stage.import_orders(file, "--dry-run", "--json", *at)
    assert stage.everything() == before
    with stage.workers():
        real = stage.import_orders(file, "--json", *at)

    told, done = json.loads(dry.stdout), json.loads(real.stdout)
    assert [told[name] for name in COUNTS] == [done[name] for name in COUNTS]
    assert (told["row_errors"], told["orders_changed"]) == (1, 2)
    assert told["dry_run"] is True
    assert told["states"] == {"confirmed": ROWS_PER_CHUNK + 3, "closed": 1}


def test_a_dry_run_of_the_very_file_that_was_imported_says_that_nothing_changes(
    stage: Operated, tmp_path: Path
) -> None:
    file = tmp_path / "same.csv"
    file.write_bytes(csv_bytes([seller_row(订单编号=number(at)) for at in range(3)]))
    with stage.workers():
        assert stage.import_orders(file).exit_code == 0

    told = json.loads(stage.import_orders(file, "--dry-run", "--json").stdout)

    assert [told[name] for name in ("orders_new", "orders_changed", "orders_unchanged")] == [
        0,
        0,
        3,
    ]


def test_a_dry_run_for_people_names_the_rows_that_cannot_be_taken(
    stage: Operated, tmp_path: Path
) -> None:
    shown = stage.import_orders(mixed_export(tmp_path), "--dry-run")

    assert shown.exit_code == 0
    assert "nothing was written" in shown.stderr
    assert f"line {ROWS_PER_CHUNK + 5}: 订单编号: ORDER_NUMBER" in shown.stderr


def test_a_dry_run_of_a_file_that_is_no_export_is_refused(stage: Operated, tmp_path: Path) -> None:
    file = tmp_path / "phones.csv"
    file.write_text("姓名,电话\n演示,1\n", "utf-8")

    refused = stage.import_orders(file, "--dry-run")

    assert refused.exit_code == 1
    assert "订单编号" in refused.stderr
