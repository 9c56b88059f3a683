"""What a group nickname tells by the convention 地区+皮肤状态, as tags: the one seam to parser and gazetteer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huixue.members import nicknames


@dataclass(frozen=True, slots=True, kw_only=True)
class TagGuess:
    value: str
    confidence: int
    """0 to 100."""


def guesses(group_nickname: str) -> Mapping[str, Sequence[TagGuess]]:
    """By tag group, what the nickname tells for certain; any text is allowed."""
    found: dict[str, list[TagGuess]] = {}
    for group, value, confidence in nicknames.tags_of(nicknames.parsed(group_nickname)):
        found.setdefault(group, []).append(TagGuess(value=value, confidence=confidence))
    return found


def region_of(text: str) -> str | None:
    """`province` or `province/city`; None for what is no region of the gazetteer, or several."""
    return nicknames.region_of(text)


def without_skin(group_nickname: str) -> str | None:
    """What may be kept of it where nothing may be known of her skin: all of it where it tells nothing of that, else
    what names her region alone; None where that is nothing."""
    return nicknames.without_skin(group_nickname) or None
