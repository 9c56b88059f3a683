"""The stand-in's code2Session answers on the wire."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import urlencode

import pytest

from infra.sandbox.server import APP_ID
from tests.unit.sandbox.running import Sandbox, secret_of

GOOD = {
    "appid": APP_ID,
    "secret": secret_of(f"wechat:{APP_ID}"),
    "js_code": "sandbox-alice-1",
    "grant_type": "authorization_code",
}


def ask(
    sandbox: Sandbox, *, method: str = "GET", **changes: str | None
) -> tuple[int, dict[str, object]]:
    fields = {name: value for name, value in (GOOD | changes).items() if value is not None}
    reply = sandbox.pool.request(
        method, sandbox.url(f"/wechat/sns/jscode2session?{urlencode(fields)}")
    )
    return reply.status, json.loads(reply.data)


def test_success_has_a_session_key_and_no_errcode(sandbox: Sandbox) -> None:
    status, answer = ask(sandbox)

    assert status == 200
    assert set(answer) == {"openid", "session_key", "unionid"}
    assert len(base64.b64decode(str(answer["session_key"]))) == 16


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": None}, 41002),
        ({"secret": None}, 41004),
        ({"js_code": None}, 41008),
        ({"js_code": ""}, 41008),
        ({"grant_type": None}, 40002),
        ({"grant_type": "client_credential"}, 40002),
        ({"appid": "wx0"}, 40013),
        ({"secret": "0"}, 40125),
        ({"js_code": "081Kq4Ga1"}, 40029),
        ({"js_code": "sandbox-alice-"}, 40029),
        ({"js_code": "sandbox--1"}, 40029),
        ({"method": "POST"}, 43001),
    ],
)
def test_an_error_is_an_errcode_with_http_200_and_a_request_id(
    sandbox: Sandbox, changes: dict[str, str | None], errcode: int
) -> None:
    status, answer = ask(sandbox, **changes)  # type: ignore[arg-type]  # `method` is a text in the one case it is given

    assert (status, answer["errcode"]) == (200, errcode)
    assert re.search(r" rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$", str(answer["errmsg"]))
    assert set(answer) == {"errcode", "errmsg"}


def test_a_code_is_used_up_by_success_alone(sandbox: Sandbox) -> None:
    ask(sandbox, secret="0")

    assert "openid" in ask(sandbox)[1]
    assert ask(sandbox)[1]["errcode"] == 40163


def test_a_nonce_may_be_a_uuid(sandbox: Sandbox) -> None:
    plain = ask(sandbox)[1]["openid"]

    assert (
        ask(sandbox, js_code="sandbox-alice-550e8400-e29b-41d4-a716-446655440000")[1]["openid"]
        == plain
    )


def test_a_chinese_name_is_a_name(sandbox: Sandbox) -> None:
    assert "openid" in ask(sandbox, js_code="sandbox-小美-1")[1]


def test_a_cut_after_the_effect_has_used_the_code(sandbox: Sandbox) -> None:
    sandbox.fail("wechat", cut=True)

    with pytest.raises(Exception, match="closed connection"):
        ask(sandbox)

    assert ask(sandbox)[1]["errcode"] == 40163
