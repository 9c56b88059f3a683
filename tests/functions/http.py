"""HTTP events as API Gateway sends them (payload format 2.0), and answers held against the OpenAPI document."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from huixue.edge.openapi import document
from huixue.edge.problems import STATUS, TITLES
from huixue.edge.routes import ROUTES, Route
from huixue.edge.sentences import SENTENCES
from tests.engines.cloudformation import REPOSITORY
from tests.functions.stage import Stage

EVENTS = REPOSITORY / "events"
ROUTE_OF: Mapping[str, Route] = {route.function: route for route in ROUTES}
WITH_SESSION = tuple(route.function for route in ROUTES if route.needs_session)
MAY_HAVE_BODY = tuple(route.function for route in ROUTES if route.method != "GET")
WITH_BODY = tuple(route.function for route in ROUTES if route.body is not None)


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


def event_of(name: str) -> dict[str, Any]:
    """`submit_order/accepted` → that file of `events/`."""
    event = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    assert isinstance(event, dict)
    return event


def request(
    function: str,
    *,
    token: str | None = None,
    body: object = None,
    raw: str | bytes | None = None,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """The function's accepted event, changed. `raw` bytes arrive base64-encoded; a header None is left out."""
    event = event_of(f"{function}/accepted")
    event["headers"].pop("authorization", None)
    if token is not None:
        event["headers"]["authorization"] = f"Bearer {token}"
    for name, value in (headers or {}).items():
        event["headers"].pop(name, None)
        if value is not None:
            event["headers"][name] = value
    if path is not None:
        event["pathParameters"] = dict(path)
    if query is not None:
        event["queryStringParameters"] = dict(query)
    if body is not None or raw is not None:
        sent = json.dumps(body) if raw is None else raw
        event["isBase64Encoded"] = isinstance(sent, bytes)
        event["body"] = base64.b64encode(sent).decode() if isinstance(sent, bytes) else sent
    return event


def asked(stage: Stage, function: str, event: Mapping[str, Any]) -> Answered:
    """The function's answer, which must be one the OpenAPI document names."""
    answer = stage.invoke(function, event)
    assert set(answer) == {"statusCode", "headers", "body"}
    found = Answered(answer["statusCode"], answer["headers"], answer["body"])
    _hold_to_document(function, found)
    return found


def call(stage: Stage, function: str, **changes: Any) -> Answered:
    return asked(stage, function, request(function, **changes))


def assert_problem(found: Answered, status: int, code: str, *, english: bool = False) -> None:
    """Complete as http-api.md says: type, title, status, detail, code, request_id, headers."""
    body = found.body
    assert (found.status, body["status"], body["code"]) == (status, status, code), found.text
    assert found.headers["content-type"] == "application/problem+json"
    assert body["type"] == f"urn:huixue:problem:{code.lower().replace('_', '-')}"
    assert body["title"] == TITLES[status]
    assert body["detail"] == SENTENCES[code][1 if english else 0]
    assert body["request_id"]
    if status in (429, 503):
        assert int(found.headers["retry-after"]) >= 1
    if status == 401:
        assert found.headers["www-authenticate"] == "Bearer"


def pointers(found: Answered) -> list[str]:
    for error in found.body["errors"]:
        assert set(error) == {"pointer", "code", "detail"}
        assert error["detail"]
    return [error["pointer"] for error in found.body["errors"]]


def _hold_to_document(function: str, found: Answered) -> None:
    if function == "answer_unknown_route":
        _validate("Problem", found.body)
        return
    route = ROUTE_OF[function]
    responses = DOCUMENT["paths"][route.path][route.method.lower()]["responses"]
    if found.status == 500:
        _validate("Problem", found.body)
        return
    assert str(found.status) in responses, f"{function}: {found.status} is not in the document"
    if found.status >= 400:
        _validate("Problem", found.body)
        said = responses[str(found.status)]["description"].split(", ")
        assert found.body["code"] in said, (
            f"{function}: {found.body['code']} is not in the document"
        )
        assert STATUS[found.body["code"]] == found.status
        return
    kind = route.answers[found.status]
    if kind is not None:
        _validate(kind.__name__, found.body)


def _closed(schema: Any) -> Any:
    """The schema, refusing what it does not name: an answer with a field nobody declared is drift too."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        closed.setdefault("additionalProperties", False)
    return closed


DOCUMENT: dict[str, Any] = document()
_CLOSED = {"components": _closed(DOCUMENT["components"])}


def _validate(name: str, body: object) -> None:
    schema = {**_CLOSED, "$ref": f"#/components/schemas/{name}"}
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(body)]
    assert errors == [], f"{name}: {errors}"
