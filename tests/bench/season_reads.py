"""What a cold read of a busy season costs: a stream on every day of two months, dozens of slots, a full home page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from huixue.dynamodb.database import Database
from huixue.seasons.home import Viewer, home_at
from huixue.seasons.instants import months_around, streams_of
from huixue.seasons.publishing import publish
from huixue.seasons.store import DynamoDbSeasons
from huixue.seasons.use_cases import CachedSeasons
from tests.bench.budgets import Budget, Measured
from tests.bench.recorder import Recorder
from tests.engines.clock import FrozenClock
from tests.engines.tables import TableNames
from tests.unit.seasons.fakes import NOW, PROGRAMME, draft, local
from tests.unit.seasons.listings import busy_edition, busy_month, titles

SLOTS = 60
READ = Budget(wcu=0, write_transactions=0, rcu=1.0)
MIDDLE, TURN = local("2026-12-10 12:00"), local("2026-12-29 12:00")


def measured(client: Any, reader: Any, tables: TableNames) -> list[Measured]:
    """Runs against an empty table of the engine behind both clients."""
    store = DynamoDbSeasons(Database(client), tables.seasons)
    both = [*busy_month("2026-12", titles(SLOTS)), *busy_month("2027-01", titles(SLOTS))]
    publish(draft(both, busy_edition()), store=store, now=NOW)
    reads: dict[str, Callable[[CachedSeasons], object]] = {
        "read the home page, cold": lambda seasons: _home(seasons, MIDDLE),
        "read it at the turn of a month, cold": lambda seasons: _home(seasons, TURN),
        "read a month of 31 streams, cold": lambda seasons: seasons.months(PROGRAMME, ["2026-12"]),
        f"read a stream of {SLOTS} slots, cold": lambda seasons: seasons.stream(
            PROGRAMME, "s-1201"
        ),
    }
    rows = []
    with Recorder(client, reader=reader) as recorder:
        for name, read in reads.items():
            recorder.reset()
            read(CachedSeasons(store, FrozenClock(NOW)))
            rows.append(Measured(use_case=name, cost=recorder.cost(), budget=READ))
        seasons = CachedSeasons(store, FrozenClock(NOW))
        _home(seasons, MIDDLE)
        recorder.reset()
        _home(seasons, MIDDLE + timedelta(seconds=1))
        nothing = Budget(wcu=0, write_transactions=0, rcu=0.0)
        rows.append(
            Measured(use_case="read the home page again", cost=recorder.cost(), budget=nothing)
        )
    return rows


def _home(seasons: CachedSeasons, at: Any) -> None:
    edition = seasons.edition(PROGRAMME)
    months = seasons.months(PROGRAMME, months_around(at, edition.zone))
    assert home_at(edition, streams_of(months), at, Viewer()).tonight is not None
