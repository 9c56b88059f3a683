"""What RFC 5545 and 7986 ask of a calendar that is published, checked without the library that writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MAX_OCTETS = 75
_LINE = re.compile(
    r'(?P<name>[A-Z0-9-]+)(?P<parameters>(?:;[A-Z0-9-]+=(?:"[^"\x00-\x1f]*"|[^";:,\x00-\x1f]*))*):(?P<value>.*)'
)
_UTC = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_DATE = re.compile(r"[0-9]{8}")
_ESCAPED = re.compile(r"(?:[^\\;,\x00-\x08\x0a-\x1f\x7f]|\\[\\;,nN])*")
_TEXTS = frozenset({
    "SUMMARY", "DESCRIPTION", "LOCATION", "UID", "PRODID", "NAME", "X-WR-CALNAME", "COMMENT",
})  # fmt: skip
_ONCE_IN_CALENDAR = ("PRODID", "VERSION")
_ONCE_IN_EVENT = ("UID", "DTSTAMP", "DTSTART")
_AT_MOST_ONCE = (
    "CLASS", "CREATED", "DESCRIPTION", "GEO", "LAST-MODIFIED", "LOCATION", "ORGANIZER", "PRIORITY",
    "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "URL", "RRULE", "DTEND", "DURATION", "COLOR",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContentLine:
    name: str
    parameters: Mapping[str, str]
    value: str


Component = list[ContentLine]


def content_lines(raw: bytes) -> list[ContentLine]:
    """RFC 5545 §3.1: lines end in CRLF, hold at most 75 octets without it and no part of a character."""
    assert raw.endswith(b"\r\n"), "the last line has no CRLF"
    physical = raw[:-2].split(b"\r\n")
    unfolded: list[str] = []
    for line in physical:
        assert not {13, 10} & set(line), f"a bare line break in {line!r}"
        assert 0 < len(line) <= MAX_OCTETS, f"{len(line)} octets: {line!r}"
        text = line.decode("utf-8")
        if text[0] in " \t":
            assert unfolded, "the first line is folded"
            unfolded[-1] += text[1:]
        else:
            unfolded.append(text)
    return [_parsed(line) for line in unfolded]


def _parsed(line: str) -> ContentLine:
    found = _LINE.fullmatch(line)
    assert found is not None, f"no content line: {line}"
    pairs = (each.partition("=") for each in found["parameters"].split(";")[1:])
    return ContentLine(found["name"], {name: value for name, _, value in pairs}, found["value"])


def published_events(raw: bytes) -> list[dict[str, ContentLine]]:
    """The VEVENTs of one VCALENDAR, by property; fails at whatever RFC 5545 §3.4 and §3.6 do not allow."""
    calendar, events = _components(content_lines(raw))
    for name in _ONCE_IN_CALENDAR:
        assert len(_named(calendar, name)) == 1, f"VCALENDAR needs one {name}"
    assert _named(calendar, "VERSION")[0].value == "2.0"
    assert _named(calendar, "METHOD")[0].value == "PUBLISH"
    _check_texts(calendar)
    found = [_event(each) for each in events]
    uids = [each["UID"].value for each in found]
    assert len(set(uids)) == len(uids), "two events share a UID"
    return found


def calendar_properties(raw: bytes) -> dict[str, ContentLine]:
    calendar, _ = _components(content_lines(raw))
    return {line.name: line for line in calendar}


def _components(lines: Sequence[ContentLine]) -> tuple[Component, list[Component]]:
    assert (lines[0].name, lines[0].value) == ("BEGIN", "VCALENDAR")
    assert (lines[-1].name, lines[-1].value) == ("END", "VCALENDAR")
    calendar: Component = []
    events: list[Component] = []
    inside = False
    for line in lines[1:-1]:
        if line.name in ("BEGIN", "END"):
            assert line.value == "VEVENT", f"nobody expects a {line.value}"
            assert inside == (line.name == "END"), "components overlap"
            inside = line.name == "BEGIN"
            if inside:
                events.append([])
        else:
            assert inside or not events, "a property of the calendar behind its first component"
            (events[-1] if inside else calendar).append(line)
    assert not inside
    return calendar, events


def _event(lines: Component) -> dict[str, ContentLine]:
    for name in _ONCE_IN_EVENT:
        assert len(_named(lines, name)) == 1, f"VEVENT needs one {name}"
    for name in _AT_MOST_ONCE:
        assert len(_named(lines, name)) <= 1, f"VEVENT has {name} more than once"
    found = {line.name: line for line in lines}
    assert not ("DTEND" in found and "DURATION" in found)
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        if name in found:
            assert _UTC.fullmatch(found[name].value), f"{name} is not UTC: {found[name].value}"
    _check_times(found)
    assert found["STATUS"].value in ("TENTATIVE", "CONFIRMED", "CANCELLED")
    assert re.fullmatch(r"[0-9]+", found["SEQUENCE"].value)
    _check_texts(lines)
    return found


def _check_times(found: Mapping[str, ContentLine]) -> None:
    start, end = found["DTSTART"], found["DTEND"]
    is_day = start.parameters.get("VALUE") == "DATE"
    assert (end.parameters.get("VALUE") == "DATE") == is_day, "DTSTART and DTEND differ in kind"
    form = _DATE if is_day else _UTC
    for each in (start, end):
        assert form.fullmatch(each.value), f"{each.name}:{each.value}"
    assert start.value < end.value, "it ends before it starts"


def _check_texts(lines: Component) -> None:
    for line in lines:
        if line.name in _TEXTS:
            assert _ESCAPED.fullmatch(line.value), f"not escaped: {line.name}:{line.value}"


def _named(lines: Component, name: str) -> list[ContentLine]:
    return [line for line in lines if line.name == name]


def unescaped(value: str) -> str:
    """TEXT of §3.3.11 as people read it."""
    return "".join(_characters(value))


def _characters(value: str) -> Iterator[str]:
    signs = iter(value)
    for sign in signs:
        if sign != "\\":
            yield sign
        else:
            escaped = next(signs)
            yield "\n" if escaped in "nN" else escaped
