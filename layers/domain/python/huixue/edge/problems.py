"""The one table from errors to HTTP, and the problem documents of RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from huixue.edge.sentences import MAKE_UP, field_sentence, make_up_sentence, sentence
from huixue.kernel.errors import HuixueError, MemberErasedError

STATUS: Mapping[str, int] = {
    "BODY_MALFORMED": 400,
    "FIELDS_INVALID": 400,
    "CURSOR_INVALID": 400,
    "UNAUTHENTICATED": 401,
    "LOGIN_CODE_INVALID": 401,
    "LOGIN_BLOCKED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "PROGRAMME_NOT_FOUND": 404,
    "SEASON_NOT_FOUND": 404,
    "ROUTE_NOT_FOUND": 404,
    "IDEMPOTENCY_MISMATCH": 409,
    "BODY_TOO_LARGE": 413,
    "BODY_NOT_JSON": 415,
    "PLATFORM_NOT_OFFERED": 422,
    "ORDER_NUMBER_FORMAT": 422,
    "MAKE_UP_NOT_ALLOWED": 422,
    "NOT_APPEALABLE": 422,
    "NOT_FROZEN": 422,
    "INSUFFICIENT_POINTS": 422,
    "IN_DEBT": 422,
    "ACCOUNT_FROZEN": 422,
    "HOLD_RESOLVED": 422,
    "TOO_MANY_HOLDS": 422,
    "CONSENT_REQUIRED": 422,
    "TOO_MANY_TRIES": 429,
    "UNAVAILABLE": 503,
    "CONTENTION": 503,
    "MISCONFIGURED": 503,
    "INTERNAL": 500,
}
"""Code → status. A code that is not here is answered as the error it is a kind of; at last as INTERNAL."""

TITLES: Mapping[int, str] = {
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict",
    413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content",
    429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip
DEFAULT_RETRY_AFTER_S = 30


class FieldError(msgspec.Struct, frozen=True):
    pointer: str
    """JSON pointer into the body (`/account`), `?name` for a query parameter, `{name}` for a part of the path."""
    code: str
    detail: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    field: str | None = None
    """Of an IDEMPOTENCY_MISMATCH: the first field that differs."""
    why: str | None = None
    """Of a MAKE_UP_NOT_ALLOWED: which of its rules says no."""
    errors: tuple[FieldError, ...] = ()


class FieldsInvalidError(HuixueError):
    """Bad fields, all of them at once: (pointer, code) pairs."""

    code = "FIELDS_INVALID"

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        super().__init__("some fields are not valid", fields=[pointer for pointer, _ in fields])
        self.fields = fields


class RouteNotFoundError(HuixueError):
    code = "ROUTE_NOT_FOUND"


def problem_of(error: HuixueError, *, request_id: str, english: bool) -> Problem:
    """Who was erased is nobody: whatever meets her tombstone on the way answers as a session that ended."""
    code = "UNAUTHENTICATED" if isinstance(error, MemberErasedError) else _answered_code(error)
    status = STATUS[code]
    fields = error.fields if isinstance(error, FieldsInvalidError) else ()
    field = error.facts.get("field")
    why = error.facts.get("why") if code == "MAKE_UP_NOT_ALLOWED" else None
    return Problem(
        type=f"urn:huixue:problem:{code.lower().replace('_', '-')}",
        title=TITLES[status],
        status=status,
        detail=(
            make_up_sentence(str(why), english=english)
            if why in MAKE_UP
            else sentence(code, english=english)
        ),
        code=code,
        request_id=request_id,
        field=field if isinstance(field, str) else None,
        why=why if isinstance(why, str) else None,
        errors=tuple(
            FieldError(pointer, each, field_sentence(each, english=english))
            for pointer, each in fields
        ),
    )


def _answered_code(error: HuixueError) -> str:
    """Its own code, or that of the nearest kind of error that has a status: whatever is unavailable is 503."""
    kinds = (kind.code for kind in type(error).__mro__ if issubclass(kind, HuixueError))
    return next((code for code in kinds if code in STATUS), "INTERNAL")


def headers_of(error: HuixueError, status: int) -> dict[str, str]:
    headers = {"content-type": "application/problem+json", "cache-control": "no-store"}
    if status in {429, 503}:
        wait_s = getattr(error, "retry_after_s", DEFAULT_RETRY_AFTER_S)
        headers["retry-after"] = str(wait_s)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return headers
