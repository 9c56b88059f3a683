"""What members write for their skin, as values: 干皮, 混油敏, 敏感大干皮, T区油两颊干, 干皮转油皮."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

BASES = ("dry", "oily", "combination", "combination_dry", "combination_oily", "normal")
CONCERNS = ("sensitive", "acne_prone")

_DEGREE = (
    r"(?:超级无敌|超级|超|巨|特别|特|极度|极|非常|很|重度|中度|轻度|轻微|微|严重|资深|万年|常年|天生|纯|真|大|老|偏"
    r"|(?:黄黑|黑黄|冷白|暗黄|黑|白|小)(?=(?:[干油]|混[干油合])性?(?:皮|肌))|缺水性?|脱皮|爆皮|爆|轻|重|易|[一二三四五六七八九十百千万几多数]+年|外加|兼|加|和|又|无敌|宇宙|究极|终极|顶级|典型|十级|一级)"
)
_ATOM = (
    r"(?:混合(?:性|型)?(?:皮肤|肌肤|皮|肌)?偏[干油]性?|混偏[干油]性?|偏[干油]性?混合(?:性|型)?|混[干油]性?|混合(?:性|型)?|混"
    r"|中性|干燥|[干油](?:性|型)?|敏感(?:性|型)?|敏|痘痘|痘)"
)
_SUFFIX = (
    r"(?:(?:皮肤|肌肤|肤质|皮质|皮|肌|肤|p(?![a-z])|pi(?![a-z]))(?:儿(?![童子])|er(?![a-z]))?)"
)
_BESIDES = r"(?:(?:[偏带加且又兼还但]|有点|有些)*(?:敏感|敏(?!敏)|痘痘|痘)(?:肌|皮)?)"
"""A concern named behind the type: 油皮敏, 干皮带痘."""
_CHUNK = rf"{_DEGREE}*{_ATOM}(?:{_DEGREE}*{_ATOM})*(?P<suffix>{_SUFFIX}{_BESIDES}?)?"
_ATOMS = _ATOM
_CHEEKS = r"(?:u区?|其他|其它|其余|别处|两颊|双颊|脸颊|面颊|两侧|两边|周围|四周|全脸)"
_MUCH = r"(?:爱|容易|很|偏|大|特|超|部|出|有点|比较)*"
_ZONES = (
    rf"{_CHEEKS}{_MUCH}干t(?:区|字区)?{_MUCH}油"
    rf"|t(?:区|字区|字部位|字)?{_MUCH}油{_CHEEKS}?{_MUCH}干(?:{_SUFFIX})?"
    rf"|t(?:区|字区)?{_MUCH}油的?混合{_SUFFIX}"
)
_TURNED = (
    r"(?P<was>(?:混[干油]|混合|[干油敏]|中性)(?:性|敏)?(?:皮肤|皮|肌)?)"
    r"(?:已经?|慢慢|彻底|成功)?(?:转|变|养|变身|进化|熬)(?:成|为|到)?了?(?P<now>.+)"
)
_UNSETTLED = (
    r"(?:[外内里][油干]){2}|(?:[春夏秋冬](?:季|天)?(?:偏|很|超|大)?(?:混[干油]|[干油敏])皮?){2,}|不干不油|不油不干"
    r"|又干又油|又油又干"
    r"|时干时油|半干半油|半油半干|一半干一半油|忽干忽油|"
    r"中性偏[干油]性?(?:皮肤|皮|肌)?|中偏[干油](?:皮|肌)?"
    r"|先干后油|早干晚油|早油晚干|外油内缺水"
)
_WHOLE = {
    "沙漠皮": "dry", "沙漠肌": "dry", "沙漠大干皮": "dry", "沙漠干皮": "dry", "撒哈拉干皮": "dry",
    "沙漠肌肤": "dry", "沙漠皮肤": "dry",
    "大油田": "oily", "超级大油田": "oily", "行走的油田": "oily", "油田皮": "oily", "油田肌": "oily",
}  # fmt: skip
_LONGEST = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinWord:
    end: int
    values: frozenset[str]
    """None of the two kinds: something was said of the skin, but no state that holds."""
    strength: str
    """`sure` by itself; `weak` counts only as a part of its own or beside a region; `bare` (干, 油) as a part of its
    own next to a region, `concern` (敏, 痘) next to another state; `unsettled` says nothing."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled on first use: an import stays cheap."""
    return re.compile(pattern)


@cache
def _whole_words() -> tuple[str, ...]:
    return tuple(sorted(_WHOLE, key=lambda word: -len(word)))


def skin_at(text: str, start: int) -> SkinWord | None:
    """The longest word or compound for a skin state that begins there."""
    unsettled = _compiled(_UNSETTLED).match(text, start)
    if unsettled is not None:
        return SkinWord(end=unsettled.end(), values=frozenset(), strength="unsettled")
    zones = _compiled(_ZONES).match(text, start)
    if zones is not None:
        return SkinWord(end=zones.end(), values=frozenset({"combination"}), strength="sure")
    for word in _whole_words():
        if text.startswith(word, start):
            return SkinWord(
                end=start + len(word), values=frozenset({_WHOLE[word]}), strength="sure"
            )
    return _turned_at(text, start) or _chunk_at(text, start)


def names_zones(one: str, other: str) -> bool:
    """Whether two parts are one statement about the zones of a face: `T区油`, `两颊干`."""
    both = one + other
    found = _compiled(_ZONES).fullmatch(both)
    return (
        found is not None
        and _compiled(_ZONES).fullmatch(one) is None
        and len(one) > 1
        and len(other) > 1
    )


def joined_values(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """What two words say together: a compound type stands for the plain one (混油 is not also 混合); two types that
    exclude each other are both left out."""
    bases = {value for value in one | other if value in BASES}
    concerns = (one | other) - bases
    if len(bases) > 1:
        exact = bases - {"combination"}
        bases = exact if "combination" in bases and len(exact) == 1 and _is_mixed(exact) else set()
    return frozenset(bases | concerns)


def _is_mixed(bases: set[str]) -> bool:
    return bases <= {"combination_dry", "combination_oily"}


def _turned_at(text: str, start: int) -> SkinWord | None:
    turned = _compiled(_TURNED).match(text[: _LONGEST + start], start)
    if turned is None:
        return None
    chunk = _chunk_at(text, turned.start("now"))
    if chunk is None or not chunk.values:
        return None
    return SkinWord(end=chunk.end, values=chunk.values, strength="sure")


def _chunk_at(text: str, start: int) -> SkinWord | None:
    found = _compiled(_CHUNK).match(text[: start + _LONGEST], start)
    if found is None:
        return None
    chunk = found.group()
    bare = chunk if found["suffix"] is None else ""
    values: frozenset[str] = frozenset()
    bases: set[str] = set()
    for atom in _compiled(_ATOMS).findall(chunk):
        bases |= {_value_of(atom)} & set(BASES)
        values |= {_value_of(atom)}
    for lean, exact in (("偏干", "combination_dry"), ("偏油", "combination_oily")):
        if "combination" in bases and lean in chunk:  # 混合敏感偏干
            values = (values - set(BASES)) | {exact}
            bases = {exact}
    if len(bases) > 1 and not _is_mixed(bases - {"combination"}):
        return SkinWord(end=found.end(), values=frozenset(), strength="unsettled")
    return SkinWord(
        end=found.end(), values=joined_values(values, frozenset()), strength=_strength(bare, values)
    )


def _strength(bare: str, values: frozenset[str]) -> str:
    if not bare:
        return "sure"
    if bare in {"干", "油"}:
        return "bare"
    if bare in {"敏", "痘", "痘痘"}:
        return "concern"
    if bare == "混":
        return "nothing"
    if len(values) > 1 or (bare.endswith(("性", "型")) and not bare.startswith("敏感")):
        return "sure"
    if re.fullmatch(rf"{_DEGREE}*混合?(?:性|型)?偏?[干油]|偏[干油]混合", bare):
        return "sure"
    return "weak"


def _value_of(atom: str) -> str:
    if "混" in atom:
        return (
            "combination_oily"
            if "油" in atom
            else "combination_dry"
            if "干" in atom
            else "combination"
        )
    return {"干": "dry", "油": "oily", "中": "normal", "敏": "sensitive", "痘": "acne_prone"}[
        atom[0]
    ]
