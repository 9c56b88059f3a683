"""A season of real listings: every row is read, two months of streams are made of them, and every record stays small.

Rows of Double 11 cosmetics listings, collected 2016-11-05 to 2016-11-14; read from the design data, never copied.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huixue.check_ins.store import RuleStore
from huixue.dynamodb.database import Database
from huixue.seasons.store import DynamoDbSeasons
from infra.ops.product_lists import Product, read_products
from infra.ops.season_publishing import SeasonDoors, publish_season
from infra.ops.season_yaml import Season, season_of
from infra.ops.yaml_files import document_of
from tests.engines.tables import TableNames

ROWS, PRODUCTS = 27_598, 3_497
WEEKS, STREAMS_A_WEEK = 8, 4
MAX_BYTES = 8 * 1024
"""What one eventually consistent read unit brings."""
NOW = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)
FIRST = datetime(2026, 10, 6, 20, 0)  # noqa: DTZ001 - as a file says it, local to its zone
THEMES: Sequence[tuple[str, str]] = (
    (
        "国货之夜",
        "brands: [自然堂, 相宜本草, 佰草集, 美加净, 欧珀莱], order_by: sales, at_most: 60",
    ),
    (
        "大牌护肤",
        "brands: [雅诗兰黛, 兰蔻, 倩碧, SKII, 娇兰, 资生堂], order_by: sales, at_most: 50",
    ),
    ("百元以内", "price_yuan: [0, 99.9], order_by: price, at_most: 60"),
    ("补水专场", "words: [补水, 保湿], price_yuan: [50, 400], order_by: sales, at_most: 40"),
    ("彩妆日", "words: [口红, 唇, 粉底, 睫毛, 眉笔], order_by: sales, at_most: 50"),
    ("敏感肌专场", "brands: [薇姿, 雅漾], order_by: sales, at_most: 45"),
    ("韩妆之夜", "brands: [兰芝, 雪花秀, 悦诗风吟], order_by: price, at_most: 60"),
)


@pytest.fixture(scope="session")
def listings(design_data: Path) -> Path:
    file = design_data / "double11_cosmetics.csv"
    if not file.is_file():
        pytest.skip(f"left out: no {file}")
    return file


def season(listings: Path) -> Season:
    lines = [
        "season_id: double-11", "programme_id: demo", "title: 双十一", "products:",
        f'  listings: "{listings}"', "stream_defaults: {hosts: [林未晚], platform: taobao}", "streams:",
    ]  # fmt: skip
    for number in range(WEEKS * STREAMS_A_WEEK):
        theme, selection = THEMES[number % len(THEMES)]
        week, weekday = divmod(number, STREAMS_A_WEEK)
        starts_at = FIRST + timedelta(weeks=week, days=(0, 2, 4, 5)[weekday])
        lines += [
            f"  - stream_id: night-{number + 1}", f"    title: 第 {number + 1} 场 {theme}",
            f"    theme: {theme}", f"    starts_at: {starts_at:%Y-%m-%d %H:%M}",
            f"    slots: [{{from: listings, {selection}}}]",
        ]  # fmt: skip
    return season_of(document_of("\n".join(lines), listings.with_name("season.yaml")))


@pytest.fixture
def at(dynamodb: Any, tables: TableNames) -> SeasonDoors:
    database = Database(dynamodb)
    return SeasonDoors(
        seasons=DynamoDbSeasons(database, tables.seasons), rules=RuleStore(database, tables.seasons)
    )


def newest(listings: Path) -> Mapping[str, Mapping[str, str]]:
    """Read again with nothing of the product's: of each id the row of the newest day."""
    found: dict[str, dict[str, str]] = {}
    with listings.open(encoding="utf-8-sig", newline="") as opened:
        for row in csv.DictReader(opened):
            known = found.get(row["id"].lower())
            if known is None or _day(row) >= _day(known):
                found[row["id"].lower()] = row
    return found


def _day(row: Mapping[str, str]) -> list[int]:
    return [int(part) for part in row["update_time"].split("/")]


def test_every_row_is_read_and_the_newest_of_each_product_counts(listings: Path) -> None:
    with listings.open(encoding="utf-8-sig", newline="") as opened:
        assert sum(1 for _ in csv.DictReader(opened)) == ROWS

    products = {each.product_id: each for each in read_products(listings)}

    assert len(products) == PRODUCTS
    for product_id, row in newest(listings).items():
        found: Product = products[product_id]
        assert found.brand == row["店名"]
        assert found.title == " ".join(row["title"].split())
        assert found.price_fen == round(float(row["price"]) * 100)
        assert found.sales == int(float(row["sale_count"] or 0))


def test_two_months_of_streams_with_themes_are_made_of_them(listings: Path) -> None:
    streams = season(listings).draft.streams

    assert len(streams) == WEEKS * STREAMS_A_WEEK
    assert all(40 <= len(slots) <= 60 for _, slots in streams)
    assert {stream.theme for stream, _ in streams} == {theme for theme, _ in THEMES}
    offsets = [slot.offset_min for slot in streams[0][1]]
    assert offsets == list(range(0, 180, 3))


def test_it_is_published_and_every_record_is_one_read_unit(
    listings: Path, at: SeasonDoors, tables: TableNames, dynamodb: Any
) -> None:
    change = publish_season(season(listings), at=at, now=NOW)

    assert change.changes
    items = dynamodb.scan(TableName=tables.seasons)["Items"]
    sizes = {item["sk"]["S"]: len(item["packed"]["B"]) for item in items if "packed" in item}
    assert sum(name.startswith("SLOTS#") for name in sizes) == WEEKS * STREAMS_A_WEEK
    assert sum(name.startswith("MONTH#") for name in sizes) == 2
    assert {name: size for name, size in sizes.items() if size >= MAX_BYTES} == {}


def test_the_same_products_in_another_order_change_nothing(
    listings: Path, at: SeasonDoors, tmp_path: Path
) -> None:
    publish_season(season(listings), at=at, now=NOW)
    reordered = tmp_path / "listings.csv"
    header, *rows = listings.read_text("utf-8-sig").splitlines(keepends=True)
    random.Random(7).shuffle(rows)
    reordered.write_text("".join([header, *rows]), "utf-8-sig")

    again = publish_season(season(reordered), at=at, now=NOW + timedelta(days=1))

    assert not again.changes
    assert again.differences() == {}
