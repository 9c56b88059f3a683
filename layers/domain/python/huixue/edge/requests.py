"""Requests in, values out: bodies, query parameters and cursors, checked before any work is done."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import msgspec

from huixue.edge.problems import FieldsInvalidError
from huixue.kernel.errors import CursorInvalidError, HuixueError, NotFoundError

T = TypeVar("T", bound=msgspec.Struct)
MAX_BODY_BYTES = 256 * 1024
DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_LIMIT = re.compile(r"[0-9]{1,3}")
_PLACE = re.compile(r"[!-~]{1,256}")
"""Where a page ended, as our own lists write it; anything longer would be no key of a table."""
_PATH_ID = re.compile(r"[!-~]{1,128}")
_MONTH = re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONG_NUMBER = re.compile(r"[0-9]{6,}")


class BodyMalformedError(HuixueError):
    code = "BODY_MALFORMED"


class BodyTooLargeError(HuixueError):
    code = "BODY_TOO_LARGE"


class BodyNotJsonError(HuixueError):
    code = "BODY_NOT_JSON"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as API Gateway hands it over (payload format 2.0). Header names are lower case there."""

    event: Mapping[str, Any]

    @property
    def headers(self) -> Mapping[str, str]:
        return {k.lower(): v for k, v in (self.event.get("headers") or {}).items()}

    @property
    def query(self) -> Mapping[str, str]:
        return self.event.get("queryStringParameters") or {}

    @property
    def request_id(self) -> str:
        return str((self.event.get("requestContext") or {}).get("requestId") or "-")

    @property
    def route(self) -> str:
        """The path, for the log: without long numbers, which may be order numbers or telephones."""
        return _LONG_NUMBER.sub("#", str(self.event.get("rawPath") or "-"))[:200]

    @property
    def wants_english(self) -> bool:
        return self.headers.get("accept-language", "").strip().lower().startswith("en")

    def path_id(self, name: str) -> str:
        """Raises NotFoundError for what cannot be an id of ours."""
        text = str((self.event.get("pathParameters") or {}).get(name) or "")
        if _PATH_ID.fullmatch(text) is None:
            raise NotFoundError("no id of ours")
        return text

    def path_month(self, name: str) -> date:
        """`2026-11` → the first day of that month. Raises FieldsInvalidError for anything else."""
        text = str((self.event.get("pathParameters") or {}).get(name) or "")
        if _MONTH.fullmatch(text) is None:
            raise FieldsInvalidError([(f"{{{name}}}", "INVALID")])
        return date.fromisoformat(f"{text}-01")

    def query_month(self, name: str) -> date | None:
        """`?month=2026-11` → the first day of that month; None where it is not given. Raises FieldsInvalidError."""
        text = self.query.get(name)
        if text is None:
            return None
        if _MONTH.fullmatch(text) is None:
            raise FieldsInvalidError([(f"?{name}", "INVALID")])
        return date.fromisoformat(f"{text}-01")

    def query_date(self, name: str) -> date | None:
        """`?from=2026-11-01` → that day; None where it is not given. Raises FieldsInvalidError."""
        text = self.query.get(name)
        if text is None:
            return None
        try:
            if _DATE.fullmatch(text) is not None:
                return date.fromisoformat(text)
        except ValueError:
            pass  # 30 February has the right form and is no day
        raise FieldsInvalidError([(f"?{name}", "INVALID")])

    def path_date(self, name: str) -> date:
        """`2026-11-21` → that day. Raises FieldsInvalidError for anything else."""
        text = str((self.event.get("pathParameters") or {}).get(name) or "")
        try:
            if _DATE.fullmatch(text) is not None:
                return date.fromisoformat(text)
        except ValueError:
            pass  # 30 February has the right form and is no day
        raise FieldsInvalidError([(f"{{{name}}}", "INVALID")])

    def body(self, kind: type[T]) -> T:
        """The body as `kind`. Raises BodyTooLargeError, BodyNotJsonError, BodyMalformedError, or
        FieldsInvalidError naming every bad field."""
        raw = self._raw_body()
        content_type = self.headers.get("content-type", "application/json").split(";")[0].strip()
        if content_type.lower() != "application/json":
            raise BodyNotJsonError("the body is no application/json")
        try:
            content = msgspec.json.decode(raw)
        except (ValueError, RecursionError) as error:  # ValueError: also bytes that are no UTF-8
            raise BodyMalformedError("the body is no JSON") from error
        if not isinstance(content, dict):
            raise BodyMalformedError("the body is no JSON object")
        return _converted(content, kind)

    def body_must_fit(self) -> None:
        """Of every request, whether its body is read or not. Raises BodyTooLargeError."""
        text = self.event.get("body") or ""
        if self.event.get("isBase64Encoded"):
            size = len(text) // 4 * 3 - text[-2:].count("=")  # RFC 4648 section 4
        else:
            size = len(text.encode(errors="surrogatepass"))
        if size > MAX_BODY_BYTES:
            raise BodyTooLargeError("the body is too large")

    def _raw_body(self) -> bytes:
        self.body_must_fit()
        text = self.event.get("body") or ""
        try:
            return base64.b64decode(text) if self.event.get("isBase64Encoded") else text.encode()
        except (binascii.Error, ValueError) as error:
            raise BodyMalformedError("the body is no text") from error

    def limit(self) -> int:
        text = self.query.get("limit")
        if text is None:
            return DEFAULT_LIMIT
        if _LIMIT.fullmatch(text) is None or not 1 <= int(text) <= MAX_LIMIT:
            raise FieldsInvalidError([("?limit", "INVALID")])
        return int(text)

    def cursor(self) -> str | None:
        """The place a previous page ended at. Raises CursorInvalidError for what no list of ours made."""
        text = self.query.get("cursor")
        return None if text is None else cursor_content(text)


def _converted(content: dict[str, Any], kind: type[T]) -> T:
    bad: list[tuple[str, str]] = []
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in content:
            if field.required:
                bad.append((f"/{field.encode_name}", "REQUIRED"))
            continue
        try:
            value = msgspec.convert(content[field.encode_name], field.type)
        except msgspec.ValidationError:
            bad.append((f"/{field.encode_name}", "INVALID"))
        else:
            if isinstance(value, str) and not _is_text(value):
                bad.append((f"/{field.encode_name}", "INVALID"))
    if bad:
        raise FieldsInvalidError(bad)
    return msgspec.convert(content, kind)


def _is_text(value: str) -> bool:
    """Lone surrogates are JSON but no text: neither a hash nor a database takes them."""
    return not any("\ud800" <= char <= "\udfff" or char == "\0" for char in value)


def cursor_of(content: str | None) -> str | None:
    """An opaque cursor; None on the last page."""
    if content is None:
        return None
    return base64.urlsafe_b64encode(json.dumps([1, content]).encode()).decode().rstrip("=")


def cursor_content(text: str) -> str:
    try:
        padded = text + "=" * (-len(text) % 4)
        version, content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise CursorInvalidError("not a cursor of ours") from error
    if version != 1 or not isinstance(content, str) or _PLACE.fullmatch(content) is None:
        raise CursorInvalidError("not a cursor of ours")
    return content
