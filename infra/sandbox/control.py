"""Who answers what: the platforms, the faults before them, and the control routes for this machine alone.

POST   /sandbox/taobao/orders          a list of affiliate rows, over what is known of each trade_id
GET    /sandbox/taobao/orders          all of them
POST   /sandbox/taobao/refunds         a list of refunds of them, over what is known of each refund_suit_id
GET    /sandbox/taobao/refunds         all of them
POST   /sandbox/taobao/promotion-days  a list of `yyyy-MM-dd`: days with windows of at most 20 minutes
POST   /sandbox/faults                 the next calls of a platform fail (`faults.py`)
GET    /sandbox                        what is here
DELETE /sandbox                        forget everything
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from huixue.kernel.calendar import Clock
from infra.sandbox import wechat
from infra.sandbox.credentials import ADZONE_ID, APP_ID, CREDENTIALS, TAOBAO_APP_KEY
from infra.sandbox.faults import BadControlError, Fault, FaultPlan, read_fault
from infra.sandbox.messages import Reply, Request, json_reply, text_reply
from infra.sandbox.taobao import GATEWAY_PATH, TaobaoGateway
from infra.sandbox.taobao_orders import ORDERS
from infra.sandbox.taobao_refunds import REFUNDS, with_their_orders
from infra.sandbox.taobao_rows import AffiliateRows, read_rows

Wait = Callable[[float], object]
_DAYS_EXPECTED = 'expected a JSON list of days like "2026-11-11"'


@dataclass(slots=True, kw_only=True)
class World:
    """All state of one stand-in."""

    clock: Clock
    promotion_days: frozenset[date] = field(default_factory=frozenset)
    faults: FaultPlan = field(default_factory=FaultPlan)
    wechat: wechat.WechatLogin = field(init=False)
    orders: AffiliateRows = field(init=False)
    refunds: AffiliateRows = field(init=False)
    taobao: TaobaoGateway = field(init=False)

    def __post_init__(self) -> None:
        self.wechat = wechat.WechatLogin(secrets=_secrets("wechat"))
        self.orders = AffiliateRows(clock=self.clock, table=ORDERS)
        self.refunds = AffiliateRows(clock=self.clock, table=REFUNDS)
        self.taobao = TaobaoGateway(
            secrets=_secrets("taobao"),
            clock=self.clock,
            orders=self.orders,
            refunds=self.refunds,
            promotion_days=self.promotion_days,
        )

    def answer(self, request: Request, *, is_local: bool, wait: Wait) -> Reply | None:
        """None: close the connection without an answer. `wait` sleeps for a scripted delay."""
        if request.path.startswith("/wechat/"):
            call = partial(self.wechat.answer, _below(request, "/wechat"))
            return self._faulted("wechat", call, request, wait)
        if request.path == "/taobao" + GATEWAY_PATH:
            return self._faulted("taobao", partial(self.taobao.answer, request), request, wait)
        if not is_local:
            return text_reply(403, "control is for the machine this runs on")
        return self._control(request)

    def _faulted(
        self, platform: str, call: Callable[[], Reply], request: Request, wait: Wait
    ) -> Reply | None:
        fault = self.faults.take(platform)
        if fault is None:
            return call()
        if fault.delay_s:
            wait(fault.delay_s)
        if fault.cut == "before":
            return None
        reply = self._instead(fault, request) or call()
        return None if fault.cut == "after" else reply

    def _instead(self, fault: Fault, request: Request) -> Reply | None:
        if fault.status is not None:
            return text_reply(fault.status, "scripted failure")
        if fault.errcode is not None:
            is_wechat = fault.platform == "wechat"
            return (
                wechat.refusal(fault.errcode)
                if is_wechat
                else self.taobao.refuse(request, fault.errcode)
            )
        return text_reply(200, fault.body) if fault.body is not None else None

    def _control(self, request: Request) -> Reply:
        path = request.path.rstrip("/")
        routes: Mapping[str, Mapping[str, Callable[[Request], Reply]]] = {
            "": {"GET": self._overview, "DELETE": self._reset},
            "/faults": {"POST": self._add_fault},
            "/taobao/orders": {"POST": self._upsert_orders, "GET": self._list_orders},
            "/taobao/refunds": {"POST": self._upsert_refunds, "GET": self._list_refunds},
            "/taobao/promotion-days": {"POST": self._set_promotion_days},
        }
        if path not in routes:
            return _control_error(
                404, f"no such path; there are /sandbox{', /sandbox'.join(routes)}"
            )
        if request.method not in routes[path]:
            return _control_error(405, f"expected {' or '.join(routes[path])}")
        try:
            return routes[path][request.method](request)
        except BadControlError as error:
            return _control_error(400, str(error))

    def _overview(self, _request: Request) -> Reply:
        return json_reply(
            {
                "app_id": APP_ID,
                "taobao_app_key": TAOBAO_APP_KEY,
                "adzone_id": ADZONE_ID,
                "orders": len(self.orders.all()),
                "refunds": len(self.refunds.all()),
                "promotion_days": sorted(day.isoformat() for day in self.taobao.promotion_days),
                "used_codes": len(self.wechat.used_codes),
                "pending_faults": self.faults.pending(),
            }
        )

    def _reset(self, _request: Request) -> Reply:
        self.faults.reset()
        self.wechat.reset()
        self.orders.reset()
        self.refunds.reset()
        self.taobao.promotion_days = self.promotion_days
        return json_reply({})

    def _add_fault(self, request: Request) -> Reply:
        self.faults.add(read_fault(_json(request)))
        return json_reply({"pending_faults": self.faults.pending()})

    def _upsert_orders(self, request: Request) -> Reply:
        rows = read_rows(_json(request))
        self.orders.upsert(rows)
        return json_reply({"taken": len(rows)})

    def _list_orders(self, _request: Request) -> Reply:
        return json_reply(self.orders.all())

    def _upsert_refunds(self, request: Request) -> Reply:
        rows = read_rows(_json(request))
        self.refunds.upsert(with_their_orders(rows, self.orders.all()))
        return json_reply({"taken": len(rows)})

    def _list_refunds(self, _request: Request) -> Reply:
        return json_reply(self.refunds.all())

    def _set_promotion_days(self, request: Request) -> Reply:
        self.taobao.promotion_days = _read_days(_json(request))
        return json_reply({"promotion_days": sorted(map(str, self.taobao.promotion_days))})


def _secrets(platform: str) -> dict[str, str]:
    prefix = f"{platform}:"
    return {
        name.removeprefix(prefix): CREDENTIALS[name]
        for name in CREDENTIALS
        if name.startswith(prefix)
    }


def _below(request: Request, prefix: str) -> Request:
    return Request(
        method=request.method,
        target=request.target.removeprefix(prefix),
        headers=request.headers,
        body=request.body,
    )


def _json(request: Request) -> object:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadControlError("expected a JSON body") from error


def _read_days(value: object) -> frozenset[date]:
    if not isinstance(value, list) or not all(isinstance(day, str) for day in value):
        raise BadControlError(_DAYS_EXPECTED)
    try:
        return frozenset(date.fromisoformat(day) for day in value)
    except ValueError as error:
        raise BadControlError(_DAYS_EXPECTED) from error


def _control_error(status: int, text: str) -> Reply:
    return json_reply({"error": text}, status=status)
