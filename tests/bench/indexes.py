"""What the indexes of a table cost when one of its items changes. They are written after, and not doubled by, a
transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.bench.sizes import Attributes, write_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index as `describe_table` shows it; `projected` is None where the whole item is."""

    keys: tuple[str, ...]
    projected: frozenset[str] | None

    def image(self, item: Attributes | None) -> Attributes | None:
        """The item as the index holds it; None where it lacks a key (a sparse index)."""
        if item is None or any(key not in item for key in self.keys):
            return None
        if self.projected is None:
            return item
        return {name: value for name, value in item.items() if name in self.projected}

    def write_units(self, old: Attributes | None, new: Attributes | None) -> int:
        before, after = self.image(old), self.image(new)
        if before == after:
            return 0
        if before is None or after is None or self._key(before) == self._key(after):
            return write_units(before, after)
        # another place in the index: the old entry is deleted and a new one is put
        return write_units(before, None) + write_units(None, after)

    def _key(self, image: Attributes) -> tuple[Any, ...]:
        return tuple(image[key] for key in self.keys)


def indexes_of(description: dict[str, Any]) -> tuple[Index, ...]:
    """From the `Table` part of a `describe_table` answer."""
    table_keys = _names(description["KeySchema"])
    found = []
    for index in description.get("GlobalSecondaryIndexes", []):
        keys = _names(index["KeySchema"])
        projection = index["Projection"]
        projected = {*table_keys, *keys, *projection.get("NonKeyAttributes", [])}
        whole = projection["ProjectionType"] == "ALL"
        found.append(Index(keys=keys, projected=None if whole else frozenset(projected)))
    return tuple(found)


def _names(key_schema: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in key_schema)
