"""Taobao's gateway `POST /router/rest` with `taobao.tbk.order.details.get` behind it.

The gateway checks what the real one checks, on its own reading of the rules, not with the client's code. Answers are
HTTP 200; XML unless `format=json` is asked for.
Source: open.taobao.com, "API 调用方法详解", "公共错误码", and the API's own page (metadata of 2026-04).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import uuid4

from huixue.kernel.calendar import SHANGHAI, Clock
from infra.sandbox.messages import Reply, Request, json_reply
from infra.sandbox.taobao_orders import (
    TIME_BY_QUERY_TYPE,
    TIME_FORMAT,
    AffiliateOrders,
    Query,
    Row,
    Slice,
    read_position,
)
from infra.sandbox.top_xml import as_xml

_LOG = logging.getLogger(__name__)
GATEWAY_PATH = "/router/rest"
ORDER_DETAILS = "taobao.tbk.order.details.get"
_SKEW = timedelta(minutes=10)
_LOOK_BACK = timedelta(days=90)
_MAX_WINDOW = timedelta(hours=3)
_PROMOTION_WINDOW = timedelta(minutes=20)
_BAN_S = 5

_GATEWAY_ERRORS = {
    7: ("App Call Limited", "accesscontrol.limited-by-api-access-count"),
    9: ("Http action not allowed", "isv.http-action-not-allowed"),
    10: ("Service Currently Unavailable", "isp.service-unavailable"),
    11: ("Insufficient ISV Permissions", "isv.permission-api-package-limit"),
    15: ("Remote service error", "isp.pubrpt-service-unavailable"),
    21: ("Missing Method", "isv.missing-method"),
    22: ("Invalid Method", "isv.invalid-method"),
    23: ("Invalid Format", "isv.invalid-format"),
    24: ("Missing signature", "isv.missing-signature"),
    25: ("Invalid signature", "isv.invalid-signature"),
    26: ("Missing session", "isv.missing-session"),
    27: ("Invalid session", "isv.invalid-session"),
    28: ("Missing App Key", "isv.missing-app-key"),
    29: ("Invalid App Key", "isv.appkey-not-exists"),
    30: ("Missing Timestamp", "isv.missing-timestamp"),
    31: ("Invalid Timestamp", "isv.invalid-timestamp"),
    32: ("Missing Version", "isv.missing-version"),
    33: ("Invalid Version", "isv.invalid-version"),
    40: ("Missing Required Arguments", "isv.missing-parameter"),
}
_API_TEXTS = {
    1001: "参数错误",
    1005: "jumpType错误",
    1006: "tkStatus错误",
    1008: "positionIndex错误",
    2000: "时间格式错误",
    2001: "开始时间大于等于结束时间",
    2002: "开始时间大于当前时间",
    2004: "开始时间早于90天",
    2007: "查询时间跨度过长",
    3000: "限流，请次日重试",
    3001: "系统繁忙，请重试",
    9100: "账号限流",
}


class TopError(Exception):
    """One `error_response`."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    def fields(self) -> Row:
        if self.code >= 1000:
            return {"code": 15, "msg": "Remote service error", "sub_code": str(self.code)} | {
                "sub_msg": _API_TEXTS.get(self.code, "错误")
            }
        text, sub_code = _GATEWAY_ERRORS.get(self.code, ("Error", "isv.error"))
        sub_msg = f"This ban will last for {_BAN_S} more seconds" if self.code == 7 else self.detail
        fields: Row = {"code": self.code, "msg": text, "sub_code": sub_code}
        return fields | ({"sub_msg": sub_msg} if sub_msg else {})


def canonical_string(fields: Mapping[str, str]) -> str:
    """Key and value of everything but `sign`, sorted by key, nothing between, empty ones left out."""
    return "".join(
        name + fields[name] for name in sorted(fields) if name and name != "sign" and fields[name]
    )


def expected_sign(secret: str, fields: Mapping[str, str]) -> str:
    text, key = canonical_string(fields).encode(), secret.encode()
    match fields.get("sign_method", "md5"):
        case "md5":
            digest = hashlib.md5(key + text + key).hexdigest()  # noqa: S324 - the platform's own method
        case "hmac":
            digest = hmac.new(key, text, "md5").hexdigest()
        case "hmac-sha256":
            digest = hmac.new(key, text, "sha256").hexdigest()
        case _:
            raise TopError(25, "sign_method must be md5, hmac or hmac-sha256")
    return digest.upper()


@dataclass(slots=True, kw_only=True)
class TaobaoGateway:
    secrets: Mapping[str, str]
    clock: Clock
    orders: AffiliateOrders
    promotion_days: frozenset[date] = field(default_factory=frozenset)

    def answer(self, request: Request) -> Reply:
        fields = request.form()
        try:
            self._admit(request, fields)
            value = self._order_details(fields)
        except TopError as error:
            value = _error_body(error)
        return _rendered(value, fields)

    def refuse(self, request: Request, code: int) -> Reply:
        """The scripted error, in the format the request asked for."""
        return _rendered(_error_body(TopError(code)), request.form())

    def _admit(self, request: Request, fields: Mapping[str, str]) -> None:
        if request.method != "POST":
            raise TopError(9)
        if fields.get("format", "xml") not in ("json", "xml"):
            raise TopError(23)
        for name, code in (
            ("method", 21),
            ("app_key", 28),
            ("timestamp", 30),
            ("v", 32),
            ("sign", 24),
        ):
            if not fields.get(name):
                raise TopError(code)
        self._check_identity(fields)
        if fields["method"] != ORDER_DETAILS:
            raise TopError(22)

    def _check_identity(self, fields: Mapping[str, str]) -> None:
        secret = self.secrets.get(fields["app_key"])
        if secret is None:
            raise TopError(29)
        if abs(self.clock.now() - _time(fields["timestamp"], 31)) > _SKEW:
            raise TopError(31)
        if fields["v"] != "2.0":
            raise TopError(33)
        if not hmac.compare_digest(expected_sign(secret, fields).encode(), fields["sign"].encode()):
            _LOG.warning("signature mismatch; the canonical string is %r", canonical_string(fields))
            raise TopError(25)

    def _order_details(self, fields: Mapping[str, str]) -> Row:
        page_no = _number(fields, "page_no", 1, range(1, 101), 1001)
        page_size = _number(fields, "page_size", 20, range(1, 101), 1001)
        query = self._query(fields, page_no, page_size)
        found = self.orders.slice(query)
        data: Row = {"results": _results(found.rows)} | _place_of(found)
        data |= {"page_no": page_no, "page_size": page_size}
        return {"tbk_order_details_get_response": {"data": data, "request_id": _request_id()}}

    def _query(self, fields: Mapping[str, str], page_no: int, page_size: int) -> Query:
        start, end = self._window(fields)
        position = None
        if page_no > 1:
            position = read_position(fields.get("position_index", ""))
            if position is None:
                raise TopError(1008)
        scene = _number(fields, "order_scene", 1, range(1, 4), 1001)
        tk_status = _number(fields, "tk_status", 0, (0, 3, 11, 12, 13, 14), 1006)
        _number(fields, "member_type", 2, (2, 3), 1001)
        return Query(
            query_type=_number(fields, "query_type", 1, TIME_BY_QUERY_TYPE, 1001),
            start=start,
            end=end,
            page_size=page_size,
            backwards=_number(fields, "jump_type", 1, (1, -1), 1005) == -1,
            position=position,
            tk_status=tk_status or None,
            must_name={2: "relation_id", 3: "special_id"}.get(scene),
        )

    def _window(self, fields: Mapping[str, str]) -> tuple[datetime, datetime]:
        for name in ("start_time", "end_time"):
            if not fields.get(name):
                raise TopError(40, f"{name} is required")
        start, end = _time(fields["start_time"], 2000), _time(fields["end_time"], 2000)
        now = self.clock.now()
        refusals: list[tuple[int, Callable[[], bool]]] = [
            (2001, lambda: start >= end),
            (2002, lambda: start > now),
            (2004, lambda: start < now - _LOOK_BACK),
            (2007, lambda: end - start > self._longest(start, end)),
        ]
        for code, holds in refusals:
            if holds():
                raise TopError(code)
        return start, end

    def _longest(self, start: datetime, end: datetime) -> timedelta:
        touched = {start.date(), (end - timedelta(seconds=1)).date()}
        return _PROMOTION_WINDOW if touched & self.promotion_days else _MAX_WINDOW


def _time(text: str, code: int) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text):
        raise TopError(code)
    try:
        instant = datetime.strptime(text, TIME_FORMAT).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise TopError(code) from error
    if not 1990 < instant.year < 2200:
        raise TopError(code)
    return instant


def _number(
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


def _results(rows: list[Row]) -> Row:
    """The list wrapper; with no rows the list is missing from it."""
    return {"publisher_order_dto": [_printed(row) for row in rows]} if rows else {}


def _printed(row: Row) -> Row:
    """Ids as the platform prints them: text in one row, a 64-bit number in the next."""
    as_numbers = {"adzone_id", "pub_id", "site_id"}
    if int(hashlib.sha256(str(row["trade_id"]).encode()).hexdigest(), 16) % 2:
        as_numbers |= {"trade_id", "trade_parent_id"}
    return {
        name: int(str(value)) if name in as_numbers and _is_int64(str(value)) else value
        for name, value in row.items()
    }


def _is_int64(text: str) -> bool:
    return bool(re.fullmatch(r"0|[1-9][0-9]{0,18}", text)) and int(text) < 2**63


def _place_of(found: Slice) -> Row:
    place: Row = {"has_pre": found.has_pre, "has_next": found.has_next}
    return place | ({"position_index": found.position_index} if found.position_index else {})


def _error_body(error: TopError) -> Row:
    return {"error_response": error.fields() | {"request_id": _request_id()}}


def _request_id() -> str:
    return uuid4().hex[:12]


def _rendered(value: Row, fields: Mapping[str, str]) -> Reply:
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
