"""The domain's `Outbox` port on SQS: batches of ten, failed entries sent again, a bound on everything."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from huixue.edge.aws_errors import code_of
from huixue.edge.messages import encoded
from huixue.edge.settings import Settings
from huixue.kernel.errors import UnavailableError
from huixue.kernel.events import (
    AccountsDue,
    AuditPlanned,
    ClaimSubmitted,
    ExportUploaded,
    MemberErased,
    Message,
    OrdersChanged,
    OrderSyncRequested,
    RowsPlanned,
    TaskDone,
)

ENTRIES_PER_CALL = 10  # SQS's limit; our messages are far below its limit of bytes
MAX_TRIES = 4
_PAUSE_S = 0.05


class SqsOutbox:
    def __init__(
        self,
        client: Any,
        settings: Settings,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._settings = settings
        self._sleep = sleep

    def match(self, messages: Sequence[ClaimSubmitted]) -> None:
        self._send("claims_to_match_queue_url", messages)

    def credit(self, messages: Sequence[OrdersChanged]) -> None:
        self._send("points_credit_queue_url", messages)

    def sync(self, messages: Sequence[OrderSyncRequested]) -> None:
        self._send("order_syncs_queue_url", messages)

    def plan(self, messages: Sequence[ExportUploaded]) -> None:
        self._send("imports_queue_url", messages)

    def apply(self, messages: Sequence[RowsPlanned]) -> None:
        self._send("import_chunks_queue_url", messages)

    def expire(self, messages: Sequence[AccountsDue]) -> None:
        self._send("points_expiry_queue_url", messages)

    def audit(self, messages: Sequence[AuditPlanned]) -> None:
        self._send("ledger_audit_queue_url", messages)

    def reward(self, messages: Sequence[TaskDone]) -> None:
        self._send("tasks_to_reward_queue_url", messages)

    def erase_later(self, messages: Sequence[MemberErased]) -> None:
        self._send("erasures_queue_url", messages)

    def _send(self, queue: str, messages: Sequence[Message]) -> None:
        if not messages:
            return
        url = getattr(self._settings.need(queue), queue)
        for start in range(0, len(messages), ENTRIES_PER_CALL):
            bodies = [encoded(each) for each in messages[start : start + ENTRIES_PER_CALL]]
            entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)]
            self._send_all(url, entries)

    def _send_all(self, url: str, entries: list[dict[str, str]]) -> None:
        """A 200 may say that some entries were not taken: those are sent again."""
        for attempt in range(MAX_TRIES):
            try:
                answer = self._client.send_message_batch(QueueUrl=url, Entries=entries)
            except (BotoCoreError, ClientError) as error:
                raise UnavailableError(
                    "SQS does not take messages", reason=code_of(error)
                ) from error
            failed = {each["Id"] for each in answer.get("Failed", [])}
            entries = [entry for entry in entries if entry["Id"] in failed]
            if not entries:
                return
            self._sleep(_PAUSE_S * 2**attempt)
        raise UnavailableError("SQS refused some messages in every attempt", left=len(entries))
