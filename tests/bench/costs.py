"""Prints what every use case costs, beside its budget, and every movement of points beside the least that it could
cost; ends with 1 when one is over.

python -m tests.bench.costs
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.bench import movements, season_reads, use_cases
from tests.bench.budgets import cost_table
from tests.bench.floors import floor_table
from tests.engines import ministack
from tests.engines.clients import make_client
from tests.engines.tables import create_tables


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="huixue-bench-") as name,
        ministack.started(Path(name)) as url,
    ):
        client, reader = make_client("dynamodb", url), make_client("dynamodb", url)
        rows = use_cases.measured(client, reader, create_tables(reader, "bench"))
        rows += season_reads.measured(client, reader, create_tables(reader, "seasons"))
        moved = movements.measured(client, reader, create_tables(reader, "movements"))
    console = Console(width=None if sys.stdout.isatty() else 150)
    console.print(cost_table(rows))
    console.print(floor_table(moved))
    for row in moved:
        for sentence in row.over:
            console.print(f"{row.movement}: {sentence}")
    return int(any(row.over for row in rows) or any(row.over for row in moved))


if __name__ == "__main__":
    sys.exit(main())
