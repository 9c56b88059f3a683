"""The affiliate rows the stand-in knows, and pages of them that stay put while rows move.

A page is found by the place of the last row read (`position_index`), not by counting: a row that leaves the window
while somebody reads shifts nothing. What the rows are (orders, refunds) is a `Table`.
"""

from __future__ import annotations

import hashlib
import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from huixue.kernel.calendar import SHANGHAI, Clock
from infra.sandbox.faults import BadControlError

Row = dict[str, object]
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
ABSENT = "--"

_POSITION = re.compile(r"(\d{1,12})_([0-9a-f]{16})\|(\d{1,12})_([0-9a-f]{16})")

Key = tuple[int, str, str]
"""Second of the time asked for, a digest of the id, the id: a total order that shows no id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of one interface: its columns, and which row is which."""

    columns: frozenset[str]
    times: frozenset[str]
    id_columns: tuple[str, ...]
    """Digits, as text or as number."""
    needed: frozenset[str]
    """What a row cannot be without once it is whole."""
    key_name: str
    key_of: Callable[[Row], str | None]
    """Which row it is; None for a row that says it not."""
    time_by_query_type: Mapping[int, str]
    printed_anyway: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    query_type: int
    start: datetime
    end: datetime
    page_size: int
    backwards: bool = False
    position: tuple[Key, Key] | None = None
    tk_status: int | None = None
    must_name: str | None = None
    """A column that must hold something (`relation_id` of scene 2, `special_id` of scene 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    rows: list[Row]
    has_pre: bool
    has_next: bool
    position_index: str | None


@dataclass(slots=True, kw_only=True)
class AffiliateRows:
    clock: Clock
    table: Table
    _rows: dict[str, Row] = field(default_factory=dict)
    _keys: dict[int, list[Key]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def upsert(self, rows: list[Row]) -> None:
        """Each row over what is known of the same; all of them or, on BadControlError, none."""
        now = self.clock.now().astimezone(SHANGHAI).strftime(TIME_FORMAT)
        with self._lock:
            merged = dict(self._rows)
            for number, row in enumerate(rows):
                given = _checked(row, number, self.table)
                key = self.table.key_of(given)
                if key is None:
                    raise BadControlError(f"row {number}: {self.table.key_name}")
                merged[key] = merged.get(key, {}) | {"modified_time": now} | given
                if missing := self.table.needed - set(merged[key]):
                    raise BadControlError(
                        f"row {number}: the first time it needs {sorted(missing)}"
                    )
            self._rows = merged
            self._keys = {}

    def all(self) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._rows.values()]

    def reset(self) -> None:
        with self._lock:
            self._rows, self._keys = {}, {}

    def slice(self, query: Query) -> Slice:
        """Rows with start ≤ time < end, in the order of time, at most a page."""
        with self._lock:
            inside = self._inside(query)
            first, last = _bounds(inside, query)
            chosen = inside[first:last]
            return Slice(
                rows=[self.table.printed_anyway | self._rows[key[2]] for key in chosen],
                has_pre=first > 0,
                has_next=last < len(inside),
                position_index=f"{_place(chosen[0])}|{_place(chosen[-1])}" if chosen else None,
            )

    def _inside(self, query: Query) -> list[Key]:
        keys = self._keys.get(query.query_type)
        if keys is None:
            keys = self._keys[query.query_type] = self._sorted(
                self.table.time_by_query_type[query.query_type]
            )
        low = bisect_left(keys, (_epoch_s(query.start), "", ""))
        high = bisect_left(keys, (_epoch_s(query.end), "", ""))
        return [key for key in keys[low:high] if _asked_for(self._rows[key[2]], query)]

    def _sorted(self, column: str) -> list[Key]:
        return sorted(
            (_epoch_s(_read_time(str(row[column]))), _digest(key), key)
            for key, row in self._rows.items()
            if row.get(column) not in (None, "", ABSENT)
        )


def read_position(text: str) -> tuple[Key, Key] | None:
    """First and last place of the page before; None for what is no position_index."""
    match = _POSITION.fullmatch(text)
    if match is None:
        return None
    return (int(match[1]), match[2], ""), (int(match[3]), match[4], "\U0010ffff")


def read_rows(value: object) -> list[Row]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise BadControlError("expected a JSON list of affiliate rows (objects)")
    return value


def _bounds(inside: list[Key], query: Query) -> tuple[int, int]:
    if query.position is None:
        return 0, min(query.page_size, len(inside))
    before, after = query.position
    if query.backwards:
        last = bisect_left(inside, before)
        return max(0, last - query.page_size), last
    first = bisect_left(inside, after)
    return first, min(first + query.page_size, len(inside))


def _asked_for(row: Row, query: Query) -> bool:
    if query.tk_status is not None and str(row.get("tk_status")) != str(query.tk_status):
        return False
    return query.must_name is None or row.get(query.must_name) not in (None, "", ABSENT, 0)


def _checked(row: Mapping[str, object], number: int, table: Table) -> Row:
    if unknown := sorted(set(row) - table.columns):
        raise BadControlError(f"row {number}: the feed has no column {', '.join(unknown)}")
    given = {name: value for name, value in row.items() if value is not None}
    for name in table.id_columns:
        if name in given:
            given[name] = str(given[name])
            if not re.fullmatch(r"[0-9]{1,32}", str(given[name])):
                raise BadControlError(f"row {number}: {name} must be 1 to 32 digits")
    for name in table.times & set(given):
        if given[name] not in ("", ABSENT):
            _checked_time(given[name], f"row {number}: {name}")
    return given


def _checked_time(value: object, where: str) -> None:
    try:
        _read_time(str(value))
    except (ValueError, OverflowError) as error:
        raise BadControlError(f"{where} must be `yyyy-MM-dd HH:mm:ss` in GMT+8") from error


def _read_time(text: str) -> datetime:
    return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=SHANGHAI)


def _epoch_s(instant: datetime) -> int:
    return int(instant.timestamp())


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _place(key: Key) -> str:
    return f"{key[0]}_{key[1]}"
