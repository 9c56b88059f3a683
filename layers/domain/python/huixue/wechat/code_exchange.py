"""WeChat sign-in: a `wx.login` code for the member's ids, `GET /sns/jscode2session`.

Errors are told by `errcode` alone: HTTP is 200 throughout, and the text ends with a request id.
Source: developers.weixin.qq.com, "小程序登录 / code2Session" and "全局返回码".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProtocolError

from huixue.kernel.errors import HuixueError, MisconfiguredError, UnavailableError

PATH: Final = "/sns/jscode2session"
TIMEOUT: Final = urllib3.Timeout(connect=1.0, read=2.5)

_MAX_REPLY_BYTES = 64 * 1024
_MAX_CODE_CHARS = 256
_MAX_ID_CHARS = 128
_OK, _BUSY, _BLOCKED = 0, -1, 40226
_BAD_CODE = frozenset({40029, 40163})
_RETRY_AFTER_S = {_BUSY: 1, 45011: 60, 45009: 3600}
_OPERATORS_BUSINESS = frozenset(
    {
        40002,
        40013,
        40125,
        40164,
        41002,
        41004,
        41008,
        43001,
        43002,
        44002,
        45035,
        47001,
        48001,
        48004,
        50002,
        61004,
    }
)


class LoginCodeInvalidError(HuixueError):
    """The code is made up, used, expired or of another app: call `wx.login` again."""

    code = "LOGIN_CODE_INVALID"


class LoginBlockedError(LoginCodeInvalidError):
    """WeChat holds this user for a risk and gives nobody her ids; a new code changes nothing today."""

    code = "LOGIN_BLOCKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class WechatIdentity:
    openid: str = field(repr=False)
    """Hers in this app."""
    unionid: str | None = field(repr=False)
    """Hers in all apps of the open-platform account; None where the app is bound to none."""


class _Answer(msgspec.Struct, frozen=True):
    """What is read of a reply; `session_key` is not, so it can go nowhere."""

    errcode: int = _OK
    openid: str | None = None
    unionid: str | None = None


@dataclass(frozen=True, slots=True)
class _NoAnswer:
    """Why nothing usable came back, and whether WeChat may have taken the code all the same."""

    reason: Literal["not_connected", "cut_off", "late", "unreadable", "http_status"]
    may_be_taken: bool
    may_repeat: bool = False
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExchange:
    """Asks WeChat. `base_url` has no trailing slash: `https://api.weixin.qq.com`, or the local stand-in's.

    The address carries the app's secret and the code (WeChat takes them nowhere else), and urllib3 writes addresses to
    its own logger at DEBUG: whoever sets up logging keeps `urllib3` at INFO or above.
    """

    pool: urllib3.PoolManager
    base_url: str
    app_id: str
    app_secret: str = field(repr=False)

    def exchange(self, code: str) -> WechatIdentity:
        """Ids of whoever called `wx.login`; her session key is dropped unread.

        A code works once, so a call is repeated at most once and only where that can help: no connection, a connection
        cut before any answer (a pooled one the other side had closed looks the same), or "system busy". A late
        answer is not waited for again. "Code used" after our own first try may be our own doing: that reads as
        UnavailableError, never as the member's fault.

        Raises LoginCodeInvalidError (LoginBlockedError among them), UnavailableError (come back with a new code),
        MisconfiguredError (app id, secret, address list). None of them carries the code, the secret or an id.
        """
        if not 0 < len(code) <= _MAX_CODE_CHARS or not code.isprintable() or code.isspace():
            raise LoginCodeInvalidError("the sign-in code is empty, too long or no text")
        answer = self._ask(code)
        may_be_ours = False
        if _may_repeat(answer):
            may_be_ours = isinstance(answer, _Answer) or answer.may_be_taken
            answer = self._ask(code)
        if isinstance(answer, _NoAnswer):
            raise _failure(answer)
        if answer.errcode != _OK:
            raise _refusal(answer.errcode, may_be_ours=may_be_ours)
        return _identity(answer)

    def _ask(self, code: str) -> _Answer | _NoAnswer:
        """Errors end here as values: urllib3's own hold the address, and with it secret and code."""
        fields = {
            "appid": self.app_id,
            "secret": self.app_secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        try:
            reply = self.pool.request(
                "GET",
                self.base_url + PATH,
                fields=fields,
                timeout=TIMEOUT,
                retries=False,
                preload_content=False,
            )
        except (NewConnectionError, ConnectTimeoutError):
            return _NoAnswer("not_connected", may_be_taken=False, may_repeat=True)
        except ProtocolError:
            return _NoAnswer("cut_off", may_be_taken=True, may_repeat=True)
        except HTTPError:
            return _NoAnswer("late", may_be_taken=True)
        return _read(reply)


def _may_repeat(answer: _Answer | _NoAnswer) -> bool:
    return answer.may_repeat if isinstance(answer, _NoAnswer) else answer.errcode == _BUSY


def _read(reply: urllib3.BaseHTTPResponse) -> _Answer | _NoAnswer:
    try:
        body = reply.read(_MAX_REPLY_BYTES + 1)
    except HTTPError:
        return _NoAnswer("cut_off", may_be_taken=True)
    if len(body) > _MAX_REPLY_BYTES:
        reply.close()  # the rest is never read, so this connection serves nobody else
    reply.release_conn()
    if len(body) > _MAX_REPLY_BYTES:
        return _NoAnswer("unreadable", may_be_taken=True)
    if reply.status != 200:
        return _NoAnswer("http_status", may_be_taken=True, status=reply.status)
    try:
        return msgspec.json.decode(body, type=_Answer)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _NoAnswer("unreadable", may_be_taken=True)


def _identity(answer: _Answer) -> WechatIdentity:
    unionid = answer.unionid or None
    if not _is_id(answer.openid) or not (unionid is None or _is_id(unionid)):
        raise UnavailableError("WeChat answered without usable ids", reason="unreadable")
    return WechatIdentity(openid=str(answer.openid), unionid=unionid)


def _is_id(text: str | None) -> bool:
    return (
        text is not None
        and 0 < len(text) <= _MAX_ID_CHARS
        and text.isascii()
        and text.isprintable()
    )


def _failure(answer: _NoAnswer) -> HuixueError:
    if answer.status in (401, 403, 404):
        return MisconfiguredError(
            "WeChat refused the call itself: check the address and that this server's IP is on the app's list",
            status=answer.status,
        )
    return UnavailableError(
        "WeChat gave no usable answer", reason=answer.reason, status=answer.status
    )


def _refusal(errcode: int, *, may_be_ours: bool) -> HuixueError:
    if errcode == _BLOCKED:
        return LoginBlockedError("WeChat blocks this user for a risk", errcode=errcode)
    if errcode in _BAD_CODE and not may_be_ours:
        return LoginCodeInvalidError(
            "WeChat does not know this sign-in code, or it was used", errcode=errcode
        )
    if errcode in _OPERATORS_BUSINESS:
        return MisconfiguredError(
            "WeChat refused our request: check the mini-program's app id, secret and IP list",
            errcode=errcode,
        )
    return UnavailableError(
        "WeChat could not exchange the code now",
        retry_after_s=_RETRY_AFTER_S.get(errcode, 1),
        errcode=errcode,
    )
