"""Text of one cell → a value. Pure; every refusal is a ValueError without the value in it.

Spreadsheet cells come here as text too (`xlsx_rows`), so a figure reads the same in CSV and XLSX.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from huixue.kernel.calendar import SHANGHAI
from huixue.kernel.money import fen_from_yuan
from huixue.kernel.snapshots import MASK

MAX_ACCOUNT_CHARS = 64
MAX_TITLE_CHARS = 200
MAX_QUANTITY = 1_000_000
BLANKS = frozenset({"", "-", "--", "null", "NULL", "无"})
"""What exports print where there is nothing."""

_AMOUNT = re.compile(r"[¥￥]?[ ]*(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]{1,2})?")
_TIME = re.compile(
    r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})"
    r"(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?)?"
)
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,3}")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u202a\u202c\u202d"))
_SERIAL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock; the zone is given below
_YEARS = range(2000, 2100)  # a real order lies inside; outside, arithmetic with zones may overflow


class RoundedNumberError(ValueError):
    """A spreadsheet kept 15 digits of a longer order number: the rest is lost."""


def plain(text: str) -> str:
    """Full-width forms made plain, invisible marks and outer blanks gone."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE).strip()


def undressed(text: str) -> str:
    """A value without what keeps spreadsheets from rounding it: `="1"`, `'1`, `"1"`, tabs."""
    text = plain(text)
    if text.startswith("="):
        text = text[1:].strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    return text.lstrip("'’‘").strip()


def order_number(text: str, form: re.Pattern[str]) -> str:
    """Raises RoundedNumberError where digits were lost, ValueError where it is no number of `form`."""
    if form.fullmatch(text):
        return text
    number = undressed(text)
    if form.fullmatch(number):
        return number
    if _SCIENTIFIC.fullmatch(number):
        raise RoundedNumberError("order number was rounded by a spreadsheet")
    raise ValueError("not an order number")


@lru_cache(maxsize=4096)  # shops have few prices: most amounts of a file are repeats
def amount_fen(text: str) -> int | None:
    """Yuan with at most 2 decimals → fen; None for blank. Raises ValueError for anything else."""
    text = undressed(text)
    if text in BLANKS:
        return None
    if not _AMOUNT.fullmatch(text):
        raise ValueError("not an amount in yuan")
    return fen_from_yuan(text.lstrip("¥￥"))


def instant(text: str) -> datetime | None:
    """The platform's wall clock (Asia/Shanghai) → aware UTC; None for blank; ValueError otherwise.

    Takes `2020-02-20 23:59:54`, `2020/2/20 23:59`, `2020-02-20` and a spreadsheet's serial number.
    """
    if (
        len(text) == 19
        and text.isascii()
        and text[4] == "-"
        and text[10] == " "
        and text[13] == text[16] == ":"
    ):
        local = datetime.fromisoformat(text)
    else:
        text = plain(text)
        if text in BLANKS:
            return None
        local = _local_time(text)
    if local.year not in _YEARS:
        raise ValueError("not a time of an order")
    return local.replace(tzinfo=SHANGHAI).astimezone(UTC)


def _local_time(text: str) -> datetime:
    if match := _TIME.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - zone follows
    if _SERIAL.fullmatch(text):
        return _SERIAL_DAY_ZERO + timedelta(seconds=round(float(text) * 86_400))
    raise ValueError("not a time")


def account(text: str) -> str | None:
    """A buyer's account; None where blank or masked. Raises ValueError where longer than any account."""
    name = undressed(text) if text[:1] in "='\"" else text.strip()
    if name in BLANKS or MASK in name or "＊" in name:
        return None
    if len(name) > MAX_ACCOUNT_CHARS:
        raise ValueError("too long for an account")
    return name


def title(text: str) -> str | None:
    return text.strip()[:MAX_TITLE_CHARS] or None


@lru_cache(maxsize=256)
def quantity(text: str) -> int | None:
    """Raises ValueError for what is no whole number from 0 to a million."""
    text = undressed(text)
    if text in BLANKS:
        return None
    if not re.fullmatch(r"[0-9]{1,7}(?:\.0+)?", text):
        raise ValueError("not a quantity")
    count = int(text.partition(".")[0])
    if count > MAX_QUANTITY:
        raise ValueError("not a quantity")
    return count
