"""The sheet: what a member's days come to, as one short text that stands in her account. Pure.

It names the days themselves, so a streak is counted from days and never from a counter. Only what lies further back
than anything can still change is folded into two numbers: days are made up for at most 31 days back
(`drafts.MAX_MAKE_UP_DAYS`), outages are declared at most 31 days back, and the window is `WINDOW_DAYS` long.

Text: `1.{first day}.{run}.{total}.{marks}.{given}`. Marks are 2 bits a day from the first day on, three days in a
character; what was given is three characters each: kind, days before the newest mark, and days reached. The characters
are those of RFC 4648 section 5 ("URL and filename safe"), in the order of their values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from huixue.check_ins.days import DAY, cycle_of, is_outage
from huixue.kernel.check_ins import CheckInRules
from huixue.kernel.errors import HuixueError

Mark = Literal["checked_in", "made_up"]
AwardKind = Literal["consecutive", "cumulative"]
WINDOW_DAYS = 95
"""Days that the sheet names one by one, up to the newest marked one."""
REACH_DAYS = 38
"""A milestone is brought by a mark on the day that reaches it, or on another one of the same run or cycle that comes
no more than so many days later; what was given is remembered as long."""
MAX_MILESTONE_DAYS = 2000
"""What the text has room for."""

_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_VALUES = {char: value for value, char in enumerate(_CHARS)}
_MARKS: tuple[Mark | None, ...] = (None, "checked_in", "made_up")
_KINDS: tuple[AwardKind, ...] = ("consecutive", "cumulative")


class SheetBrokenError(HuixueError):
    """No sheet that we wrote; `huixue rebuild` makes the account again from its entries."""

    code = "SHEET_BROKEN"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Given:
    """A milestone that was given: `on` is the day of the run or cycle on which its days were reached."""

    kind: AwardKind
    days: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """`marks` from `first` on; before it, of the cycle that `first` lies in: `run` marked days of a streak that was
    alive when `first` began, `total` marked days in all."""

    first: date | None = None
    """None: she never checked in."""
    run: int = 0
    total: int = 0
    marks: Mapping[date, Mark] = field(default_factory=dict)
    given: frozenset[Given] = frozenset()

    @property
    def newest(self) -> date | None:
        return max(self.marks, default=None)


EMPTY = Sheet()


def marked(sheet: Sheet, day: date, mark: Mark) -> Sheet:
    """The sheet with one day more. The first mark of a day stays."""
    if day in sheet.marks:
        return sheet
    first = day if sheet.first is None else min(day, sheet.first)
    return replace(sheet, first=first, marks={**sheet.marks, day: mark})


def folded(sheet: Sheet, rules: CheckInRules) -> Sheet:
    """The same sheet with days before the window folded away."""
    newest = sheet.newest
    if sheet.first is None or newest is None:
        return sheet
    first = newest - timedelta(days=WINDOW_DAYS - 1)
    if first <= sheet.first:
        return sheet
    run, total = before(sheet, rules, first)
    marks = {day: mark for day, mark in sheet.marks.items() if day >= first}
    return replace(sheet, first=first, run=run, total=total, marks=marks)


def before(sheet: Sheet, rules: CheckInRules, day: date) -> tuple[int, int]:
    """Of the cycle that `day` lies in, and before it: the marked days of a streak that is alive when `day` begins,
    and the marked days in all."""
    cycle = cycle_of(rules, day)
    if cycle is None or sheet.first is None:
        return 0, 0
    reaches_back = cycle.first < sheet.first
    total = sum(cycle.first <= each < day for each in sheet.marks)
    step, run = day - DAY, 0
    while step >= max(cycle.first, sheet.first) and (step in sheet.marks or is_outage(rules, step)):
        run += step in sheet.marks
        step -= DAY
    if reaches_back:
        total += sheet.total
        run += sheet.run if step == sheet.first - DAY else 0
    return run, total


def joined(one: str, other: str, rules: CheckInRules) -> str:
    """The sheet of two members who turn out to be one person: every day that either of them had, and every milestone
    that either was given. Commutative; the same twice changes nothing.

    It names days from the later beginning of two sheets of which days were folded away there, since nobody knows the
    days of that one before. Of what lies before it counts whichever of the two comes to more: exact where one of them
    had all of the days, else the least that it can be. Never fewer than either had: nothing is given twice."""
    older, newer = sorted((parsed(one), parsed(other)), key=_reach)
    if older.first is None:
        return text_of(newer)
    if newer.first is None:
        return text_of(older)
    first, run, total = older.first, older.run, older.total
    if newer.run or newer.total:
        first = newer.first
        run, total = before(older, rules, first)
        run, total = max(run, newer.run), max(total, newer.total)
    marks = {**older.marks, **newer.marks}
    marks |= {day: mark for day, mark in older.marks.items() if mark == "checked_in"}
    named = {day: marks[day] for day in sorted(marks) if day >= first}
    given = older.given | newer.given
    both = Sheet(first=first, run=run, total=total, marks=named, given=given)
    return text_of(folded(both, rules))


def _reach(sheet: Sheet) -> tuple[date, int, int, list[date]]:
    return sheet.first or date.max, -sheet.run, -sheet.total, sorted(sheet.marks)


def text_of(sheet: Sheet) -> str:
    """At most 300 characters for a folded sheet; empty for an empty one."""
    newest = sheet.newest
    if sheet.first is None or newest is None:
        return ""
    length = (newest - sheet.first).days + 1
    values = [_MARKS.index(sheet.marks.get(sheet.first + DAY * n)) for n in range(length)]
    values += [0] * (-length % 3)
    marks = "".join(
        _CHARS[values[n] << 4 | values[n + 1] << 2 | values[n + 2]]
        for n in range(0, len(values), 3)
    )
    given = "".join(_given_text(each, newest) for each in sorted(sheet.given))
    return f"1.{sheet.first.isoformat()}.{sheet.run}.{sheet.total}.{marks}.{given}"


def _given_text(given: Given, newest: date) -> str:
    """Nothing for what is too old to be given again."""
    back = (newest - given.on).days
    if back > REACH_DAYS:
        return ""
    value = _KINDS.index(given.kind) << 17 | back << 11 | given.days
    return _CHARS[value >> 12] + _CHARS[value >> 6 & 63] + _CHARS[value & 63]


def parsed(text: str) -> Sheet:
    """The sheet of a text. Raises SheetBrokenError for one that `text_of` never wrote."""
    if not text:
        return EMPTY
    try:
        version, first_text, run, total, marks_text, given_text = text.split(".")
        if version != "1" or len(given_text) % 3:
            raise SheetBrokenError("the sheet is of an unknown version")
        first = date.fromisoformat(first_text)
        marks = dict(_marks_from(first, marks_text))
        given = frozenset(_given_from(given_text, max(marks)))
        return Sheet(first=first, run=int(run), total=int(total), marks=marks, given=given)
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise SheetBrokenError("the sheet cannot be read") from error


def _marks_from(first: date, text: str) -> Iterable[tuple[date, Mark]]:
    for n, char in enumerate(text):
        value = _VALUES[char]
        for part in range(3):
            mark = _MARKS[value >> (4 - 2 * part) & 3]
            if mark is not None:
                yield first + DAY * (3 * n + part), mark


def _given_from(text: str, newest: date) -> Iterable[Given]:
    for n in range(0, len(text), 3):
        high, middle, low = (_VALUES[char] for char in text[n : n + 3])
        value = high << 12 | middle << 6 | low
        on = newest - DAY * (value >> 11 & 63)
        yield Given(kind=_KINDS[value >> 17], days=value & 2047, on=on)
