"""What an `error_response` of Taobao's gateway means for whoever reads the affiliate feed.

Source: open.taobao.com, "公共错误码" and the error table of `taobao.tbk.order.details.get`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from huixue.kernel.calendar import business_date, start_of_day
from huixue.kernel.errors import HuixueError, MisconfiguredError, UnavailableError


class ThrottledError(UnavailableError):
    """Asked too often; `retry_after_s` says when to come back (quota of the day: after midnight in China)."""

    code = "TAOBAO_THROTTLED"


class TokenExpiredError(MisconfiguredError):
    """The session is missing or over: the account's owner must authorise again."""

    code = "TAOBAO_TOKEN_EXPIRED"


class RequestRefusedError(HuixueError):
    """The platform will never take this request; asking again changes nothing. `facts` hold its codes."""

    code = "TAOBAO_REQUEST_REFUSED"


class WindowTooLongError(HuixueError):
    """A day of promotion: ask for windows of `PROMOTION_WINDOW`."""

    code = "WINDOW_TOO_LONG"


class WindowTooFullError(HuixueError):
    """More than 100 pages lie in the window: ask for its halves."""

    code = "WINDOW_TOO_FULL"


_THROTTLED = range(4, 9)
_SESSION = frozenset({26, 27})
_OPERATORS_BUSINESS: Final[Mapping[int, str]] = {
    11: "the app has no permission for this API: apply for it",
    12: "the app has no permission for this API: apply for it",
    13: "the app has no permission for this API: apply for it",
    24: "the signature is missing: check the app key and secret",
    25: "the signature does not fit: check the app secret",
    28: "the app key is missing: check the configuration",
    29: "the platform does not know the app key: check the configuration",
    30: "the timestamp is missing: check this server's clock",
    31: "the platform refuses our timestamp: check this server's clock",
    42: "the platform forbids the call: check the app's permissions and IP list",
}
_REFUSED = frozenset({3, 9, 21, 22, 23, 32, 33, 34, 40, 41, 43})
_WINDOW_TOO_LONG, _QUOTA_OF_THE_DAY, _BUSY, _ACCOUNT_THROTTLED = "2007", "3000", "3001", "9100"
_API_REFUSED = frozenset({"1001", "1005", "1006", "1008", "2000", "2001", "2002", "2004"})
_API_CODES = _API_REFUSED | {_WINDOW_TOO_LONG, _QUOTA_OF_THE_DAY, _BUSY, _ACCOUNT_THROTTLED}
_LEADING_CODE = re.compile(r"\D{0,8}([0-9]{4})(?![0-9])")
_BAN = re.compile(r"last for ([0-9]{1,6}) more second")
_SAFE_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


def classified(error: Mapping[str, object], now: datetime) -> HuixueError:
    """One error for one `error_response`. Never raises; facts hold codes, never the platform's texts."""
    code, sub_code = _integer(error.get("code")), _text(error.get("sub_code"))
    facts = {
        "platform_code": code,
        "sub_code": sub_code if _SAFE_CODE.fullmatch(sub_code) else None,
    }
    if code in _THROTTLED:
        return ThrottledError("Taobao limits our calls", retry_after_s=_ban_s(error), **facts)
    if code in _SESSION:
        return TokenExpiredError("Taobao wants a new authorisation of the account", **facts)
    if hint := _OPERATORS_BUSINESS.get(code or 0):
        return MisconfiguredError(f"Taobao refused the call: {hint}", **facts)
    if code in _REFUSED:
        return RequestRefusedError("Taobao does not take this request", **facts)
    return _remote_error(_api_code(error), sub_code, facts, now)


def _remote_error(
    api_code: str | None, sub_code: str, facts: Mapping[str, object], now: datetime
) -> HuixueError:
    """Code 15 and whatever the tables do not know: the API's own code decides, then whose fault it is (isv: ours)."""
    facts = {**facts, "api_code": api_code}
    if api_code == _WINDOW_TOO_LONG:
        return WindowTooLongError("Taobao takes only shorter windows for these times", **facts)
    if api_code == _QUOTA_OF_THE_DAY:
        return ThrottledError(
            "the day's quota is used up", retry_after_s=_until_tomorrow_s(now), **facts
        )
    if api_code == _ACCOUNT_THROTTLED:
        return ThrottledError("Taobao limits this account", retry_after_s=1, **facts)
    if api_code in _API_REFUSED or (api_code is None and sub_code.startswith("isv.")):
        return RequestRefusedError("Taobao does not take this request", **facts)
    return UnavailableError("Taobao could not answer now", retry_after_s=1, **facts)


def _api_code(error: Mapping[str, object]) -> str | None:
    """The API's four digits, in `sub_code` or at the head of a text."""
    for name in ("sub_code", "sub_msg", "msg"):
        match = _LEADING_CODE.match(_text(error.get(name)))
        if match and match[1] in _API_CODES:
            return match[1]
    return None


def _ban_s(error: Mapping[str, object]) -> int:
    match = _BAN.search(_text(error.get("sub_msg"))) or _BAN.search(_text(error.get("msg")))
    return min(max(int(match[1]), 1), 86_400) if match else 1


def _until_tomorrow_s(now: datetime) -> int:
    return max(
        1, int((start_of_day(business_date(now) + timedelta(days=1)) - now).total_seconds()) + 1
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _integer(value: object) -> int | None:
    """Numbers arrive as text from our decoder."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None
