"""Scripted failures: the next calls of a platform fail as told, then all is well again."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace

EXPECTED = (
    'expected {"platform": "wechat" | "taobao", one or more of "status": 400..599, "errcode": integer,'
    ' "delay_s": 0..60, "cut": "before" | "after" (true = after), "body": text, and "times": 1..1000}'
)
PLATFORMS = ("wechat", "taobao")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    platform: str
    status: int | None = None
    """Answer with this HTTP status; the platform is not reached."""
    errcode: int | None = None
    """Answer with the platform's own error; the call has no effect."""
    delay_s: float = 0.0
    """Wait first; alone, the call is then answered as usual."""
    cut: str | None = None
    """Close the connection without an answer, `before` or `after` the call took effect."""
    body: str | None = None
    """Answer 200 with this text; the platform is not reached."""
    times: int = 1


class BadControlError(Exception):
    """Control input that is not what was expected; the text says what is."""


@dataclass(slots=True)
class FaultPlan:
    """First in, first out, per platform."""

    _faults: dict[str, deque[Fault]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.setdefault(fault.platform, deque()).append(fault)

    def take(self, platform: str) -> Fault | None:
        with self._lock:
            queue = self._faults.get(platform)
            if not queue:
                return None
            fault = queue.popleft()
            if fault.times > 1:
                queue.appendleft(replace(fault, times=fault.times - 1))
            return fault

    def pending(self) -> int:
        with self._lock:
            return sum(fault.times for queue in self._faults.values() for fault in queue)

    def reset(self) -> None:
        with self._lock:
            self._faults.clear()


def read_fault(value: object) -> Fault:
    """Raises BadControlError for anything but one well-formed fault."""
    if not isinstance(value, dict) or value.get("platform") not in PLATFORMS:
        raise BadControlError(EXPECTED)
    unknown = sorted(
        set(value) - {"platform", "status", "errcode", "delay_s", "cut", "body", "times"}
    )
    if unknown or not set(value) & {"status", "errcode", "delay_s", "cut", "body"}:
        raise BadControlError(
            f"{EXPECTED}; not {', '.join(map(str, unknown)) or 'a platform alone'}"
        )
    return Fault(
        platform=value["platform"],
        status=_optional_int(value, "status", 400, 599),
        errcode=_optional_int(value, "errcode", -(10**9), 10**9),
        delay_s=_delay_s(value.get("delay_s", 0)),
        cut=_cut(value.get("cut")),
        body=_body(value.get("body")),
        times=_optional_int(value, "times", 1, 1000) or 1,
    )


def _optional_int(value: dict[str, object], name: str, least: int, most: int) -> int | None:
    number = value.get(name)
    if number is None:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        raise BadControlError(EXPECTED)
    return number


def _delay_s(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 60:
        raise BadControlError(EXPECTED)
    return float(value)


def _cut(value: object) -> str | None:
    if value is None or value is False:
        return None
    if value is True:
        return "after"
    if value not in ("before", "after"):
        raise BadControlError(EXPECTED)
    return str(value)


def _body(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadControlError(EXPECTED)
    return value
