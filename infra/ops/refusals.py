"""What the product or AWS refuses, said so that an operator knows what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from huixue.kernel.errors import (
    HuixueError,
    MemberErasedError,
    MisconfiguredError,
    NotFoundError,
    UnavailableError,
)
from infra.ops.errors import OperatorError

_NEXT_STEPS: tuple[tuple[type[HuixueError], str], ...] = (
    (
        MemberErasedError,
        "Leave her out: nothing is entered or changed for an erased member any more.",
    ),
    (NotFoundError, "Check the id, and the stage (`huixue status --stage STAGE`)."),
    (UnavailableError, "Run the command again: it may be repeated."),
    (MisconfiguredError, "Correct the configuration of the stage, then run the command again."),
    (HuixueError, "Look at what is published or stored now, then run the command again."),
)


@contextmanager
def told_to_operator() -> Iterator[None]:
    """Inside it, every refusal leaves as an OperatorError; what is a bug stays what it is."""
    try:
        yield
    except HuixueError as error:
        step = next(step for kind, step in _NEXT_STEPS if isinstance(error, kind))
        raise OperatorError(error.message, next_step=step) from error
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"AWS refused or did not answer: {error}",
            next_step="Check the credentials, the stage and the region, then run the command again.",
        ) from error
