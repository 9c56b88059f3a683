"""WeChat's `GET /sns/jscode2session`, as a mini-program's backend sees it.

Every answer is HTTP 200 with JSON sent as `text/plain`; success has no `errcode`; error texts end with a rid, so that
nobody matches on them.
Source: developers.weixin.qq.com, "小程序登录 / code2Session" and "全局返回码".
"""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from infra.sandbox.messages import Reply, Request, json_reply, text_reply

LOGIN_PATH = "/sns/jscode2session"
CODE = re.compile(r"sandbox-(?P<name>[\w.]{1,64})-(?P<nonce>[\w.-]{1,128})")
"""A name holds no hyphen, a nonce may: `sandbox-alice-550e8400-e29b-…` is alice."""
WITHOUT_UNIONID = ".nounion"

_REQUIRED = {
    "appid": (41002, "appid missing"),
    "secret": (41004, "appsecret missing"),
    "js_code": (41008, "missing code"),
}
_TEXTS = {
    45011: "api minute-quota reach limit, must slower retry next minute",
    40226: "code blocked",
    -1: "system error",
}


@dataclass(slots=True, kw_only=True)
class WechatLogin:
    """Secrets by app id, and the codes already used."""

    secrets: Mapping[str, str]
    used_codes: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Reply:
        if request.path != LOGIN_PATH:
            return text_reply(404, "no such WeChat interface here")
        if request.method != "GET":
            return refusal(43001, "require GET method")
        fields = request.query()
        return self._refused(fields) or self._exchange(fields["appid"], fields["js_code"])

    def reset(self) -> None:
        with self._lock:
            self.used_codes.clear()

    def _refused(self, fields: Mapping[str, str]) -> Reply | None:
        for name, (errcode, text) in _REQUIRED.items():
            if not fields.get(name):
                return refusal(errcode, text)
        if fields.get("grant_type") != "authorization_code":
            return refusal(40002, "invalid grant_type")
        secret = self.secrets.get(fields["appid"])
        if secret is None:
            return refusal(40013, "invalid appid")
        return refusal(40125, "invalid appsecret") if fields["secret"] != secret else None

    def _exchange(self, app_id: str, code: str) -> Reply:
        match = CODE.fullmatch(code)
        if match is None:
            return refusal(40029, "invalid code")
        with self._lock:
            if code in self.used_codes:
                return refusal(40163, "code been used")
            self.used_codes.add(code)
        return json_reply(session(app_id, match["name"], code), content_type="text/plain")


def session(app_id: str, name: str, code: str) -> dict[str, str]:
    """The same name has the same openid in an app, and the same unionid in all of them."""
    answer = {
        "session_key": base64.b64encode(hashlib.md5(code.encode()).digest()).decode(),  # noqa: S324 - 16 bytes, no security
        "openid": _open_id(f"{app_id}:{name}"),
    }
    return answer if name.endswith(WITHOUT_UNIONID) else answer | {"unionid": _open_id(name)}


def refusal(errcode: int, text: str | None = None) -> Reply:
    rid = uuid4().hex
    message = text or _TEXTS.get(errcode, "sandbox error")
    return json_reply(
        {"errcode": errcode, "errmsg": f"{message} rid: {rid[:8]}-{rid[8:16]}-{rid[16:24]}"},
        content_type="text/plain",
    )


def _open_id(seed: str) -> str:
    """`o` and 27 characters, the form of WeChat's ids."""
    return "o" + base64.urlsafe_b64encode(hashlib.sha256(seed.encode()).digest()).decode()[:27]
