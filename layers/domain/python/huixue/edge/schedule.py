"""Scheduled entries: a bounded run that stops well before its function is stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from huixue.edge.observability import Entry, logger, watched
from huixue.kernel.calendar import SystemClock

RESERVE = timedelta(seconds=20)
"""Left of the function's time for what is being done when the run should end."""


def schedule_entry(act: Callable[[datetime], dict[str, object]]) -> Entry:
    """`act` gets the instant to stop at, and returns what it did, for the log."""

    @watched
    def handler(event: dict[str, Any], context: Any) -> Any:
        del event
        left = timedelta(milliseconds=context.get_remaining_time_in_millis())
        done = act(SystemClock().now() + max(left - RESERVE, left / 2))
        logger().info("run ended", done=done)
        return done

    return handler
