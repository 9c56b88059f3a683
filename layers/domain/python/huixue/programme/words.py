"""The plain values a written programme is made of: ids, titles, decimals, dates. Each reads one node or tells what is
wrong with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import end_of_day, start_of_day
from huixue.programme.reading import ABSENT, Node, Reader

PLATFORMS = ("taobao", "douyin", "kuaishou", "jd", "wechat_shop")
ID = re.compile(r"[a-z0-9-]{1,32}")
ID_SAYS = "an id of 1 to 32 small letters, digits and hyphens"

_TITLE = re.compile(r"(?=\S)[^\x00-\x1f\x7f]{1,64}")
_DECIMAL = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_DATE = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(_DATE.pattern + r"[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?")


def id_of(node: Node, reader: Reader) -> str:
    return reader.text(node, ID, ID_SAYS)


def title_of(node: Node, reader: Reader) -> str:
    return reader.text(node, _TITLE, "a title of 1 to 64 characters on one line")


def milli_of(node: Node, reader: Reader, *, at_least: int, expected: str) -> int:
    """Thousandths, from a whole number or decimal text (`0.5`), so that no float ever touches it; up to 1000."""
    value = node.value
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and _DECIMAL.fullmatch(text):
        milli = int(Decimal(text) * 1000)
        if at_least <= milli <= 1_000_000:
            return milli
    reader.wrong(node, expected)
    return at_least


def whole_or(node: Node, reader: Reader, low: int, high: int, *, default: int) -> int:
    return default if node.value is ABSENT else reader.whole(node, low, high)


def choice_or(node: Node, reader: Reader, choices: Sequence[str], *, default: str) -> str:
    return default if node.value is ABSENT else reader.choice(node, choices)


def flag_or(node: Node, reader: Reader, *, default: bool) -> bool:
    if node.value is ABSENT:
        return default
    if not isinstance(node.value, bool):
        reader.wrong(node, "true or false")
    return node.value is True


def choices_of(
    node: Node, reader: Reader, choices: Sequence[str], what: str, *, at_least: int = 0
) -> tuple[str, ...]:
    """Some of `choices`, each only once; none where it is left out."""
    if node.value is ABSENT:
        return ()
    nodes = reader.items(node, at_least=at_least, at_most=max(1, len(choices)))
    reader.all_different(nodes, f"each {what}")
    return tuple(reader.choice(each, choices) for each in nodes)


def differ_by(nodes: Sequence[Node], key: str, reader: Reader) -> None:
    """Tells every map of the list whose `key` an earlier one has."""
    maps = [node for node in nodes if isinstance(node.value, dict)]
    named = [Node(node.value.get(key), (*node.path, key)) for node in maps]
    reader.all_different(named, f"each {key}")


def date_of(node: Node, reader: Reader) -> date | None:
    if isinstance(node.value, str) and _DATE.fullmatch(node.value):
        found = _date(node.value)
        if found is not None:
            return found
    reader.wrong(node, "a date such as 2026-12-31")
    return None


def start_of(node: Node, reader: Reader, zone: ZoneInfo) -> datetime | None:
    """The instant of a local date and time, or of the beginning of a date."""
    day = _day_in(node)
    return _instant(node, reader, zone) if day is None else start_of_day(day, zone)


def end_of(node: Node, reader: Reader, zone: ZoneInfo) -> datetime | None:
    """The instant of a local date and time, or of the end of a date: a date is its own last day."""
    day = _day_in(node)
    return _instant(node, reader, zone) if day is None else end_of_day(day, zone)


def _day_in(node: Node) -> date | None:
    value = node.value
    return _date(value) if isinstance(value, str) and _DATE.fullmatch(value) else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _instant(node: Node, reader: Reader, zone: ZoneInfo) -> datetime | None:
    """Only times that the zone's clocks show; of a time they show twice, the first."""
    found = _local(node.value, zone)
    if found is not None:
        instant = found.astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == found.replace(tzinfo=None):
            return instant
    reader.wrong(node, f"a date, or a date and time of {zone.key} such as 2026-11-10 20:00")
    return None


def _local(value: object, zone: ZoneInfo) -> datetime | None:
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=zone)
    except ValueError:
        return None
