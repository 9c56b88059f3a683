from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from huixue.edge.openapi import DOCUMENT, document, text
from huixue.edge.problems import STATUS
from huixue.edge.routes import ROUTES, Route

GENERATED: dict[str, Any] = json.loads(text())
MEDIA_TYPE_OF = {route.function: route.media_type for route in ROUTES}
METHODS = {"get", "put", "post", "delete"}
OPERATIONS = [
    (path, method, operation)
    for path, operations in GENERATED["paths"].items()
    for method, operation in operations.items()
]


def test_the_committed_document_is_the_generated_one() -> None:
    committed = DOCUMENT.read_text("utf-8")

    assert committed == text(), (
        "run: python -m huixue.edge.openapi > layers/domain/python/huixue/edge/openapi.json"
    )


def test_it_is_generated_the_same_each_time() -> None:
    assert document() == document()


def test_it_has_the_shape_of_openapi_3_1() -> None:
    assert set(GENERATED) == {"openapi", "info", "servers", "paths", "components"}
    assert re.fullmatch(r"3\.1\.\d", GENERATED["openapi"])
    assert {"title", "version"} <= set(GENERATED["info"])
    assert all(path.startswith("/v1/") for path in GENERATED["paths"])


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_an_operation_has_the_shape_of_openapi_3_1(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert method in METHODS
    named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
    assert named == set(re.findall(r"{(\w+)}", path))
    assert all(each.get("required") for each in operation["parameters"] if each["in"] == "path")
    assert all({"name", "in", "schema"} <= set(each) for each in operation["parameters"])
    assert operation["responses"]
    for status, response in operation["responses"].items():
        assert re.fullmatch(r"[1-5]\d\d", status)
        assert response["description"]
        for media_type in response.get("content", {}):
            answered = MEDIA_TYPE_OF[operation["operationId"]]
            assert media_type == ("application/problem+json" if status >= "400" else answered)


def test_names_of_operations_are_unique() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]

    assert len(set(names)) == len(names) == len(ROUTES)


@pytest.mark.parametrize("name", GENERATED["components"]["schemas"])
def test_a_schema_is_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(GENERATED["components"]["schemas"][name])


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    wanted = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', text()))

    assert wanted == set(GENERATED["components"]["schemas"])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: str(route.function))
def test_a_route_names_every_answer_it_may_give(route: Route) -> None:
    operation = GENERATED["paths"][route.path][route.method.lower()]

    statuses = {*route.answers, *(STATUS[code] for code in route.refusals), 500, 503}
    statuses |= {401} if route.needs_session else set()
    statuses |= {400} if route.paged else set()
    statuses |= {413} if route.method != "GET" else set()
    assert {int(status) for status in operation["responses"]} == statuses
    assert ("requestBody" in operation) == (route.body is not None)
    assert operation["security"] == ([{"session": []}] if route.needs_session else [])
    assert ("limit" in str(operation["parameters"])) == route.paged
