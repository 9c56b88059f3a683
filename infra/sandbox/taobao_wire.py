"""How both interfaces of the affiliate platform read their questions and print their answers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import uuid4

from huixue.kernel.calendar import SHANGHAI
from infra.sandbox.messages import Reply, json_reply
from infra.sandbox.taobao_errors import TopError
from infra.sandbox.taobao_rows import TIME_FORMAT, Row, Slice
from infra.sandbox.top_xml import as_xml

Window = Callable[[str | None, str | None], tuple[datetime, datetime]]
"""Start and end as asked for → instants the platform takes; raises TopError."""


def read_time(text: str, code: int) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text):
        raise TopError(code)
    try:
        instant = datetime.strptime(text, TIME_FORMAT).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise TopError(code) from error
    if not 1990 < instant.year < 2200:
        raise TopError(code)
    return instant


def number(
    fields: Mapping[str, str],
    name: str,
    default: int,
    allowed: range | tuple[int, ...] | Mapping[int, str],
    code: int,
) -> int:
    text = fields.get(name) or str(default)
    if not re.fullmatch(r"-?[0-9]{1,9}", text) or int(text) not in allowed:
        raise TopError(code)
    return int(text)


def printed_ids(row: Row, *trade_ids: str) -> Row:
    """Ids as the platform prints them: text in one row, a 64-bit number in the next."""
    as_numbers = {"adzone_id", "pub_id", "site_id"}
    if int(hashlib.sha256(str(row[trade_ids[0]]).encode()).hexdigest(), 16) % 2:
        as_numbers |= set(trade_ids)
    return {
        name: int(str(value)) if name in as_numbers and _is_int64(str(value)) else value
        for name, value in row.items()
    }


def _is_int64(text: str) -> bool:
    return bool(re.fullmatch(r"0|[1-9][0-9]{0,18}", text)) and int(text) < 2**63


def page_of(found: Slice, page_no: int, page_size: int) -> Row:
    place: Row = {"has_pre": found.has_pre, "has_next": found.has_next}
    place |= {"position_index": found.position_index} if found.position_index else {}
    return place | {"page_no": page_no, "page_size": page_size}


def request_id() -> str:
    return uuid4().hex[:12]


def error_body(error: TopError) -> Row:
    return {"error_response": error.fields() | {"request_id": request_id()}}


def rendered(value: Row, fields: Mapping[str, str]) -> Reply:
    if fields.get("format", "xml") != "json":
        return Reply(content_type="text/xml;charset=utf-8", body=as_xml(value).encode())
    if fields.get("simplify") == "true" and "error_response" not in value:
        value = _simplified(value)
    return json_reply(value, content_type="text/javascript;charset=UTF-8")


def _simplified(value: Row) -> Row:
    """Without the root, and with lists in the place of their wrappers."""
    (answer,) = value.values()
    return {name: _unwrapped(part) for name, part in dict(answer).items()}  # type: ignore[call-overload]  # a Row


def _unwrapped(value: object) -> object:
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and isinstance(only := next(iter(value.values())), list):
        return only
    return {name: _unwrapped(part) for name, part in value.items() if part != {}}
