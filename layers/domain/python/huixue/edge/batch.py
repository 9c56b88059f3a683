"""Queue entries: one message at a time, failures reported one by one, never the whole batch for one of them.

What fails is delivered again by SQS and ends in the dead-letter queue after five receives. PERMANENT errors take
the same way; they are logged as such, because only a person can mend them. Work for a member who was erased is void: it
is acknowledged and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from huixue.edge.messages import MessageMalformedError, decoded
from huixue.edge.observability import Counts, Entry, logger, watched
from huixue.kernel.errors import (
    HuixueError,
    MemberErasedError,
    MisconfiguredError,
    UnavailableError,
)
from huixue.kernel.events import Message

M = TypeVar("M", bound=Message)
PERMANENT: tuple[type[HuixueError], ...] = (MessageMalformedError, MisconfiguredError)
"""Errors that no retry mends."""


def queue_entry(kind: type[M], act: Callable[[M, bool], object]) -> Entry:
    """A handler for a queue of `kind`. `act` gets the message and whether it may have been tried before; it may
    be repeated, and when it returns, its effect is durable."""

    def record(record: SQSRecord) -> None:
        redelivered = int(record.attributes.approximate_receive_count or "1") > 1
        _acted(kind, act, record.body, redelivered)

    @watched
    def handler(event: dict[str, Any], context: Any) -> Any:
        processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
        return process_partial_response(
            event=event, record_handler=record, processor=processor, context=context
        )

    return handler


def _acted(kind: type[M], act: Callable[[M, bool], object], body: str, redelivered: bool) -> None:
    try:
        message = decoded(body, kind)
        outcome = act(message, redelivered)
    except MemberErasedError as error:
        # acknowledged: what was to be done for her is void, and no retry makes it anything else
        logger().info("void", code=error.code, facts=dict(error.facts))
        return
    except UnavailableError as error:
        logger().warning("to be delivered again", code=error.code, facts=dict(error.facts))
        raise
    except HuixueError as error:
        permanent = isinstance(error, PERMANENT)
        Counts().count("MessageParked" if permanent else "MessageFailed")
        logger().exception("failed", code=error.code, permanent=permanent, facts=dict(error.facts))
        raise
    except Exception:
        Counts().count("MessageFailed")
        logger().exception("failed unexpectedly")
        raise
    logger().info(kind.__name__, correlation_id=message.correlation_id, outcome=_shown(outcome))


def _shown(outcome: object) -> str | int | None:
    if isinstance(outcome, str | int):
        return outcome
    return type(outcome).__name__ if outcome is not None else None
