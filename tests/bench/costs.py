"""Prints what every use case costs, beside its budget; ends with 1 when one is over.

python -m tests.bench.costs
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.bench.budgets import cost_table
from tests.bench.use_cases import measured
from tests.engines import ministack
from tests.engines.clients import make_client
from tests.engines.tables import create_tables


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="huixue-bench-") as name,
        ministack.started(Path(name)) as url,
    ):
        client, reader = make_client("dynamodb", url), make_client("dynamodb", url)
        rows = measured(client, reader, create_tables(reader, "bench"))
    Console(width=None if sys.stdout.isatty() else 140).print(cost_table(rows))
    return int(any(row.over for row in rows))


if __name__ == "__main__":
    sys.exit(main())
