"""Coverage and the sweep's cursor on real engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.orders.feed_store import CoverageStore, CursorStore
from huixue.orders.ports import Place
from tests.engines.tables import TableNames

FEED = "taobao:23000000"


@pytest.fixture
def coverage(dynamodb: Any, tables: TableNames) -> CoverageStore:
    return CoverageStore(Database(dynamodb), tables.orders)


def test_coverage_is_kept_by_feed_and_joined(coverage: CoverageStore) -> None:
    assert coverage.load(FEED) == ()

    assert coverage.add(FEED, (100, 200)) == ((100, 200),)
    assert coverage.add(FEED, (300, 400)) == ((100, 200), (300, 400))
    assert coverage.add(FEED, (300, 400)) == ((100, 200), (300, 400))
    assert coverage.add(FEED, (200, 300)) == ((100, 400),)

    assert (coverage.load(FEED), coverage.load("another")) == (((100, 400),), ())


@pytest.mark.exact_engines
def test_intervals_of_two_pulls_at_once_are_all_kept(coverage: CoverageStore) -> None:
    intervals = [(at, at + 10) for at in range(0, 400, 20)]

    with ThreadPoolExecutor(2) as pulls:
        list(pulls.map(lambda each: coverage.add(FEED, each), intervals))

    assert coverage.load(FEED) == tuple(intervals)


def test_the_cursor_is_kept_as_the_engine_gave_it_and_forgotten_at_the_end(
    dynamodb: Any, tables: TableNames
) -> None:
    cursor = CursorStore(Database(dynamodb), tables.orders)
    start = {"pk": {"S": "O#1"}, "sk": {"S": "ORDER"}}

    assert cursor.load() == Place()
    cursor.save(Place(start=start))
    assert cursor.load() == Place(start=start)
    rests = Place(not_before=datetime(2026, 11, 21, 12, tzinfo=UTC))
    cursor.save(rests)
    assert cursor.load() == rests
