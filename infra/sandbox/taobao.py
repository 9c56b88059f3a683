"""Taobao's gateway `POST /router/rest` with the affiliate account's orders and refunds behind it.

The gateway checks what the real one checks, on its own reading of the rules, not with the client's code. Answers are
HTTP 200; XML unless `format=json` is asked for.
Source: open.taobao.com, "API 调用方法详解", "公共错误码", and the pages of the two APIs (metadata of 2026-04).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from huixue.kernel.calendar import Clock
from infra.sandbox.messages import Reply, Request
from infra.sandbox.taobao_errors import TopError
from infra.sandbox.taobao_orders import order_details
from infra.sandbox.taobao_refunds import order_refunds
from infra.sandbox.taobao_rows import AffiliateRows, Row
from infra.sandbox.taobao_wire import error_body, read_time, rendered, request_id

_LOG = logging.getLogger(__name__)
GATEWAY_PATH = "/router/rest"
ORDER_DETAILS = "taobao.tbk.order.details.get"
ORDER_REFUNDS = "taobao.tbk.order.refund.get"
_SKEW = timedelta(minutes=10)
_LOOK_BACK = timedelta(days=90)
_MAX_WINDOW = timedelta(hours=3)
_PROMOTION_WINDOW = timedelta(minutes=20)


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
    orders: AffiliateRows
    refunds: AffiliateRows
    promotion_days: frozenset[date] = field(default_factory=frozenset)

    def answer(self, request: Request) -> Reply:
        fields = request.form()
        try:
            self._admit(request, fields)
            value = self._answered(fields)
        except TopError as error:
            value = error_body(error)
        return rendered(value, fields)

    def refuse(self, request: Request, code: int) -> Reply:
        """The scripted error, in the format the request asked for."""
        return rendered(error_body(TopError(code)), request.form())

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
        if fields["method"] not in (ORDER_DETAILS, ORDER_REFUNDS):
            raise TopError(22)

    def _check_identity(self, fields: Mapping[str, str]) -> None:
        secret = self.secrets.get(fields["app_key"])
        if secret is None:
            raise TopError(29)
        if abs(self.clock.now() - read_time(fields["timestamp"], 31)) > _SKEW:
            raise TopError(31)
        if fields["v"] != "2.0":
            raise TopError(33)
        if not hmac.compare_digest(expected_sign(secret, fields).encode(), fields["sign"].encode()):
            _LOG.warning("signature mismatch; the canonical string is %r", canonical_string(fields))
            raise TopError(25)

    def _answered(self, fields: Mapping[str, str]) -> Row:
        method = fields["method"]
        if method == ORDER_DETAILS:
            answer = order_details(fields, self._window, self.orders)
        else:
            answer = order_refunds(fields, self._window, self.refunds)
        root = method.removeprefix("taobao.").replace(".", "_") + "_response"
        return {root: answer | {"request_id": request_id()}}

    def _window(self, start_time: str | None, end_time: str | None) -> tuple[datetime, datetime]:
        for name, text in (("start_time", start_time), ("end_time", end_time)):
            if not text:
                raise TopError(40, f"{name} is required")
        start, end = read_time(start_time or "", 2000), read_time(end_time or "", 2000)
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
