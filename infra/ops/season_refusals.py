"""Refusals of seasons and check-ins as an operator reads them: with what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from huixue.kernel.errors import HuixueError
from infra.ops.errors import OperatorError

_AGAIN = "Run the command again: it may be repeated."
STREAM_OVER = (
    "Give the new streams ids of their own in the file. Finished by mistake:"
    " `huixue stream restore STREAM --said finish`; postponed: `huixue stream move STREAM TIME`, until 12 h after"
    " its planned end. Nothing was published."
)
_NEXT_STEPS: Mapping[str, str] = {
    "NOT_FOUND": "See what there is: `huixue stream list` and `huixue stream show STREAM`.",
    "SEASON_NOT_FOUND": "Publish a season first: `huixue publish SEASON.yaml`.",
    "SEASON_CHANGED": _AGAIN,
    "SEASON_TOO_LARGE": "Shorten texts or lists in the file and run the command again; streams it leaves out are"
    " cancelled.",
    "SEASON_ZONE_FIXED": "Write the zone that is told into the file; nothing was published.",
    "STREAM_TAKEN": "Give these streams other ids in the file; nothing was published.",
    "STREAM_OVER": STREAM_OVER,
    "STREAM_STATE": "Look at it: `huixue stream show STREAM`.",
    "SLOT_STATE": "Look at its stream: `huixue stream show STREAM`.",
    "OUTAGE_INVALID": "Correct the days and run the command again; nothing was written.",
    "CONTENTION": _AGAIN,
    "UNAVAILABLE": _AGAIN,
}
_ELSE = "Look at what is published now (`huixue stream list`), then run the command again."


@contextmanager
def told_of_season() -> Iterator[None]:
    """Inside it every refusal leaves as an OperatorError with its stable code; a bug stays what it is."""
    try:
        yield
    except HuixueError as error:
        raise OperatorError(
            f"{error.code}: {error.message}", next_step=_NEXT_STEPS.get(error.code, _ELSE)
        ) from error
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"AWS refused or did not answer: {error}",
            next_step="Check the credentials, the stage and the region, then run the command again.",
        ) from error
