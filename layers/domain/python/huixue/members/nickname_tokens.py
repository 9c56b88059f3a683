"""A part of a nickname as tokens: places, skin states, words of the convention, and what is none of these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from huixue.members import nickname_words as words
from huixue.members.nickname_text import Part
from huixue.members.regions import (
    Place,
    is_plain,
    longest_place,
    places_by_letter,
    places_by_pinyin,
)
from huixue.members.skin_words import skin_at

TokenKind = Literal["place", "skin", "latin", "digits", "unknown"] | words.Kind
_LATIN = re.compile(r"[a-z]+(?:['’][a-z]+)*")
_FOREIGN = re.compile(r"[^\W\da-z\u2e80-\u2fff\u306e\u3400-\u9fff\U00020000-\U0003ffff]+")
"""Scripts that are neither Chinese nor Latin; の is read as 的."""
_DIGITS = re.compile(r"\d+(?:后|岁|年|[.]\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    kind: TokenKind
    text: str
    start: int
    end: int
    places: tuple[Place, ...] = ()
    is_plain: bool = False
    """Of a place: the name is enough by itself."""
    is_present: bool = False
    """Of a place: the word itself says that she lives there now."""
    values: frozenset[str] = frozenset()
    strength: str = ""


def tokens_of(part: Part) -> list[Token]:
    """The tokens in their order; they cover the part without gaps."""
    return list(_joined(_scanned(part.text)))


def _scanned(text: str) -> Iterator[Token]:
    start = 0
    while start < len(text):
        token = _latin_at(text, start) or _han_at(text, start)
        yield token
        start = token.end


def _joined(tokens: Iterator[Token]) -> Iterator[Token]:
    """Neighbouring unknown characters are one token."""
    held: Token | None = None
    for token in tokens:
        if held is not None and held.kind == token.kind == "unknown":
            held = replace(held, text=held.text + token.text, end=token.end)
            continue
        if held is not None:
            yield held
        held = token
    if held is not None:
        yield held


def _latin_at(text: str, start: int) -> Token | None:
    digits = _DIGITS.match(text, start)
    if digits is not None:
        kind: TokenKind = "digits" if digits.group()[-1].isdigit() else "word"
        return Token(kind=kind, text=digits.group(), start=start, end=digits.end())
    foreign = _FOREIGN.match(text, start)
    if foreign is not None:
        return Token(kind="latin", text=foreign.group(), start=start, end=foreign.end())
    latin = _LATIN.match(text, start)
    if latin is None:
        return None
    skin = skin_at(text, start)
    if skin is not None and skin.end > latin.end():
        return _skin(text, start)
    name = latin.group().replace("’", "'")
    region = words.INITIALS.get(name) or places_by_pinyin().get(name)
    if region is not None:
        confidence = 80 if name in words.INITIALS else 90
        place = Place(region, "city" if "/" in region else "province", True, confidence)
        return Token(
            kind="place", text=name, start=start, end=latin.end(), places=(place,), is_plain=True
        )
    return Token(kind=words.kinds().get(name, "latin"), text=name, start=start, end=latin.end())


def _han_at(text: str, start: int) -> Token:
    found = [
        each
        for each in (_place(text, start), _word(text, start), _skin(text, start))
        if each is not None
    ]
    compound = _compound(text, start)
    if compound is not None and all(each.end <= compound.end for each in found):
        return compound
    if found:
        return max(found, key=lambda each: each.end)  # the first of equally long ones
    return _letter(text, start) or _unknown(text, start, start + 1)


def _unknown(text: str, start: int, end: int) -> Token:
    return Token(kind="unknown", text=text[start:end], start=start, end=end)


def _compound(text: str, start: int) -> Token | None:
    for end in range(min(len(text), start + 8), start + 1, -1):
        if text[start:end] in words.compounds():
            return _unknown(text, start, end)
    return None


def _word(text: str, start: int) -> Token | None:
    for end in range(min(len(text), start + words.longest_word()), start, -1):
        kind = words.kinds().get(text[start:end])
        if kind is not None and not text[start:end].isascii():
            return Token(kind=kind, text=text[start:end], start=start, end=end)
    return None


def _place(text: str, start: int) -> Token | None:
    alias = words.SURE_ALIASES.get(text[start : start + 2])
    if alias is not None:
        place = Place(alias, "city" if "/" in alias else "province", True, 90)
        return Token(
            kind="place", text=text[start : start + 2], start=start, end=start + 2,
            places=(place,), is_plain=True, is_present=True,
        )  # fmt: skip
    found = longest_place(text, start)
    if found is None:
        return None
    end, places, is_sure = found
    name = text[start:end]
    return Token(
        kind="place", text=name, start=start, end=end, places=places,
        is_plain=is_sure or is_plain(name, places),
    )  # fmt: skip


def _letter(text: str, start: int) -> Token | None:
    """The one-character name of a province: as a part of its own, or right before a skin state, a place of that
    province or a word for people."""
    char = text[start]
    province = words.MORE_LETTERS.get(char) or places_by_letter().get(char)
    if start or char not in words.SURE_LETTERS or province is None:
        return None
    if len(text) > 1:
        following = _han_at(text, 1)
        near = {each.region.split("/")[0] for each in following.places}
        is_state = following.kind == "skin" and following.strength == "sure"
        if not (is_state or following.kind == "person" or province in near):
            return None
    place = Place(province, "province", True, 85)
    return Token(
        kind="place", text=char, start=start, end=start + 1, places=(place,), is_plain=True
    )


def _skin(text: str, start: int) -> Token | None:
    skin = skin_at(text, start)
    if skin is None or skin.strength == "nothing":
        return None
    return Token(
        kind="skin", text=text[start : skin.end], start=start, end=skin.end,
        values=skin.values, strength=skin.strength,
    )  # fmt: skip


def all_places(text: str) -> Sequence[Token] | None:
    """The places a text consists of; None where there is anything else in it."""
    found: list[Token] = []
    start = 0
    while start < len(text):
        token = _latin_at(text, start) or _place(text, start)
        if token is None and len(text) == 1:
            token = _letter(text, 0)
        if token is None or token.kind != "place":
            return None
        found.append(token)
        start = token.end
    return found
