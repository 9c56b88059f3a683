"""How many bytes DynamoDB counts for an item, and what it bills for them.

Source: "DynamoDB item sizes and formats" and "read/write unit consumption" of Amazon's developer guide.
Computed here because the local engines misreport capacity: DynamoDB Local bills every transaction 4 times its largest
item, ministack bills every query 0.5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Attributes = Mapping[str, Mapping[str, Any]]
"""An item in DynamoDB's own JSON: `{"pk": {"S": "…"}}`."""

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096
_CONTAINER_BYTES = 3
_ELEMENT_BYTES = 1


def item_bytes(item: Attributes | None) -> int:
    """Names and values together; 0 for an item that is not there."""
    if item is None:
        return 0
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def write_units(old: Attributes | None, new: Attributes | None) -> int:
    """Units of a put, update or delete outside a transaction: the larger image, in started KB, at least 1."""
    return _started(max(item_bytes(old), item_bytes(new)), WRITE_UNIT_BYTES)


def read_units(size_bytes: int, *, consistent: bool) -> float:
    """Units of one read of so many bytes: started 4 KB, at least 1; half of it where eventual is enough."""
    units = _started(size_bytes, READ_UNIT_BYTES)
    return float(units) if consistent else units / 2


def _started(size_bytes: int, unit_bytes: int) -> int:
    return max(1, -(-size_bytes // unit_bytes))


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind not in _MEASURES:
        raise ValueError(f"{kind} is no DynamoDB type")
    return _MEASURES[kind](content)


def _text_bytes(text: str) -> int:
    return len(text.encode())


def _list_bytes(values: list[Mapping[str, Any]]) -> int:
    return _CONTAINER_BYTES + sum(_value_bytes(value) + _ELEMENT_BYTES for value in values)


def _map_bytes(values: Attributes) -> int:
    return _CONTAINER_BYTES + sum(
        _text_bytes(name) + _value_bytes(value) + _ELEMENT_BYTES for name, value in values.items()
    )


def _number_bytes(text: str) -> int:
    """One byte for two significant digits, and one more; a minus sign costs one."""
    digits = text.lstrip("-").split("e")[0].split("E")[0].replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


_MEASURES: Mapping[str, Callable[[Any], int]] = {
    "S": _text_bytes,
    "N": _number_bytes,
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": lambda texts: sum(map(_text_bytes, texts)),
    "NS": lambda numbers: sum(map(_number_bytes, numbers)),
    "BS": lambda parts: sum(map(len, parts)),
    "L": _list_bytes,
    "M": _map_bytes,
}
