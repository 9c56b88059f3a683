"""Reading a season stays within its budget."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench import season_reads
from tests.engines.clients import make_client
from tests.engines.tables import TableNames


@pytest.mark.ministack
def test_every_cold_read_of_a_busy_season_is_one_unit_at_the_most(
    dynamodb: Any, ministack_url: str, tables: TableNames
) -> None:
    rows = season_reads.measured(dynamodb, make_client("dynamodb", ministack_url), tables)

    assert {row.use_case: row.over for row in rows if row.over} == {}
    assert [row.cost.rcu for row in rows] == [1.0, 1.0, 0.5, 1.0, 0.0]
