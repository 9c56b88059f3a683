"""Conditional writes as values: stores offer them, a unit of work commits one or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from huixue.dynamodb.items import Item, Key, encoded, encoded_value, key_of
from huixue.kernel.errors import HuixueError

ABSENT = "attribute_not_exists(pk)"


class ConditionFailedError(HuixueError):
    """Nothing was written: the condition of write number `index` did not hold; `item` is what is there."""

    code = "CONDITION_FAILED"

    def __init__(self, index: int, item: Item | None) -> None:
        super().__init__(f"the condition of write {index} does not hold")
        self.index = index
        self.item = item


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Write the whole item if `condition` holds for what is there now; no condition is a decision, so it is named."""

    table: str
    item: Item
    condition: str | None
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return self.item["pk"], self.item["sk"]

    def request(self) -> dict[str, Any]:
        request: dict[str, Any] = {"TableName": self.table, "Item": encoded(self.item)}
        return request | _condition(self.condition, self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Change attributes of one item if `condition` holds. Attribute names are spelt in the expressions;
    reserved words go through `names`."""

    table: str
    key: Key
    expression: str
    condition: str | None
    values: Mapping[str, object] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        request: dict[str, Any] = {
            "TableName": self.table,
            "Key": key_of(self.key),
            "UpdateExpression": self.expression,
        }
        if self.names:
            request["ExpressionAttributeNames"] = dict(self.names)
        return request | _condition(self.condition, self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove one item if `condition` holds; one that is not there is no failure without a condition."""

    table: str
    key: Key
    condition: str | None
    values: Mapping[str, object] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        request: dict[str, Any] = {"TableName": self.table, "Key": key_of(self.key)}
        return request | _condition(self.condition, self.values)


Write = Put | Update | Delete


def _condition(condition: str | None, values: Mapping[str, object]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if condition is not None:
        parts["ConditionExpression"] = condition
        parts["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    if values:
        parts["ExpressionAttributeValues"] = {k: encoded_value(v) for k, v in values.items()}
    return parts
