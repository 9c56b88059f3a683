"""The least that each movement can cost, derived from what must be true after it, and the table that sets what was used
beside it. The derivation for people: layers/domain/README.md."""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table

from tests.bench.recorder import Cost

UNITS_IN_A_TRANSACTION = 2
"""Per started KB of an item; no item here is larger than 1 KB, where not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Items that have to change together, those that may change by themselves, and places in indexes."""

    entries: int = 0
    """Immutable: each movement leaves its own, for ever."""
    accounts: int = 0
    """The balance has to change with the entry, or one of the two would lie for a moment."""
    beside: int = 0
    """Other items of the same transaction."""
    alone: int = 0
    """Written by themselves, in units: whoever dies before them does them again."""
    index: int = 0
    """Indexes are not doubled by a transaction: 1 to appear or to go, 2 to move."""

    @property
    def together(self) -> int:
        return self.entries + self.accounts + self.beside

    @property
    def wcu(self) -> int:
        return UNITS_IN_A_TRANSACTION * self.together + self.alone + self.index

    @property
    def write_transactions(self) -> int:
        return int(self.together > 0)

    @property
    def derivation(self) -> str:
        named = {
            "entry": self.entries, "account": self.accounts, "beside": self.beside,
        }  # fmt: skip
        parts = [f"{count} {name}" for name, count in named.items() if count]
        words = [f"({' + '.join(parts)}) × 2"] if parts else []
        words += [f"{self.alone} alone"] if self.alone else []
        words += [f"{self.index} index"] if self.index else []
        return " + ".join(words) or "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One movement, measured once on its clean path."""

    movement: str
    cost: Cost
    floor: Floor

    @property
    def ratio(self) -> float:
        """1 where nothing could be saved; a movement that costs nothing has to."""
        return self.cost.wcu / self.floor.wcu if self.floor.wcu else 1.0 + self.cost.wcu

    @property
    def over(self) -> list[str]:
        figures = (
            ("WCU", self.cost.wcu, self.floor.wcu),
            ("write transactions", self.cost.write_transactions, self.floor.write_transactions),
        )
        return [
            f"{used} {name} where {least} would do" for name, used, least in figures if used > least
        ]


def floor_table(moved: list[Moved]) -> Table:
    table = Table(title="What each movement writes, beside the least that could do")
    table.add_column("movement")
    table.add_column("derived minimum")
    columns = ("WCU minimum", "used", "ratio", "transactions minimum", "used", "RCU used")
    for column in columns:
        table.add_column(column, justify="right")
    for row in moved:
        table.add_row(
            row.movement,
            row.floor.derivation,
            str(row.floor.wcu),
            str(row.cost.wcu),
            f"{row.ratio:.2f}",
            str(row.floor.write_transactions),
            str(row.cost.write_transactions),
            f"{row.cost.rcu:g}",
        )
    return table
