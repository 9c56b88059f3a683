"""A season file against its published JSON Schema: every problem at once, in the schema's own words."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from huixue.programme.reading import ABSENT, Problem, shown
from infra.ops.project import CHECKOUT
from infra.ops.yaml_files import KeyPath

SCHEMA_FILE = CHECKOUT / "infra" / "ops" / "season.schema.json"
_SOMETHING_ELSE = "something else"


@cache
def schema() -> Mapping[str, Any]:
    """The published schema itself."""
    found: Mapping[str, Any] = json.loads(SCHEMA_FILE.read_text("utf-8"))
    return found


def problems_of_shape(data: object) -> list[Problem]:
    """One for each value or key that is not as the schema says; none: the data may be read."""
    found: dict[KeyPath, Problem] = {}
    for error in _validator().iter_errors(data):
        for problem in _problems(error):
            found.setdefault(problem.path, problem)
    return list(found.values())


@cache
def _validator() -> Draft202012Validator:
    formats = FormatChecker(formats=())
    formats.checks("date", raises=ValueError)(lambda value: _read(date.fromisoformat, value))
    formats.checks("local-date-time", raises=ValueError)(
        lambda value: _read(datetime.fromisoformat, value)
    )
    formats.checks("local-date-time-or-date", raises=ValueError)(
        lambda value: _read(datetime.fromisoformat, value)
    )
    formats.checks("zone")(lambda value: not isinstance(value, str) or value in _zones())
    return Draft202012Validator(schema(), format_checker=formats)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _read(reader: Any, value: object) -> bool:
    """Whether there is such a day; what is no text is told by its type."""
    if isinstance(value, str):
        reader(value)
    return True


def _problems(error: ValidationError) -> Iterator[Problem]:
    path = tuple(error.absolute_path)
    rule = error.schema if isinstance(error.schema, Mapping) else {}
    if error.validator == "required" and isinstance(error.instance, Mapping):
        for key in rule["required"]:
            if key not in error.instance:
                yield _problem((*path, key), _expected_of_key(rule, key), ABSENT)
    elif error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = [str(key) for key in rule.get("properties", {})]
        for key in error.instance:
            if key not in known:
                yield _problem((*path, str(key)), _keys(known, str(key)), str(key))
    elif "propertyNames" in error.absolute_schema_path:
        yield _problem((*path, str(error.instance)), _expected(rule), error.instance)
    else:
        yield _problem(path, _expected(rule), error.instance)


def _problem(path: KeyPath, expected: str, found: object) -> Problem:
    return Problem(path=path, expected=expected, found=shown(found))


def _keys(known: list[str], found: str) -> str:
    near = difflib.get_close_matches(found, known, n=1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    return f"one of the keys {', '.join(known)}{meant}"


def _expected_of_key(rule: Mapping[str, Any], key: str) -> str:
    of_key = rule.get("properties", {}).get(key)
    return _expected(of_key) if isinstance(of_key, Mapping) else _expected(rule)


def _expected(rule: Mapping[str, Any]) -> str:
    """The schema's own word for it: `x-expected`, through references, else the description."""
    said = rule.get("x-expected")
    if said is None and "$ref" in rule:
        name = str(rule["$ref"]).rpartition("/")[2]
        return _expected(schema()["$defs"][name])
    return str(said or rule.get("description") or _SOMETHING_ELSE)
