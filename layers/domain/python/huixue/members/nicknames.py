"""Group nicknames after the convention 地区+皮肤状态: where she lives and what her skin is like, from the text alone.

Emitted is only what is certain: a place inside the name of a dish, a brand, a school or a person says nothing, nor
does a state that is denied, wished for, past, of a season, or somebody else's. The gazetteer is read on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huixue.members.nickname_grammar import Seen, respelled, settled, with_statuses
from huixue.members.nickname_text import LENGTH_OF_INTEREST, Part, parts_of
from huixue.members.nickname_tokens import Token, all_places, tokens_of
from huixue.members.regions import Place, agreed, meant
from huixue.members.skin_words import BASES, CONCERNS, joined_values

_CONFIDENCE_OF_SKIN = {"sure": 95, "weak": 85, "bare": 80}
_CITIES = {"北京", "天津", "上海", "重庆"}
_KNOWN = {
    "present",
    "past",
    "denied",
    "season",
    "label",
    "word",
    "person",
    "of",
    "wide",
    "elsewhere",
    "either",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    value: str
    confidence: int
    """0 to 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedNickname:
    region: Guess | None
    """`省` or `省/市`, as in the gazetteer."""
    skin: tuple[Guess, ...]
    """A set, sorted: dry, oily, combination, combination_dry, combination_oily, normal (one of these at most),
    sensitive, acne_prone."""
    remainder: str
    """What was not understood, in its order, parted by single spaces."""


def parsed(nickname: str) -> ParsedNickname:
    """Region, skin states and what is left of a nickname. Any text is allowed and none raises; the same text gives the
    same answer. Only the first LENGTH_OF_INTEREST (64) letters and separators are read, what follows them is
    remainder, so the work grows with the length of the text alone."""
    parts = respelled(parts_of(nickname))
    rows = [[] if part.is_cut else settled(tokens_of(part)) for part in parts]
    seen = with_statuses(parts, rows)
    region, used = _region(seen, rows)
    skin = _skin(seen, rows, used if region is not None else frozenset())
    return ParsedNickname(
        region=region, skin=skin, remainder=_remainder(nickname, parts, rows, region is not None)
    )


def region_of(text: str) -> str | None:
    """The region a member typed: a name or alias of the gazetteer, or several that lie in each other (`广东 深圳市`);
    None for anything else, and for names that several places share. Never raises."""
    named: list[Token] = []
    for part in parts_of(text):
        tokens = None if part.is_cut else all_places(part.text)
        if tokens is None:
            return None
        named += tokens
    first = agreed(meant(each.text, each.places) for each in named)
    return first or agreed(each.places for each in named)


def without_skin(nickname: str) -> str:
    """The nickname as it is where no word in it may be about skin, whoever's and whenever; else the words that name the
    region alone, parted by spaces (none: the empty text). What was not read counts as such a word. Never raises; the
    same text again gives itself."""
    if not _may_tell_of_skin(nickname):
        return nickname
    parts = respelled(parts_of(nickname))
    rows = [[] if part.is_cut else settled(tokens_of(part)) for part in parts]
    region, used = _region(with_statuses(parts, rows), rows)
    if region is None:
        return ""
    names = [
        _original(nickname, parts[index], token.start, token.end)
        for index in sorted(used)
        for token in rows[index]
        if token.kind == "place"
    ]
    kept = (each for each in (" ".join(names), *names) if _names_only(each, region.value))
    return next(kept, "")


def _names_only(text: str, region: str) -> bool:
    found = parsed(text).region
    return found is not None and found.value == region and not _may_tell_of_skin(text)


def _may_tell_of_skin(nickname: str) -> bool:
    plain = parts_of(nickname)
    return any(
        part.is_cut or any(token.kind == "skin" for token in tokens_of(part))
        for part in (*plain, *respelled(plain))
    )


def tags_of(nickname: ParsedNickname) -> tuple[tuple[str, str, int], ...]:
    """The tags of a parsed nickname as (group, value, confidence): `region`, `skin_type` (one: combination_dry and
    combination_oily are combination there) and `skin_concern` (many: sensitive, acne_prone)."""
    found = []
    if nickname.region is not None:
        found.append(("region", nickname.region.value, nickname.region.confidence))
    for guess in nickname.skin:
        if guess.value in CONCERNS:
            found.append(("skin_concern", guess.value, guess.confidence))
        else:
            found.append(("skin_type", guess.value.split("_")[0], guess.confidence))
    return tuple(found)


def _region(
    seen: Sequence[Seen], rows: Sequence[Sequence[Token]]
) -> tuple[Guess | None, frozenset[int]]:
    """The region, and the parts that name it."""
    del rows
    named = [
        each for each in seen if each.token.kind in {"place", "elsewhere"} and each.status != "void"
    ]
    present = [each for each in named if each.status == "present" or each.token.is_present]
    if not present and any(each.status == "asked" for each in named):
        return None, frozenset()
    for mentions in (named, present) if present else (named,):
        sure = [each for each in mentions if each.token.is_plain or each.token.kind == "elsewhere"]
        region = _agreed(sure)
        if region is None:
            continue
        used = list(sure)
        for each in mentions:
            exact = _agreed([*used, each]) if each not in sure and _may_refine(each, used) else None
            if exact is not None:
                region, used = exact, [*used, each]
        confidence = min(max(place.confidence for place in each.token.places) for each in used)
        return Guess(value=region, confidence=confidence), frozenset(each.part for each in used)
    return None, frozenset()


def _may_refine(seen: Seen, used: Sequence[Seen]) -> bool:
    """A county's name that is also a word or a person's (湖南-芙蓉) makes a province exact only beside it."""
    is_city = any(place.rank == "city" for place in seen.token.places)
    return is_city or any(
        each.part == seen.part or "/" in place.region or place.region in _CITIES
        for each in used
        for place in each.token.places
    )


def _agreed(mentions: Sequence[Seen]) -> str | None:
    all_meanings = [_candidates(each.token.places) for each in mentions]
    first = [
        _first_meant(each.token.places) if each.token.is_plain else each.token.places
        for each in mentions
    ]
    return agreed(first) or agreed(all_meanings)


def _candidates(places: Sequence[Place]) -> Sequence[Place]:
    """A province is never taken for a district of its name."""
    provinces = [each for each in places if each.rank == "province"]
    return provinces or places


def _first_meant(places: Sequence[Place]) -> Sequence[Place]:
    return meant("", places)


def _skin(
    seen: Sequence[Seen], rows: list[list[Token]], region_parts: frozenset[int]
) -> tuple[Guess, ...]:
    values: frozenset[str] = frozenset()
    confidence = 100
    is_undone = False
    for each in seen:
        token = each.token
        if (
            token.kind != "skin"
            or each.status in {"void", "asked"}
            or not _counts(each, rows, region_parts)
        ):
            continue
        lean = {"偏油": "combination_oily", "偏干": "combination_dry"}.get(token.text[:2])
        if lean is not None and "combination" in values and token.strength == "weak":
            values = joined_values(values, frozenset({lean}))
            continue
        together = joined_values(values, token.values)
        had_base = (values | token.values) & set(BASES)
        is_undone = is_undone or (bool(had_base) and not together & set(BASES))
        values = together
        confidence = min(confidence, _CONFIDENCE_OF_SKIN.get(token.strength, 100))
    kept = {value for value in values if not (is_undone and value in BASES)}
    return tuple(Guess(value=value, confidence=confidence) for value in sorted(kept))


def _counts(seen: Seen, rows: list[list[Token]], region_parts: frozenset[int]) -> bool:
    """A bare 干 or 油 counts only beside the part that names the region, other short words only where there is one."""
    if seen.token.strength == "bare":
        beside = {seen.part - 1, seen.part + 1}
        before = seen.part - 1
        if before >= 0 and all(each.kind == "label" for each in rows[before]):
            return bool(region_parts)
        return bool(beside & region_parts)
    if seen.token.strength == "concern":
        rows_beside = rows[max(0, seen.part - 1) : seen.part] + rows[seen.part + 1 : seen.part + 2]
        return any(
            row[-1:] and row[-1].kind == "skin" and row[-1].strength == "sure"
            for row in rows_beside
        )
    if seen.token.strength == "weak":
        row = rows[seen.part]
        has_state = any(each.kind == "skin" and each.strength == "sure" for each in row)
        return bool(region_parts) or has_state
    return True


def _remainder(
    nickname: str, parts: Sequence[Part], rows: Sequence[Sequence[Token]], has_region: bool
) -> str:
    pieces: list[str] = []
    for part, tokens in zip(parts, rows, strict=True):
        if part.is_cut:
            return " ".join([*pieces, nickname[part.places[0] :].strip()])
        start = None
        for token in tokens:
            is_known = token.kind in _KNOWN | {"skin"} or (token.kind == "place" and has_region)
            if not is_known and start is None:
                start = token.start
            if is_known and start is not None:
                pieces.append(_original(nickname, part, start, token.start))
                start = None
        if start is not None:
            pieces.append(_original(nickname, part, start, len(part.text)))
    return " ".join(pieces)


def _original(nickname: str, part: Part, start: int, end: int) -> str:
    return nickname[part.places[start] : part.places[end - 1] + 1]


__all__ = [
    "LENGTH_OF_INTEREST",
    "Guess",
    "ParsedNickname",
    "parsed",
    "region_of",
    "tags_of",
    "without_skin",
]
