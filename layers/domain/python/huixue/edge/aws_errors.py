"""What AWS said, short enough for a log line: never a request, which may hold personal data."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError


def code_of(error: BotoCoreError | ClientError) -> str:
    """`AccessDenied`, `ThrottlingException` … where AWS answered, else the kind of failure on the way."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "unknown"))
    return type(error).__name__
