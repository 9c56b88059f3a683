"""What the command says when it cannot go on: one sentence why, one sentence what to do next."""

from __future__ import annotations


class OperatorError(Exception):
    """Shown without a traceback; `next_step` is what the operator should do."""

    def __init__(self, message: str, *, next_step: str) -> None:
        super().__init__(message)
        self.next_step = next_step
