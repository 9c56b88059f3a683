"""Routes, template and function folders say the same."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

from huixue.edge.routes import ROUTES, Route
from tests.house.checkout import TEMPLATE, function_names, load_template
from tests.house.rules.functions import folder_of, functions_of

CATCH_ALL = "answer_unknown_route"


def routes_of_template() -> dict[tuple[str, str], str]:
    """(method, path) → function folder."""
    return {
        (event["Properties"]["Method"].upper(), event["Properties"]["Path"]): folder_of(properties)
        for properties in functions_of(load_template(TEMPLATE)).values()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "HttpApi" and "Method" in event["Properties"]
    }


def test_template_and_routes_name_the_same_doors() -> None:
    listed = {(route.method, route.path): route.function for route in ROUTES}

    assert routes_of_template() == listed


def test_whatever_is_no_route_goes_to_the_catch_all() -> None:
    catching = [
        folder_of(properties)
        for properties in functions_of(load_template(TEMPLATE)).values()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "HttpApi" and "Method" not in event["Properties"]
    ]

    assert catching == [CATCH_ALL]


def test_every_route_has_its_own_function() -> None:
    functions = [route.function for route in ROUTES]

    assert len(set(functions)) == len(functions)
    assert set(functions) <= set(function_names())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: str(route.function))
def test_a_route_says_what_its_function_does(route: Route) -> None:
    source = inspect.getsource(importlib.import_module(f"functions.{route.function}.app"))

    asks = re.search(r"(session_of|member_of|signed_session)\(\s*request\b", source)
    assert (asks is not None) == route.needs_session
    assert (f".body({route.body.__name__})" in source) if route.body else ".body(" not in source
    assert (".limit()" in source) == route.paged
    assert (".cursor()" in source) == (route.paged or "cursor" in route.query)
    asked = set(re.findall(r"\.query_\w+\(\"(\w+)\"\)", source))
    assert asked == set(route.query) - {"cursor"}
    assert ("repeated(" in source) == ({200, 202} <= set(route.answers))
    assert (re.search(r"\.path_(id|month|date)\(", source) is not None) == ("{" in route.path)
