"""The SDK's standard retries without its pauses, so that thousands of fault plans take seconds."""

from __future__ import annotations

from typing import Any, Literal

from botocore.retries.standard import RetryEventAdapter, StandardRetryConditions


class ImmediateRetries:
    """Stands first at `needs-retry` and decides as the SDK's standard mode does, with a pause of 0.

    Left out is the client's quota of retries (a bucket shared by hundreds of calls): one plan makes a few.
    """

    def __init__(self, client: Any) -> None:
        self._adapter = RetryEventAdapter()
        attempts = client.meta.config.retries["total_max_attempts"]
        self._conditions = StandardRetryConditions(max_attempts=attempts)

    def __call__(self, **event: Any) -> Literal[0, False]:
        event.pop("event_name")
        context = self._adapter.create_retry_context(**event)
        # False, and not None: the client's own handler, asked next, would pause
        return 0 if self._conditions.is_retryable(context) else False
