"""The fields of one row of the affiliate platform, pure.

Fields that hold nothing are missing, empty, null or `--`; ids are text or 64-bit numbers; amounts are yuan as text;
times are GMT+8 without saying so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from huixue.kernel.calendar import from_local_text
from huixue.kernel.money import fen_from_yuan

ID = re.compile(r"[0-9]{1,32}")
_ABSENT = ("", "--")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


class UnreadableError(Exception):
    """A field is not what its column holds: names the column and what it is not, never its value."""

    def __init__(self, column: str, code: str) -> None:
        super().__init__(column, code)
        self.column = column
        self.code = code


@dataclass(frozen=True, slots=True)
class Fields:
    """All methods return None for what holds nothing and raise UnreadableError for what has another form."""

    row: Mapping[object, object]

    def text(self, column: str) -> str | None:
        """Whole numbers become text, exactly."""
        value = self.row.get(column)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40:
            return str(value)
        if not isinstance(value, str):
            raise UnreadableError(column, "TEXT")
        text = value.strip()
        return None if text in _ABSENT else text

    def matching(self, column: str, pattern: re.Pattern[str], code: str) -> str | None:
        text = self.text(column)
        if text is not None and not pattern.fullmatch(text):
            raise UnreadableError(column, code)
        return text

    def fen(self, column: str) -> int | None:
        text = self.matching(column, _AMOUNT, "AMOUNT")
        try:
            return None if text is None else fen_from_yuan(text)
        except ValueError as error:
            raise UnreadableError(column, "AMOUNT") from error

    def instant(self, column: str) -> datetime | None:
        text = self.matching(column, _TIME, "TIME")
        try:
            return None if text is None else from_local_text(text)
        except (ValueError, OverflowError) as error:
            raise UnreadableError(column, "TIME") from error

    def needed_order_number(self, column: str) -> str:
        text = self.matching(column, ID, "ID")
        if text is None:
            raise UnreadableError(column, "MISSING")
        return text

    def needed_text(self, column: str) -> str:
        text = self.text(column)
        if text is None:
            raise UnreadableError(column, "MISSING")
        return text

    def needed_fen(self, column: str) -> int:
        amount_fen = self.fen(column)
        if amount_fen is None:
            raise UnreadableError(column, "MISSING")
        return amount_fen

    def needed_instant(self, column: str) -> datetime:
        instant = self.instant(column)
        if instant is None:
            raise UnreadableError(column, "MISSING")
        return instant


def storable(text: str, most_chars: int) -> str:
    """Cut, and without the lone surrogates JSON can carry and UTF-8 cannot."""
    return text[:most_chars].encode("utf-8", "replace").decode()
