"""Rules 8 and 9: what the template hands over is what the code reads; tables are shaped as the stores use them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.house.rules.functions import functions_of

# read by Powertools, by the SDK and by Lambda's runtime, not by our Settings
_READ_BY_OTHERS = ("POWERTOOLS_", "AWS_", "PYTHON")


def variables_of(template: Mapping[str, Any]) -> dict[str, set[str]]:
    """Logical id → names of the variables the function gets, those of Globals included."""
    everywhere = _variables(template.get("Globals", {}).get("Function", {}))
    return {
        logical_id: _variables(properties) | everywhere
        for logical_id, properties in functions_of(template).items()
    }


def variables(template: Mapping[str, Any], fields: Iterable[str]) -> Iterator[str]:
    """`fields` are those of Settings, as variables (upper case)."""
    read = set(fields)
    handed: set[str] = set()
    for logical_id, names in variables_of(template).items():
        ours = {name for name in names if not name.startswith(_READ_BY_OTHERS)}
        handed |= ours
        yield from (
            f"{logical_id}: {name} is read by nobody; take it out, or add `{name.lower()}` to Settings"
            for name in sorted(ours - read)
        )
    yield from (
        f"Settings.{name.lower()}: no function in template.yaml gets {name}"
        for name in sorted(read - handed)
    )


def strings_in(modules: Iterable[ast.Module]) -> set[str]:
    """Every string constant, and the words of expressions such as `pk = :pk`."""
    found: set[str] = set()
    for module in modules:
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value, *node.value.replace("(", " ").replace(")", " ").split()}
    return found


def indexes_named(modules: Iterable[ast.Module]) -> set[str]:
    """Literals given as `index=` anywhere."""
    return {
        keyword.value.value
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "index"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }


def tables(
    template: Mapping[str, Any], keys: set[str], used_indexes: set[str], words: set[str]
) -> Iterator[str]:
    """`keys` are those of the stores' items, `words` all strings of the stores."""
    offered: set[str] = set()
    for logical_id, body in template.get("Resources", {}).items():
        if body["Type"] != "AWS::DynamoDB::Table":
            continue
        properties = body["Properties"]
        own = {part["AttributeName"] for part in properties["KeySchema"]}
        if own != keys:
            yield f"{logical_id}: its keys are {sorted(own)}, the stores' items have {sorted(keys)}"
        for index in properties.get("GlobalSecondaryIndexes", []):
            name = index["IndexName"]
            offered.add(name)
            if name not in words:
                yield f"{logical_id}: no store uses the index {name}"
            for attribute in (part["AttributeName"] for part in index["KeySchema"]):
                if attribute not in words:
                    yield f"{logical_id}: no store writes {attribute}, a key of the index {name}"
        expiry = properties.get("TimeToLiveSpecification", {}).get("AttributeName")
        if expiry is not None and expiry not in words:
            yield f"{logical_id}: no store writes {expiry}, by which items expire"
    yield from (
        f"no table has the index {name}, which a store uses" for name in used_indexes - offered
    )


def _variables(properties: Mapping[str, Any]) -> set[str]:
    return set(properties.get("Environment", {}).get("Variables", {}))


def read_per_function(
    handed: Mapping[str, set[str]],
    reached: Mapping[str, set[str]],
    never_read: Mapping[str, Mapping[str, str]],
) -> Iterator[str]:
    """`handed` and `reached`: function → fields; `never_read`: function → field its code names but cannot come
    to read → reason. Rule 8 function by function."""
    for name, fields in reached.items():
        excused = set(never_read.get(name, {}))
        given = handed.get(name, set())
        yield from (
            f"{name}: template.yaml hands over {field.upper()}, which its code never reads"
            for field in sorted(given - fields)
        )
        yield from (
            f"{name}: its code reads {field.upper()}; hand it over in template.yaml"
            for field in sorted(fields - given - excused)
        )
        yield from (
            f"{name}: {field} is listed as never read, but it is handed over, or named no more"
            for field in sorted(excused - (fields - given))
        )
