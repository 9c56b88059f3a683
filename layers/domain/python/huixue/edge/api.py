"""HTTP entries: translate in, one call, translate out. Every refusal becomes a problem document here.

API Gateway has already routed the request to the one function of its route, so no router runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from huixue.edge.observability import Entry, logger, watched
from huixue.edge.problems import headers_of, problem_of
from huixue.edge.requests import Request
from huixue.kernel.errors import HuixueError, UnavailableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: msgspec.Struct | bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def repeated(body: msgspec.Struct) -> Answer:
    """The same request again: the present state, and a header that says so."""
    return Answer(status=200, body=body, headers={"idempotency-hit": "true"})


def http_entry(act: Callable[[Request], Answer]) -> Entry:
    """A handler for one route. HuixueErrors become their problem document; anything else is logged and answered
    as INTERNAL, so that no exception leaves the function."""

    @watched
    def handler(event: dict[str, Any], context: Any) -> Any:
        del context
        request = Request(event)
        logger().append_keys(api_request_id=request.request_id)  # the one a problem document names
        try:
            request.body_must_fit()
            answer = act(request)
            response = _response(answer.status, answer.body, dict(answer.headers))
        except HuixueError as error:
            return _refusal(error, request)
        except Exception as error:  # noqa: BLE001  # the last wall: members get a problem document, we get the trace
            unexpected = HuixueError("unexpected")
            unexpected.__cause__ = error
            return _refusal(unexpected, request)
        logger().info("answered", status=answer.status)
        return response

    return handler


def _refusal(error: HuixueError, request: Request) -> dict[str, Any]:
    problem = problem_of(error, request_id=request.request_id, english=request.wants_english)
    facts = {name: str(value) for name, value in error.facts.items()}
    said: dict[str, Any] = {"status": problem.status, "code": error.code, "facts": facts}
    if problem.status < 500:
        logger().info("refused", **said)
    elif isinstance(error, UnavailableError):
        logger().warning("not available", **said)
    else:
        logger().error("failed", exc_info=error, **said)
    return _response(problem.status, problem, headers_of(error, problem.status))


def _response(status: int, body: msgspec.Struct | bytes, headers: dict[str, str]) -> dict[str, Any]:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    defaults = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": defaults | headers, "body": content.decode()}
