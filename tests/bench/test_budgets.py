"""The budgets of the design hold: every use case on its clean path, and the sums themselves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench import budgets, movements
from tests.bench.floors import Floor, Moved
from tests.bench.recorder import Cost
from tests.bench.use_cases import measured
from tests.engines.clients import make_client
from tests.engines.tables import TableNames


@pytest.mark.ministack
def test_every_use_case_stays_within_its_budget(
    dynamodb: Any, ministack_url: str, tables: TableNames
) -> None:
    rows = measured(dynamodb, make_client("dynamodb", ministack_url), tables)

    assert {row.use_case: row.over for row in rows if row.over} == {}
    assert sum(row.budget is not None for row in rows) >= 8


@pytest.mark.ministack
def test_every_movement_writes_the_least_that_could_do(
    dynamodb: Any, ministack_url: str, tables: TableNames
) -> None:
    rows = movements.measured(dynamodb, make_client("dynamodb", ministack_url), tables)

    assert {row.movement: row.over for row in rows if row.over} == {}
    assert {row.movement: row.ratio for row in rows if row.ratio != 1} == {}
    assert len(rows) >= 23
    marked = {row.movement: row.cost.wcu for row in rows if "check-in" in row.movement}
    assert list(marked.values()) == [4, 0, 4, 6, 8]


def test_a_floor_counts_items_of_a_transaction_twice_and_index_places_once() -> None:
    floor = Floor(entries=1, accounts=1, beside=1, alone=1, index=2)

    assert (floor.wcu, floor.write_transactions) == (9, 1)
    assert floor.derivation == "(1 entry + 1 account + 1 beside) × 2 + 1 alone + 2 index"
    assert (Floor().wcu, Floor().write_transactions, Floor().derivation) == (0, 0, "nothing")


def test_a_movement_over_its_floor_is_named_with_its_ratio() -> None:
    cost = Cost(wcu=6, write_transactions=2)

    row = Moved(movement="spend", cost=cost, floor=Floor(entries=1, accounts=1))

    assert row.ratio == 1.5
    assert row.over == ["6 WCU where 4 would do", "2 write transactions where 1 would do"]


def test_a_cost_within_its_budget_is_not_complained_about() -> None:
    assert budgets.SUBMIT.exceeded_by(Cost(wcu=2, write_transactions=0, rcu=9.0)) == []


def test_every_figure_over_its_budget_is_named() -> None:
    over = budgets.READ_BALANCE.exceeded_by(Cost(wcu=1, write_transactions=1, rcu=1.0))

    assert over == [
        "1 WCU where the budget is 0",
        "1 write transactions where the budget is 0",
        "1.0 RCU where the budget is 0.5",
    ]


def test_crediting_k_lines_may_cost_two_units_a_line_and_two_for_the_balance() -> None:
    assert [budgets.credit(lines).wcu for lines in (1, 3, 25)] == [4, 8, 52]
