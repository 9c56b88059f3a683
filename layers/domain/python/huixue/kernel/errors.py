"""The one base of everything that is refused on purpose, with a stable code for programs.

Domain errors know no HTTP status and no queue: `edge/problems.py` and `edge/batch.py` hold those tables.
"""

from __future__ import annotations

from collections.abc import Mapping


class HuixueError(Exception):
    """A refusal or failure with a stable `code`; `facts` are safe to log and to show (never personal data)."""

    code = "INTERNAL"

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Mapping[str, object] = facts


class RuleError(HuixueError):
    """A rule says no to a well-formed request."""

    code = "RULE"


class CursorInvalidError(RuleError):
    """The cursor was not made by this list."""

    code = "CURSOR_INVALID"


class NotFoundError(HuixueError):
    """Not there, or somebody else's: the two are told apart nowhere."""

    code = "NOT_FOUND"


class MemberErasedError(HuixueError):
    """She was erased: nothing is written for her any more, and what was to be is void."""

    code = "MEMBER_ERASED"


class MismatchError(HuixueError):
    """The same id was used before with another body; `facts["field"]` names the first difference."""

    code = "IDEMPOTENCY_MISMATCH"


class TooManyTriesError(HuixueError):
    """A budget of tries is used up; `retry_after_s` says when to come back."""

    code = "TOO_MANY_TRIES"

    def __init__(self, message: str, *, retry_after_s: int, **facts: object) -> None:
        super().__init__(message, retry_after_s=retry_after_s, **facts)
        self.retry_after_s = retry_after_s


class UnavailableError(HuixueError):
    """Something outside did not answer in time; the same call may be made again."""

    code = "UNAVAILABLE"

    def __init__(self, message: str, *, retry_after_s: int = 1, **facts: object) -> None:
        super().__init__(message, **facts)
        self.retry_after_s = retry_after_s


class ContentionError(UnavailableError):
    """Others kept changing the same item for all bounded attempts; nothing was written by this one."""

    code = "CONTENTION"


class MisconfiguredError(HuixueError):
    """The deployment or a credential is wrong; retrying cannot help, an operator can."""

    code = "MISCONFIGURED"
