"""Why a file or a cell cannot be taken; messages carry column names and codes, never values."""

from __future__ import annotations

from huixue.kernel.errors import HuixueError


class NotAnExportError(HuixueError):
    """The file is no order export of the platform; the message says what was expected and found."""

    code = "NOT_AN_EXPORT"


class CellError(Exception):
    """One cell that cannot be read; becomes a `RowError` and never leaves the room."""

    def __init__(self, column: str, code: str) -> None:
        super().__init__(f"{column}: {code}")
        self.column = column
        self.code = code
