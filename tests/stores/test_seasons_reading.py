"""What a cold read of a season costs: items of a busy one, by their size."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from huixue.dynamodb.database import Database
from huixue.seasons.instants import months_around, months_of_days
from huixue.seasons.model import Guide, GuideRow
from huixue.seasons.publishing import publish
from huixue.seasons.store import DynamoDbSeasons
from huixue.seasons.use_cases import CACHE_LIFETIME_S, CachedSeasons
from tests.bench.sizes import item_bytes, read_units
from tests.engines.clock import FrozenClock
from tests.engines.tables import TableNames
from tests.unit.seasons.fakes import NOW, PROGRAMME, draft, local
from tests.unit.seasons.listings import busy_edition, busy_month, titles


@pytest.fixture
def store(dynamodb: Any, tables: TableNames) -> DynamoDbSeasons:
    return DynamoDbSeasons(Database(dynamodb), tables.seasons)


def units(dynamodb: Any, tables: TableNames) -> dict[str, tuple[int, float]]:
    """By sort key: bytes of the item, and units of reading it eventually."""
    items = dynamodb.scan(TableName=tables.seasons)["Items"]
    sizes = {each["sk"]["S"]: item_bytes(each) for each in items}
    return {key: (size, read_units(size, consistent=False)) for key, size in sizes.items()}


class Metered:
    """A client that counts what is read through it, in units of Amazon's price list."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.rcu = 0.0

    def get_item(self, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.get_item(**request)
        self._spent(item_bytes(answer.get("Item")), request)
        return answer

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.batch_get_item(**request)
        for table, asked in request["RequestItems"].items():
            for item in answer["Responses"][table]:
                self._spent(item_bytes(item), asked)
        return answer

    def query(self, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.query(**request)
        self._spent(sum(item_bytes(each) for each in answer["Items"]), request)
        return answer

    def _spent(self, size_bytes: int, request: dict[str, Any]) -> None:
        self.rcu += read_units(size_bytes, consistent=request["ConsistentRead"])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


@pytest.fixture
def metered(dynamodb: Any, tables: TableNames) -> Metered:
    """Of a busy season: a stream on every day of two months, and a guide of two streams."""
    rows = (GuideRow(slot_id="s-1201.p000"), GuideRow(slot_id="s-1202.p000"))
    edition = busy_edition()
    guides = (*edition.guides, Guide(guide_id="two", kind="promotion", title="清单", rows=rows))
    both = [*busy_month("2026-12", titles(60)), *busy_month("2027-01", titles(3))]
    store = DynamoDbSeasons(Database(dynamodb), tables.seasons)
    publish(draft(both, replace(edition, guides=guides)), store=store, now=NOW)
    return Metered(dynamodb)


def cost(metered: Metered, read: Callable[[], object]) -> float:
    before = metered.rcu
    read()
    return metered.rcu - before


def test_every_page_costs_what_is_promised_when_nothing_is_in_memory(
    metered: Metered, tables: TableNames
) -> None:
    """All items of the catalogue that a page asks for, as `edge/season_pages.py` asks for them."""
    store, now = DynamoDbSeasons(Database(metered), tables.seasons), local("2026-12-10 12:00")

    def home(seasons: CachedSeasons) -> None:
        edition = seasons.edition(PROGRAMME)
        assert seasons.months(PROGRAMME, months_around(now, edition.zone))

    def streams(seasons: CachedSeasons) -> None:
        seasons.edition(PROGRAMME)
        days = months_of_days(now.date(), now.date() + timedelta(days=30))
        assert len(seasons.months(PROGRAMME, days)) == 2

    def stream(seasons: CachedSeasons) -> None:
        seasons.zone(PROGRAMME)
        assert seasons.stream(PROGRAMME, "s-1201")

    def guide(seasons: CachedSeasons) -> None:
        assert len(seasons.guide(PROGRAMME, "two", now).rows) == 2

    costs = {}
    for page in (home, streams, stream, guide):
        clock = FrozenClock(NOW)
        seasons = CachedSeasons(store, clock)
        first = cost(metered, partial(page, seasons))
        kept = cost(metered, partial(page, seasons))
        clock.advance(timedelta(seconds=CACHE_LIFETIME_S))
        costs[page.__name__] = (first, kept, cost(metered, partial(page, seasons)))

    assert costs == {
        "home": (1.0, 0.0, 1.0), "streams": (1.0, 0.0, 1.0),
        "stream": (1.5, 0.0, 1.0), "guide": (2.0, 0.0, 2.0),
    }  # fmt: skip


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
