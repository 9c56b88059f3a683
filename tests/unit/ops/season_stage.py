"""A local stage on moto with the demo season, and what an operator types."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from huixue.check_ins.store import RuleStore
from huixue.dynamodb.database import Database
from huixue.seasons.store import DynamoDbSeasons
from infra.demo.season import SEASON, TONIGHT, shifted
from infra.ops.season_publishing import SeasonDoors
from tests.engines.tables import TableNames
from tests.unit.ops.operating import Operated, operated

TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(days=2)
"""The day of the stream TONIGHT: to come at whatever hour, in whatever zone the tests run."""
NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)


@dataclass(slots=True)
class SeasonStage:
    operated: Operated
    tables: TableNames
    folder: Path

    @property
    def doors(self) -> SeasonDoors:
        database = Database(self.operated.dynamodb)
        return SeasonDoors(
            seasons=DynamoDbSeasons(database, self.tables.seasons),
            rules=RuleStore(database, self.tables.seasons),
        )

    def file(self, *changes: tuple[str, str], text: str | None = None) -> Path:
        """The demo season of SOON beside its product list, with these texts replaced."""
        content = shifted(SEASON.read_text("utf-8"), SOON) if text is None else text
        for before, after in changes:
            assert before in content, before
            content = content.replace(before, after, 1)
        (self.folder / "products.csv").write_bytes(SEASON.with_name("products.csv").read_bytes())
        file = self.folder / "season.yaml"
        file.write_text(content, "utf-8")
        return file

    def said(self, *words: str, code: int = 0) -> str:
        result = self.operated.run(*words)
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    def told(self, *words: str) -> Any:
        result = self.operated.run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.operated.dynamodb.scan(TableName=self.tables.seasons)[
            "Items"
        ]
        return items


def season_stage(dynamodb: Any, tables: TableNames, folder: Path) -> SeasonStage:
    return SeasonStage(operated(dynamodb, tables), tables, folder)


def day(days: int) -> str:
    """So many days after the stream TONIGHT."""
    return (SOON + timedelta(days=days)).isoformat()


__all__ = ["NOW", "SOON", "TODAY", "TONIGHT", "SeasonStage", "date", "day", "season_stage"]
