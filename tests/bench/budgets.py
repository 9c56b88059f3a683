"""The budgets of the design, and the table that sets what was measured beside them."""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table

from tests.bench.recorder import Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one operation may cost with small items on its clean path; None where the design sets no figure."""

    wcu: int
    write_transactions: int
    rcu: float | None = None

    def exceeded_by(self, cost: Cost) -> list[str]:
        """One sentence per figure that is over."""
        figures = (
            ("WCU", cost.wcu, self.wcu),
            ("write transactions", cost.write_transactions, self.write_transactions),
            ("RCU", cost.rcu, self.rcu),
        )
        return [
            f"{spent} {name} where the budget is {allowed}"
            for name, spent, allowed in figures
            if allowed is not None and spent > allowed
        ]


SUBMIT = Budget(wcu=2, write_transactions=1)
READ_BALANCE = Budget(wcu=0, write_transactions=0, rcu=0.5)


def match(lines: int) -> Budget:
    return Budget(wcu=2 * lines, write_transactions=1)


def credit(lines: int) -> Budget:
    return Budget(wcu=2 * (lines + 1), write_transactions=1)


def first_credit(lines: int) -> Budget:
    """The account is new in the index of accounts at which something is due."""
    return Budget(wcu=credit(lines).wcu + 1, write_transactions=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One use case; without a budget it is only shown."""

    use_case: str
    cost: Cost
    budget: Budget | None

    @property
    def over(self) -> list[str]:
        return self.budget.exceeded_by(self.cost) if self.budget else []


def cost_table(measured: list[Measured]) -> Table:
    table = Table(
        title="What each use case costs, in units computed from item sizes (used / budget)"
    )
    table.add_column("use case")
    for column in ("WCU", "write transactions", "RCU", "round trips"):
        table.add_column(column, justify="right")
    table.add_column("verdict")
    for row in measured:
        budget = row.budget
        table.add_row(
            row.use_case,
            _against(row.cost.wcu, budget.wcu if budget else None),
            _against(row.cost.write_transactions, budget.write_transactions if budget else None),
            _against(row.cost.rcu, budget.rcu if budget else None),
            str(row.cost.round_trips),
            "; ".join(row.over) or ("within" if budget else ""),
        )
    return table


def _against(used: float, allowed: float | None) -> str:
    return f"{used:g}" if allowed is None else f"{used:g} / {allowed:g}"
