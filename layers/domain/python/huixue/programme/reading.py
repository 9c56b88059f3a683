"""Reading plain data by rules, collecting every problem with its path instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
"""Keys and list positions that lead to a value."""

ABSENT = object()
_UNREADABLE = object()
"""Inside something that is wrong already: said once is enough."""
_SHOWN_CHARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    path: Path
    expected: str
    found: str

    def __str__(self) -> str:
        where = ".".join(str(each) for each in self.path) or "top level"
        return f"{where}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands."""

    value: Any
    path: Path


@dataclass(slots=True)
class Reader:
    """A value with a problem reads as an empty one; the caller looks at `problems` before it uses anything."""

    problems: list[Problem] = field(default_factory=list)

    def wrong(self, node: Node, expected: str) -> None:
        if node.value is _UNREADABLE:
            return
        problem = Problem(path=node.path, expected=expected, found=shown(node.value))
        self.problems.append(problem)

    def map_of(self, node: Node, known: tuple[str, ...]) -> dict[str, Node]:
        """A node for each known key (absent ones too); other keys are problems."""
        if not isinstance(node.value, Mapping):
            self.wrong(node, f"a map with the keys {', '.join(known)}")
            return {key: Node(_UNREADABLE, (*node.path, key)) for key in known}
        value = node.value
        for key in value:
            if key not in known:
                self.wrong(Node(key, (*node.path, str(key))), f"one of the keys {', '.join(known)}")
        return {key: Node(value.get(key, ABSENT), (*node.path, key)) for key in known}

    def items(self, node: Node, *, at_least: int, at_most: int) -> list[Node]:
        """The list's values; an absent list is empty."""
        if node.value is ABSENT and at_least == 0:
            return []
        value = node.value
        if not isinstance(value, list) or not at_least <= len(value) <= at_most:
            self.wrong(node, f"a list of {at_least} to {at_most}")
            return []
        return [Node(each, (*node.path, index)) for index, each in enumerate(value)]

    def text(self, node: Node, pattern: re.Pattern[str], expected: str) -> str:
        if isinstance(node.value, str) and pattern.fullmatch(node.value):
            return node.value
        self.wrong(node, expected)
        return ""

    def whole(self, node: Node, low: int, high: int) -> int:
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.wrong(node, f"a whole number from {low} to {high}")
        return 0

    def choice(self, node: Node, choices: Sequence[str]) -> str:
        if isinstance(node.value, str) and node.value in choices:
            return node.value
        self.wrong(node, f"one of {', '.join(choices)}")
        return ""

    def all_different(self, nodes: Sequence[Node], what: str) -> None:
        seen: set[object] = set()
        for node in nodes:
            if isinstance(node.value, str) and node.value in seen:
                self.wrong(node, f"{what} only once")
            elif isinstance(node.value, str):
                seen.add(node.value)


def shown(value: object) -> str:
    """What stands in a file, short enough for a line."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None:
        return "an empty value"
    text = repr(value) if isinstance(value, str) else str(value).lower()
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"
