"""The wire form of messages between our own functions: `{"name", "version", "detail"}`."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from huixue.kernel.errors import HuixueError
from huixue.kernel.events import Message

VERSION = 1
M = TypeVar("M", bound=Message)


class MessageMalformedError(HuixueError):
    """No message of ours for this queue, or of a version we do not know: it can never succeed."""

    code = "MESSAGE_MALFORMED"


class _Envelope(msgspec.Struct, frozen=True):
    name: str
    version: int
    detail: msgspec.Raw


def encoded(message: Message) -> str:
    envelope = {"name": type(message).__name__, "version": VERSION, "detail": message}
    return msgspec.json.encode(envelope).decode()


def decoded(body: str, kind: type[M]) -> M:
    """Raises MessageMalformedError, which never repeats the body."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
        if (envelope.name, envelope.version) != (kind.__name__, VERSION):
            raise MessageMalformedError(
                f"expected {kind.__name__} version {VERSION}", version=envelope.version
            )
        return msgspec.json.decode(envelope.detail, type=kind)
    except (ValueError, RecursionError) as error:
        raise MessageMalformedError(f"not a {kind.__name__}") from error
