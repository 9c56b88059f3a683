"""A call of Taobao's gateway (TOP): signed, sent once, its answer read without losing a digit.

Source: open.taobao.com, "API 调用方法详解".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError

from huixue.kernel.calendar import SHANGHAI, Clock
from huixue.kernel.errors import HuixueError, MisconfiguredError, UnavailableError
from huixue.platforms.taobao.affiliate_errors import ThrottledError, classified
from huixue.platforms.taobao.signing import signed

TIMEOUT: Final = urllib3.Timeout(connect=1.0, read=8.0)
_MAX_REPLY_BYTES = 8 * 1024 * 1024
_TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One account at the gateway. `endpoint` is `https://eco.taobao.com/router/rest`."""

    pool: urllib3.PoolManager
    endpoint: str
    app_key: str
    app_secret: str = field(repr=False)
    clock: Clock

    def ask(self, method: str, question: Mapping[str, str]) -> Mapping[str, object]:
        """What stands below the answer's root. Numbers in it are text. May be repeated: reading changes nothing.

        Raises what `classified` makes of an `error_response`, ThrottledError, MisconfiguredError, and
        UnavailableError, also for an answer that is none.
        """
        now = self.clock.now()
        parameters = {
            "method": method,
            "app_key": self.app_key,
            "timestamp": local_text(now),
            "format": "json",
            "v": "2.0",
            **question,
        }
        status, body = self._post(urlencode(signed(parameters, secret=self.app_secret)))
        if status != 200:
            raise _http_failure(status)
        answer = _decoded(body)
        error = answer.get("error_response")
        if isinstance(error, dict):
            raise classified(error, now)
        root = method.removeprefix("taobao.").replace(".", "_") + "_response"
        return mapping(answer.get(root))

    def _post(self, form: str) -> tuple[int, bytes]:
        failure: UnavailableError
        try:
            reply = self.pool.request(
                "POST",
                self.endpoint,
                body=form.encode(),
                headers=_HEADERS,
                timeout=TIMEOUT,
                retries=False,
                preload_content=False,
            )
            body = reply.read(_MAX_REPLY_BYTES + 1)
        except HTTPError as error:
            failure = UnavailableError("Taobao gave no answer", reason=type(error).__name__)
        else:
            if len(body) <= _MAX_REPLY_BYTES:
                reply.release_conn()
                return reply.status, body
            reply.close()  # the rest is never read, so this connection serves nobody else
            reply.release_conn()
            failure = UnavailableError("Taobao's answer is too long", reason="unreadable")
        raise failure


def local_text(instant: datetime) -> str:
    """The platform's wall clock, in whole seconds."""
    return instant.astimezone(SHANGHAI).strftime(_TIME_FORMAT)


def mapping(value: object) -> dict[str, object]:
    """Raises UnavailableError for what is no JSON object."""
    if not isinstance(value, dict):
        raise unreadable()
    return value


def unreadable() -> UnavailableError:
    return UnavailableError("Taobao's answer has an unknown shape", reason="unreadable")


def _decoded(body: bytes) -> dict[str, object]:
    """Numbers are read as text, so no id loses a digit; whatever has another shape is no answer."""
    try:
        value = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}


def _http_failure(status: int) -> HuixueError:
    if status == 429:
        return ThrottledError("Taobao limits our calls", retry_after_s=1, status=status)
    if status in (401, 403, 404, 405):
        return MisconfiguredError(
            "Taobao refused the call itself: check the gateway's address", status=status
        )
    return UnavailableError("Taobao could not answer now", status=status)
