"""Requests that are refused, and proof that nothing came of them."""

from __future__ import annotations

from typing import Any

from tests.functions.http import ROUTE_OF, Answered, asked, request
from tests.functions.orders import number
from tests.functions.stage import Stage

GOOD: dict[str, dict[str, Any]] = {
    "sign_in": {"code": "sandbox-alice-1", "programme_id": "demo"},
    "submit_order": {
        "platform": "taobao", "order_number": number(1), "account": "a_buyer", "room_level": "gold",
    },
    "start_order_sync": {
        "platform": "taobao", "account": "a_buyer", "order_number": number(1),
        "paid_amount_fen": 17_880,
    },
    "appeal_order": {"message": "请核对"},
    "appeal_freeze": {"message": "请核对"},
    "put_me": {
        "nickname": "小美", "region": "上海", "skin_type": "undisclosed", "group_nickname": "上海",
    },
}  # fmt: skip
LONGEST = {"code": 256, "message": 500}
"""Characters of fields that may hold more than 64."""
OPTIONAL = {
    ("sign_in", "programme_id"),
    ("submit_order", "account"),
    ("submit_order", "room_level"),
    *(("put_me", field) for field in ("nickname", "region", "skin_type", "group_nickname")),
}
FIELDS = [(function, field) for function, body in GOOD.items() for field in body]


def refused(stage: Stage, function: str, event: dict[str, Any]) -> Answered:
    """The answer, having made sure that nothing was read (but her own row), written or sent for it."""
    before = stage.contents()
    stage.calls.clear()
    found = asked(stage, function, event)
    assert 400 <= found.status < 500
    calls = [each for each in stage.calls if not each.startswith("secret")]
    assert calls in ([], ["dynamodb.GetItem"])  # whether the session's member was erased
    assert stage.contents() == before
    return found


def request_of(stage: Stage, function: str, **changes: Any) -> dict[str, Any]:
    token = stage.token() if ROUTE_OF[function].needs_session else None
    return request(function, token=token, **changes)
