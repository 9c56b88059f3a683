"""The grammar of group nicknames: which places and states in a name stand by themselves, and what the words around them
say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from huixue.members import nickname_words as words
from huixue.members.nickname_text import Part
from huixue.members.nickname_tokens import Token
from huixue.members.skin_words import names_zones

_ASKING = "?？"
_REFUSING = "🚫❌🙅⛔"
_ARROWS = "→➡⇒⟶➜"
_SKIPPED = {"word", "person", "of", "present", "past", "denied", "season", "complaint", "label"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A token in its place, and what the words before it say of it."""

    token: Token
    part: int
    status: str = "plain"
    """plain, present, or void: denied, past, asked, of a season."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cues:
    """What the words so far say of the next place and the next state, and whether other text came since."""

    of_place: str = ""
    of_skin: str = ""
    has_unknown: bool = False


def respelled(parts: Sequence[Part]) -> list[Part]:
    """`上 海 干 皮`: three or more single characters in a row are one part, and so are `T区油 两颊干`."""
    found: list[Part] = []
    row: list[Part] = []
    for part in [*parts, None]:
        if part is not None and len(part.text) == 1 and not part.text.isascii() and not part.is_cut:
            row.append(part)
            continue
        found += [_glued(row)] if len(row) > 2 else row
        row = []
        if part is not None and found and names_zones(found[-1].text, part.text):
            found[-1] = _glued([found[-1], part])
        elif part is not None:
            found.append(part)
    return found


def _glued(row: Sequence[Part]) -> Part:
    return Part(
        text="".join(each.text for each in row),
        places=[place for each in row for place in each.places],
        before=row[0].before,
        after=row[-1].after,
    )


def settled(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, those places and states turned unknown that are part of something else."""
    found = list(tokens)
    for index, token in enumerate(tokens):
        if token.kind == "skin" and not _is_state(tokens, index):
            found[index] = replace(token, kind="unknown")
    refused = False
    groups = _groups(found)
    for first, last in groups:
        is_adjective = first < last + 1 < len(found) and found[last + 1].kind == "of"
        if is_adjective and first < last and not found[last].is_plain:
            found[last] = replace(
                found[last], kind="unknown"
            )  # 广东和平的油皮: peaceful, not the county
            continue
        if not (_is_open_before(found, first, last) and _is_open_behind(found, last)):
            is_placed = first > 0 and found[first - 1].kind == "present"
            refused = refused or (is_placed and found[first].is_plain)
            _forget(found, first, last)
    if (
        refused and len(groups) > 1
    ):  # 湖南人在广州塔下: the part says more of places than is understood
        for first, last in groups:
            _forget(found, first, last)
    return found


def _forget(tokens: list[Token], first: int, last: int) -> None:
    tokens[first : last + 1] = [replace(each, kind="unknown") for each in tokens[first : last + 1]]


def _groups(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Places next to each other: first and last."""
    found: list[tuple[int, int]] = []
    for index, token in enumerate(tokens):
        if token.kind in {"place", "elsewhere"}:
            if found and found[-1][1] == index - 1:
                found[-1] = (found[-1][0], index)
            else:
                found.append((index, index))
    return found


def _is_state(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.strength in {"bare", "concern"}:
        return len(tokens) == 1
    before = tokens[index - 1] if index else None
    if token.strength == "weak" and not _is_weak_state(tokens, index):
        return False
    if before is not None and before.kind == "unknown" and not _is_aside(tokens, index - 1):
        return False
    return _ends_well(tokens, index + 1)


def _is_weak_state(tokens: Sequence[Token], index: int) -> bool:
    near = {"place", "skin", "label", "word", "season", "present", "denied", "past"}
    return index == 0 or tokens[index - 1].kind in near


def _is_aside(tokens: Sequence[Token], index: int) -> bool:
    """Unknown text before a state: how she is called, or a few words behind her place."""
    text = tokens[index].text
    if index == 0:
        return words.is_like_a_nickname(text)
    return tokens[index - 1].kind == "place" and len(text) <= 4 and not words.names_a_thing(text)


def _ends_well(tokens: Sequence[Token], index: int) -> bool:
    """Whether what follows a state leaves it one: nothing, words for people, a place, a nickname; not 救星 or 款."""
    index = _behind_words(tokens, index)
    if index == len(tokens):
        return True
    if tokens[index].kind == "unknown":
        return index + 1 == len(tokens) and words.is_like_a_nickname(tokens[index].text)
    if tokens[index].kind == "latin":
        return tokens[index].text not in {"spa", "party", "pro", "spf", "plus", "app", "diy"}
    return True


def _behind_words(tokens: Sequence[Token], index: int) -> int:
    while index < len(tokens) and tokens[index].kind in _SKIPPED:
        index += 1
    return index


def _is_open_before(tokens: Sequence[Token], first: int, last: int) -> bool:
    if first == 0 or tokens[first - 1].kind != "unknown":
        return True
    if first > 1 or not (last + 1 == len(tokens) or tokens[last + 1].kind == "skin"):
        return False
    text = tokens[0].text
    if words.is_like_a_nickname(text) or text in {"大", "我大", "咱", "咱们", "俺", "我们"}:
        return True
    is_with_state = last + 2 == len(tokens) and tokens[last + 1].kind == "skin"
    return is_with_state and 2 <= len(text) <= 4 and not words.names_a_thing(text)


def _is_open_behind(tokens: Sequence[Token], last: int) -> bool:
    rest = tokens[_behind_words(tokens, last + 1) :]
    if not rest:
        return True
    if rest[0].kind == "digits":
        return rest[0].text.startswith("0") or (len(rest) > 1 and rest[1].kind == "skin")
    if rest[0].kind == "latin":
        return not words.names_a_thing(rest[0].text)
    return rest[0].kind != "unknown" or _is_about_her(rest)


def _is_about_her(rest: Sequence[Token]) -> bool:
    """Unknown text behind a place: a nickname, a district, or some words before her state or a word for people."""
    text = rest[0].text
    if words.holds_a_thing(text) or len(text) > 4:
        return False
    if len(rest) == 1:
        return words.is_like_a_nickname(text) or (len(text) > 1 and text[-1] in "区县镇乡村")
    if all(each.kind in {"person", "word"} for each in rest[1:]) and rest[-1].kind == "person":
        return True
    return not words.names_a_thing(text) and any(each.kind == "skin" for each in rest[1:])


def with_statuses(parts: Sequence[Part], rows: Sequence[Sequence[Token]]) -> list[Seen]:
    """Every place and state in its order, with what the words around it say of it. A cue that is a part of its own
    (`坐标：成都`) is about the next part."""
    found: list[Seen] = []
    cues = _Cues()
    for number, (part, tokens) in enumerate(zip(parts, rows, strict=True)):
        before = part.before.strip()
        if number and not _is_only_cues(rows[number - 1]):
            cues = _Cues()
        if before and before[-1] in _REFUSING:
            cues = _Cues(of_place="void", of_skin="void")
        if tokens and tokens[0].kind == "skin" and any(each in before for each in _ARROWS):
            found = [_outdated(each, number) for each in found]
        is_asked = part.after.strip()[:1] in set(_ASKING)
        cues = replace(cues, has_unknown=False)
        for index, token in enumerate(tokens):
            cues = _read(found, cues, tokens, index, number)
            if is_asked and found and found[-1].token is token:
                found[-1] = replace(found[-1], status="asked")
    return found


def _read(found: list[Seen], cues: _Cues, tokens: Sequence[Token], index: int, part: int) -> _Cues:
    """Adds the token, where it is a place or a state, or says something of the one before; and the cues behind it."""
    token = tokens[index]
    is_behind_place = index > 0 and tokens[index - 1].kind == "place"
    if is_behind_place and token.kind != "place":
        cues = replace(cues, of_place="")
    if token.kind in {"place", "elsewhere"}:
        found.append(Seen(token=token, part=part, status=cues.of_place or "plain"))
    elif token.kind == "skin":
        found.append(Seen(token=token, part=part, status="void" if cues.of_skin else "plain"))
    elif is_behind_place and _is_said_behind(tokens, index):
        status = "void" if token.text in words.PAST_BEHIND_PLACE else "present"
        found[-1] = replace(found[-1], status=status)
        return cues
    elif token.kind == "either" and found and found[-1].token.kind == "skin":
        found[-1] = replace(found[-1], status="void")
        return replace(cues, of_skin="denied")
    return _cues_behind(token, cues)


def _is_said_behind(tokens: Sequence[Token], index: int) -> bool:
    """Whether the word is about the place in front of it: 成都出差, 广州打工; not 北京现居上海."""
    if index + 1 < len(tokens) and tokens[index + 1].kind == "place":
        return False
    return tokens[index].text in words.PAST_BEHIND_PLACE | words.PRESENT_BEHIND_PLACE


def _outdated(seen: Seen, number: int) -> Seen:
    """What stands before an arrow is past: 干皮→油皮."""
    if seen.token.kind == "skin" and seen.part == number - 1:
        return replace(seen, status="void")
    return seen


def _cues_behind(token: Token, cues: _Cues) -> _Cues:
    match token.kind:
        case "present":
            return _Cues(of_place="present")
        case "past":
            of_skin = "past" if token.text in words.PAST_BEFORE_SKIN else cues.of_skin
            return _Cues(of_place="void", of_skin=of_skin)
        case "denied":
            return _Cues(of_place="void", of_skin="denied")
        case "season":
            return replace(cues, of_skin="season", has_unknown=False)
        case "complaint" if (
            cues.of_skin == "season"
        ):  # 换季过敏的干皮: the season is the complaint's
            return replace(cues, of_place="", of_skin="")
        case "of" if cues.of_skin == "season" or cues.has_unknown:
            return replace(cues, of_skin="")
        case "unknown" | "latin" | "digits":
            of_place = "" if cues.of_place == "present" else cues.of_place
            return replace(cues, of_place=of_place, has_unknown=True)
    return _Cues() if token.kind == "skin" else cues


def _is_only_cues(tokens: Sequence[Token]) -> bool:
    return bool(tokens) and all(
        each.kind in {"present", "past", "denied", "label", "word"}
        or (each.kind == "season" and len(each.text) > 1)
        for each in tokens
    )
