"""Rules about our own source: sizes, names, mirrors in the tests, literals that must not be there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.house.checkout import named, syntax_of

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 70
GRAB_BAGS = frozenset({"shared", "common", "utils", "util", "helpers", "helper", "manager"})
# an order number of the platforms: 18 or 19 digits that are part of nothing longer
_ORDER_NUMBER = re.compile(r"(?<![0-9A-Za-z_.])[0-9]{18,19}(?![0-9A-Za-z_.])")


def sizes(path: Path) -> Iterator[str]:
    """Rule 12: no file above 300 lines, no function above 70 (decorators and docstring included)."""
    lines = len(path.read_text("utf-8").splitlines())
    if lines > MAX_FILE_LINES:
        yield f"{named(path)} has {lines} lines, at most {MAX_FILE_LINES}: split it by purpose"
    for node in ast.walk(syntax_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            length = (node.end_lineno or node.lineno) - first + 1
            if length > MAX_FUNCTION_LINES:
                yield f"{named(path)}:{first} {node.name} has {length} lines, at most {MAX_FUNCTION_LINES}"


def grab_bag(path: Path) -> Iterator[str]:
    """No module or folder whose name says nothing of its purpose."""
    words = {word for part in path.with_suffix("").parts for word in part.lower().split("_")}
    yield from (f"{path}: name it after its purpose, not `{word}`" for word in words & GRAB_BAGS)


def order_numbers(path: Path, text: str) -> Iterator[str]:
    """Real-looking order numbers are personal data: tests make theirs, only tests/vectors holds some."""
    for number, line in enumerate(text.splitlines(), 1):
        if _ORDER_NUMBER.search(line):
            yield f"{path}:{number} holds a literal of 18 or 19 digits; make the number in the test"


def mirrored(
    modules: Iterable[str], tests: Iterable[str], exempt: Mapping[str, str]
) -> Iterator[str]:
    """Each `room/…/module` has a test file that names both; `exempt`: module → reason.

    `orders/claims` is mirrored by `…/orders/test_claims.py`, `…/orders/test_claims_of_two.py` and
    `…/test_orders_claims.py`; stores and their records also by `stores/test_orders.py`.
    """
    listed = list(tests)
    known = set()
    for module in modules:
        known.add(module)
        if any(_mirrors(test, module) for test in listed):
            if module in exempt:
                yield f"{module} has a test now: take it off the list of modules without"
        elif module not in exempt:
            folder, _, name = module.rpartition("/")
            wanted = f"tests/unit/{folder}/test_{name}.py"
            yield f"huixue/{module}.py has no test: write {wanted}, or list it with a reason"
    yield from (
        f"{module} is listed as without a test, but it is gone" for module in set(exempt) - known
    )


def _mirrors(test: str, module: str) -> bool:
    folders, _, file = test.rpartition("/")
    stem = file.removesuffix(".py")
    room, *_, name = module.split("/")
    if room in folders.split("/") and (stem == f"test_{name}" or stem.startswith(f"test_{name}_")):
        return True
    if (name == "records" or name.endswith("store")) and "stores" in folders.split("/"):
        return stem == f"test_{room}" or stem.startswith(f"test_{room}_")
    return stem == f"test_{room}_{name}" or stem.startswith(f"test_{room}_{name}_")
