"""The OpenAPI 3.1 document, made from `routes.py` and `wire.py`.

`python -m huixue.edge.openapi` prints it; `openapi.json` beside this file is the committed copy that is served.
"""

from __future__ import annotations

import json
import re
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec

from huixue.edge.problems import STATUS, Problem
from huixue.edge.requests import DEFAULT_LIMIT, MAX_LIMIT
from huixue.edge.routes import ROUTES, Route

DOCUMENT = Path(__file__).with_name("openapi.json")
_REF = "#/components/schemas/{name}"
_ALWAYS = ("UNAVAILABLE", "CONTENTION", "MISCONFIGURED", "INTERNAL")


def document() -> dict[str, Any]:
    types = sorted(_types(), key=lambda each: each.__name__)
    _, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Huixue 回血",
            "version": "1",
            "description": "Members of a live streamer's programme bring orders and get points.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "session": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _types() -> set[type[msgspec.Struct]]:
    types: set[type[msgspec.Struct]] = {Problem}
    for route in ROUTES:
        types |= {each for each in route.answers.values() if each is not None}
        types |= {route.body} if route.body is not None else set()
    return types


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.function,
        "summary": route.summary,
        "parameters": _parameters(route),
        "responses": _responses(route),
        "security": [{"session": []}] if route.needs_session else [],
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _json(route.body)}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", route.path)
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
    ]
    parameters += [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in route.query
    ]
    if route.paged:
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        parameters.append({"name": "limit", "in": "query", "schema": limit})
        parameters.append({"name": "cursor", "in": "query", "schema": {"type": "string"}})
    return parameters


def _responses(route: Route) -> dict[str, Any]:
    responses = {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": _content(route, status, kind),
        }
        for status, kind in route.answers.items()
    }
    codes = (*route.refusals, *_ALWAYS)
    codes = ("UNAUTHENTICATED", *codes) if route.needs_session else codes
    codes = ("FIELDS_INVALID", "CURSOR_INVALID", *codes) if route.paged else codes
    codes = ("BODY_TOO_LARGE", *codes) if route.method != "GET" else codes
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(STATUS[code], []).append(code)
    for status, names in sorted(by_status.items()):
        responses[str(status)] = {
            "description": ", ".join(names),
            "content": {"application/problem+json": _schema(Problem)},
        }
    return dict(sorted(responses.items()))


def _content(route: Route, status: int, kind: type[msgspec.Struct] | None) -> dict[str, Any]:
    if kind is not None:
        return _json(kind)
    return {route.media_type: {}} if status != HTTPStatus.NOT_MODIFIED else {}


def _json(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"application/json": _schema(kind)}


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"schema": {"$ref": _REF.format(name=kind.__name__)}}


def text() -> str:
    return json.dumps(document(), ensure_ascii=False, indent=2, sort_keys=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
