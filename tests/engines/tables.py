"""The product's tables, made on any engine from `infra/data.yaml` itself, so that tests and template agree."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from tests.engines.cloudformation import REPOSITORY, resources

DATA_TEMPLATE = REPOSITORY / "infra" / "data.yaml"
# what `create_table` takes as the template writes it; the rest (backup, retention) is the deployment's
_TAKEN = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableNames:
    members: str
    programmes: str
    orders: str
    points: str
    seasons: str


def create_tables(dynamodb: Any, suffix: str, template: Path = DATA_TEMPLATE) -> TableNames:
    """Make the five tables under names of their own; `suffix` keeps tests apart on one engine.

    Raises LookupError when the template lacks one of them, and whatever the engine refuses.
    """
    tables = resources(template, "AWS::DynamoDB::Table")
    names = {}
    for field in (each.name for each in fields(TableNames)):
        logical_id = f"{field.capitalize()}Table"
        if logical_id not in tables:
            raise LookupError(f"{template.name} has no {logical_id}")
        names[field] = f"{field}-{suffix}"
        dynamodb.create_table(
            TableName=names[field],
            BillingMode="PAY_PER_REQUEST",
            **table_shape(tables[logical_id]["Properties"]),
        )
    return TableNames(**names)


def delete_tables(dynamodb: Any, names: TableNames) -> None:
    for name in astuple(names):
        dynamodb.delete_table(TableName=name)


def table_shape(properties: dict[str, Any]) -> dict[str, Any]:
    """Keys and indexes of a table resource as `create_table` takes them."""
    return {key: properties[key] for key in _TAKEN if key in properties}
