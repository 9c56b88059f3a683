"""Every order once, through a client that cannot write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.ids import MemberId
from huixue.orders.model import Order
from huixue.orders.store import OrderStore
from infra.ops.order_walk import ReadOnlyClient, WritesRefusedError, read_only, walked
from tests.engines.tables import TableNames
from tests.unit.ops.operating import Operated, operated
from tests.unit.ops.shop import Shop
from tests.unit.orders.world import HASHES, line, number


@pytest.fixture
def stage(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Operated:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return operated(dynamodb, tables)


def refs(stage: Operated, advanced: list[int]) -> list[str]:
    table = stage.deployment.output("OrdersTableName")
    pages = walked(read_only(stage.deployment), table, advanced.append)
    return [order.order_ref for page in pages for order in page]


def test_each_order_comes_once_and_numbers_that_stand_for_another_not_at_all(
    stage: Operated,
) -> None:
    shop, advanced = Shop(stage), list[int]()
    orders = [shop.put(line(), member=MemberId("mem_a")) for _ in range(3)]
    part = shop.put(line(), member=None)
    stage.orders.save(replace(part, alias_of=orders[0].order_ref))
    stub = HASHES.order_ref("taobao", number(1))
    stage.orders.save(Order(order_ref=stub, platform="taobao", order_hint="26…01"))

    found = refs(stage, advanced)

    assert sorted(found) == sorted(order.order_ref for order in orders)
    assert sum(advanced) == 3


def test_an_empty_pool_has_no_orders(stage: Operated) -> None:
    assert refs(stage, []) == []


def test_a_report_that_tried_to_write_would_fail(stage: Operated) -> None:
    database = Database(ReadOnlyClient(stage.dynamodb))
    store = OrderStore(database, stage.deployment.output("OrdersTableName"))
    order = Shop(stage).put(line(), member=None)
    before = stage.everything()

    with pytest.raises(WritesRefusedError):
        store.save(order)
    for name, request in (
        ("put_item", {"TableName": "t"}), ("update_item", {"TableName": "t"}),
        ("delete_item", {"TableName": "t"}), ("batch_write_item", {"RequestItems": {"t": []}}),
        ("transact_write_items", {"TransactItems": []}),
    ):  # fmt: skip
        with pytest.raises(WritesRefusedError):
            getattr(ReadOnlyClient(stage.dynamodb), name)(**request)

    assert stage.everything() == before
