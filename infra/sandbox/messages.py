"""What comes in and goes out, without sockets: platforms are functions from a request to a reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    target: str
    """Path and query as the client sent them."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def form(self) -> dict[str, str]:
        """Query and form body together; undecodable bytes become U+FFFD, so they fail the signature."""
        text = self.body.decode("utf-8", "replace")
        return self.query() | dict(parse_qsl(text, keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = 200
    content_type: str = JSON_TYPE
    body: bytes = b""


def json_reply(value: object, *, status: int = 200, content_type: str = JSON_TYPE) -> Reply:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Reply(status=status, content_type=content_type, body=text.encode())


def text_reply(status: int, text: str) -> Reply:
    return Reply(status=status, content_type="text/plain;charset=UTF-8", body=text.encode())
