"""The gazetteer of China's regions: what a name may stand for, and the one region several names agree on.

`regions.json` beside this module holds the provinces, their cities, and the districts and counties of those. A region
is written `province` or `province/city`: short names, without 省, 市 or 自治区; municipalities, 香港 and 澳门 have no
city.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from huixue.members.nickname_text import levelled

Rank = Literal["province", "city", "place"]
LONGEST_NAME = 16
SUFFIXES: tuple[tuple[str, tuple[Rank, ...]], ...] = (
    ("省", ("province",)), ("市", ("city", "place")), ("地区", ("city",)), ("盟", ("city",)),
    ("州", ("city",)), ("自治州", ("city",)), ("区", ("place",)), ("县", ("city", "place")),
    ("自治县", ("city", "place")),
    ("旗", ("place",)), ("新区", ("place",)), ("镇", ("place",)),
)  # fmt: skip
"""What may stand behind a short name, and what it then is."""


class PlaceRow(TypedDict):
    pinyin: NotRequired[list[str]]
    aliases: NotRequired[list[str]]
    known_places: NotRequired[list[str]]
    """Districts, counties and quarters anybody means by their bare name."""
    places: NotRequired[list[str]]
    """Those that count only beside their city or province, or with 区, 县, 市 behind them."""
    needs_context: NotRequired[bool]
    """Its bare name is also a word or a personal name."""


class ProvinceRow(PlaceRow):
    full: list[str]
    letter: str
    cities: NotRequired[dict[str, PlaceRow]]


class Regions(TypedDict):
    ambiguous: list[str]
    """Names of several places of one rank: alone they say nothing."""
    provinces: dict[str, ProvinceRow]


@dataclass(frozen=True, slots=True)
class Place:
    region: str
    rank: Rank
    is_plain: bool
    """Its bare name is enough."""
    confidence: int = 95


@cache
def regions() -> Regions:
    """The gazetteer as stored; read once, when first asked for."""
    content: Regions = json.loads(Path(__file__).with_name("regions.json").read_text("utf-8"))
    return content


@cache
def places_by_name() -> dict[str, tuple[Place, ...]]:
    """Every name in Chinese characters, short or with its full suffix, and all it may stand for."""
    found: dict[str, list[Place]] = {}
    for province, row in regions()["provinces"].items():
        names = [province, *row["full"]]
        _add(found, names, Place(province, "province", True))
        _add(found, row.get("aliases", ()), Place(province, "province", True, 90))
        _add_places(found, province, row)
        for city, of_city in row.get("cities", {}).items():
            region = f"{province}/{city}"
            _add(found, [city], Place(region, "city", not of_city.get("needs_context", False)))
            _add(found, of_city.get("aliases", ()), Place(region, "city", True, 90))
            _add_places(found, region, of_city)
    return {name: tuple(dict.fromkeys(each)) for name, each in found.items()}


@cache
def places_by_letter() -> dict[str, str]:
    """The provinces by their one-character names."""
    rows = regions()["provinces"].items()
    return {row["letter"]: province for province, row in rows if row["letter"]}


@cache
def places_by_pinyin() -> dict[str, str]:
    """The regions by their names in Latin letters; a name of two regions is left out."""
    found: dict[str, str] = {}
    for province, row in regions()["provinces"].items():
        for city, of_city in row.get("cities", {}).items():
            for name in of_city.get("pinyin", ()):
                found[name] = "" if name in found else f"{province}/{city}"
    for province, row in regions()["provinces"].items():
        found.update(dict.fromkeys(row["pinyin"], province))
    return {name: region for name, region in found.items() if region}


def longest_place(text: str, start: int) -> tuple[int, tuple[Place, ...], bool] | None:
    """The longest name that begins there: its end, what it may stand for, and whether its suffix makes it sure."""
    names = places_by_name()
    for end in range(min(len(text), start + LONGEST_NAME), start + 1, -1):
        places = names.get(text[start:end])
        if places is None:
            continue
        for suffix, ranks in sorted(SUFFIXES, key=lambda each: -len(each[0])):
            of_rank = tuple(each for each in places if each.rank in ranks)
            if text.startswith(suffix, end) and of_rank:
                return end + len(suffix), _first(of_rank), True
        return end, places, False
    return None


def is_plain(name: str, places: Sequence[Place]) -> bool:
    """Whether the bare name says where she is: one place is meant by it, and it is no ordinary word."""
    return name not in _ambiguous() and any(each.is_plain for each in _first(places))


def meant(name: str, places: Sequence[Place]) -> tuple[Place, ...]:
    """What the bare name stands for without any context: a province or city before a district of its name."""
    return tuple(places) if name in _ambiguous() else _first(places)


def agreed(mentions: Iterable[Sequence[Place]]) -> str | None:
    """The one region all mentions lie in or name, as exact as they say; None where they contradict each other or leave
    several."""
    regions_left: set[str] | None = None
    for places in mentions:
        named = {each.region for each in places}
        if regions_left is None:
            regions_left = named
        else:
            regions_left = {
                max(one, other, key=len)
                for one in regions_left
                for other in named
                if one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
            }
    return regions_left.pop() if regions_left is not None and len(regions_left) == 1 else None


def _first(places: Sequence[Place]) -> tuple[Place, ...]:
    for rank in ("province", "city", "place"):
        of_rank = tuple(each for each in places if each.rank == rank)
        if of_rank:
            return of_rank
    return ()


@cache
def _ambiguous() -> frozenset[str]:
    return frozenset(regions()["ambiguous"])


def _add(found: dict[str, list[Place]], names: Iterable[str], place: Place) -> None:
    for name in names:
        found.setdefault(levelled(name), []).append(place)


def _add_places(found: dict[str, list[Place]], region: str, row: PlaceRow) -> None:
    _add(found, row.get("known_places", ()), Place(region, "place", True, 90))
    for name in row.get("places", ()):
        _add(found, [name], Place(region, "place", name[-1] in "县旗", 85))
