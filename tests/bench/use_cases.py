"""Every use case with a budget, measured once on its clean path, on small items of a real shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huixue.orders.claims import SubmitClaim, submit
from huixue.orders.matcher import match
from huixue.points.use_cases import balance, list_entries, settle
from tests.bench import budgets
from tests.bench.budgets import Budget, Measured
from tests.bench.recorder import Recorder
from tests.bench.world import World, member
from tests.engines.tables import TableNames

LINES = (1, 3, 10)
"""Orders of so many lines are credited."""


class UseCases:
    """Measures with one member; each measurement leaves the world as the next one needs it."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder
        self._member = member(1)
        self.measured: list[Measured] = []

    def all(self) -> list[Measured]:
        for lines in LINES:
            self._claim_to_credit(lines)
        self._claim_without_order()
        self._measure("read the balance", budgets.READ_BALANCE, self._read_balance)
        self._measure("list a page of entries", None, self._list_entries)
        return self.measured

    def _claim_to_credit(self, lines: int) -> None:
        number = self._world.new_order(lines=lines)
        first = lines == LINES[0]
        self._measure(
            "submit a claim", budgets.SUBMIT if first else None, lambda: self._submit(number)
        )
        if first:
            repeat = Budget(wcu=0, write_transactions=0)
            self._measure("submit it again", repeat, lambda: self._submit(number))
        self._measure(f"match {lines} lines", budgets.match(lines), self._match)
        credit = budgets.first_credit(lines) if first else budgets.credit(lines)
        self._measure(f"credit {lines} lines", credit, self._settle)
        nothing = Budget(wcu=0, write_transactions=0)
        self._measure(f"credit {lines} lines again", nothing, self._settle)
        if lines == LINES[-1]:
            self._measure("match again", nothing, self._match)

    def _claim_without_order(self) -> None:
        self._measure("submit a number not there", budgets.SUBMIT, lambda: self._submit("3" * 19))
        self._measure("match it, not there", None, self._match)

    def _submit(self, number: str) -> None:
        command = SubmitClaim(
            member_id=self._member,
            programme_id="demo",
            platform="taobao",
            order_number=number,
            account=None,
            room_level=None,
            submission="a-request",
        )
        submit(command, desk=self._world.claim_desk(), hashes=self._world.hashes)

    def _match(self) -> None:
        match(self._world.messages.claims[-1], desk=self._world.claim_desk())

    def _settle(self) -> None:
        refs = self._world.messages.changes[-1].order_refs
        settle(self._member, refs, quotes=self._world.quotes, desk=self._world.desk)

    def _read_balance(self) -> None:
        assert balance(self._member, desk=self._world.desk).available > 0

    def _list_entries(self) -> None:
        page = list_entries(self._member, limit=20, start=None, ledger=self._world.ledger)
        assert len(page.entries) == sum(LINES)

    def _measure(self, name: str, budget: Budget | None, use_case: Callable[[], None]) -> None:
        self._recorder.reset()
        use_case()
        self.measured.append(Measured(use_case=name, cost=self._recorder.cost(), budget=budget))


def measured(client: Any, reader: Any, tables: TableNames) -> list[Measured]:
    """Runs all use cases against empty tables of the engine behind both clients."""
    world = World(client, tables)
    with Recorder(client, reader=reader) as recorder:
        return UseCases(world, recorder).all()
