"""What a cold read of a season costs: items of a busy one, by their size."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.seasons.instants import months_around
from huixue.seasons.publishing import publish
from huixue.seasons.store import DynamoDbSeasons
from tests.bench.sizes import item_bytes, read_units
from tests.engines.tables import TableNames
from tests.unit.seasons.fakes import NOW, draft, local
from tests.unit.seasons.listings import busy_edition, busy_month, titles


@pytest.fixture
def store(dynamodb: Any, tables: TableNames) -> DynamoDbSeasons:
    return DynamoDbSeasons(Database(dynamodb), tables.seasons)


def units(dynamodb: Any, tables: TableNames) -> dict[str, tuple[int, float]]:
    """By sort key: bytes of the item, and units of reading it eventually."""
    items = dynamodb.scan(TableName=tables.seasons)["Items"]
    sizes = {each["sk"]["S"]: item_bytes(each) for each in items}
    return {key: (size, read_units(size, consistent=False)) for key, size in sizes.items()}


def test_a_cold_read_of_home_month_or_stream_costs_one_unit_at_the_most(
    store: DynamoDbSeasons, dynamodb: Any, tables: TableNames
) -> None:
    publish(draft(busy_month("2026-12", titles(60)), busy_edition()), store=store, now=NOW)

    cost = units(dynamodb, tables)

    edition, month, slots = (cost[key][1] for key in ("EDITION", "MONTH#2026-12", "SLOTS#s-1201"))
    assert edition + month <= 1
    assert month <= 0.5
    assert slots + month <= 1


def test_at_the_turn_of_a_month_both_months_are_one_run_of_half_a_unit(
    store: DynamoDbSeasons, dynamodb: Any, tables: TableNames
) -> None:
    both = [*busy_month("2026-12", titles(3)), *busy_month("2027-01", titles(3))]
    publish(draft(both, busy_edition()), store=store, now=NOW)

    cost = units(dynamodb, tables)
    months = months_around(local("2026-12-30 12:00"), "Asia/Shanghai")

    run = sum(cost[f"MONTH#{month}"][0] for month in months)
    assert len(months) == 2
    assert cost["EDITION"][1] + read_units(run, consistent=False) <= 1


def test_three_hundred_slots_of_one_stream_cost_two_units_at_the_most(
    store: DynamoDbSeasons, dynamodb: Any, tables: TableNames
) -> None:
    publish(draft(busy_month("2026-12", titles(300)), busy_edition()), store=store, now=NOW)

    cost = units(dynamodb, tables)

    assert cost["SLOTS#s-1201"][1] + cost["MONTH#2026-12"][1] <= 2


def test_sixty_real_listings_of_many_brands_are_read_for_half_a_unit(
    store: DynamoDbSeasons, dynamodb: Any, tables: TableNames, design_data: Path
) -> None:
    with (design_data / "double11_cosmetics.csv").open(encoding="utf-8-sig", newline="") as file:
        goods = sorted({(row["店名"], row["title"]) for row in csv.DictReader(file)})
    spread = list(islice(goods, 0, None, len(goods) // 60))[:60]

    publish(draft(busy_month("2026-12", spread), busy_edition()), store=store, now=NOW)

    assert len({brand for brand, _ in spread}) > 15
    assert units(dynamodb, tables)["SLOTS#s-1201"][1] == 0.5
