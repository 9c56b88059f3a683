"""Items ↔ plain Python values, in DynamoDB's own JSON.

Only what our items hold: text, bytes, whole numbers, truth values, lists, maps, None. Floats are refused: money
and points are integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
"""An item as the stores see it: plain Python values by attribute name."""
Key = tuple[str, str]
"""(pk, sk), the same two names in every table."""


def key_of(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def encoded(item: Mapping[str, object]) -> dict[str, Any]:
    """DynamoDB JSON of an item; raises TypeError for a type our items never hold."""
    return {name: encoded_value(value) for name, value in item.items()}


def encoded_value(value: object) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case list() | tuple():
            return {"L": [encoded_value(each) for each in value]}
        case dict():
            return {"M": encoded(value)}
        case _:
            raise TypeError(f"an item cannot hold a {type(value).__name__}")


def decoded(item: Mapping[str, Any]) -> Item:
    return {name: decoded_value(value) for name, value in item.items()}


def decoded_value(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL" | "B":
            return content
        case "N":
            return int(content)
        case "NULL":
            return None
        case "L":
            return [decoded_value(each) for each in content]
        case "M":
            return decoded(content)
        case _:
            raise TypeError(f"an item of ours never holds a {kind}")
