"""The gazetteer: complete, and no name that counts alone stands for two places."""

from __future__ import annotations

from collections import defaultdict

from huixue.members.regions import (
    Place,
    agreed,
    is_plain,
    longest_place,
    meant,
    places_by_letter,
    places_by_name,
    places_by_pinyin,
    regions,
)

MUNICIPALITIES = {"北京", "天津", "上海", "重庆", "香港", "澳门"}


def test_there_are_thirty_four_provinces_and_all_their_cities() -> None:
    provinces = regions()["provinces"]
    cities = [city for row in provinces.values() for city in row.get("cities", {})]
    no_cities = {name for name, row in provinces.items() if not row.get("cities")}
    taiwan = provinces["台湾"].get("cities", {})

    assert len(provinces) == 34
    assert no_cities == MUNICIPALITIES
    assert len(cities) - len(taiwan) >= 333


def test_every_region_names_a_province_and_a_city_of_it() -> None:
    provinces = regions()["provinces"]

    for places in places_by_name().values():
        for place in places:
            province, _, city = place.region.partition("/")
            assert province in provinces
            assert not city or city in provinces[province].get("cities", {})


def test_no_alias_and_no_name_that_counts_alone_stands_for_two_places() -> None:
    ambiguous = set(regions()["ambiguous"])
    holders: dict[str, set[str]] = defaultdict(set)
    for province, row in regions()["provinces"].items():
        for region, node in [
            (province, row),
            *((f"{province}/{city}", of_city) for city, of_city in row.get("cities", {}).items()),
        ]:
            for name in node.get("aliases", ()):
                holders[name].add(region)

    assert [name for name, of in holders.items() if len(of) > 1] == []
    for name, places in places_by_name().items():
        first = {each.region for each in meant(name, places)}
        assert name in ambiguous or len(first) == 1 or not is_plain(name, places), name


def test_what_is_listed_as_ambiguous_is() -> None:
    for name in regions()["ambiguous"]:
        assert len({place.region for place in places_by_name()[name]}) > 1
        assert not is_plain(name, places_by_name()[name])


def test_pinyin_and_letters_stand_for_one_region() -> None:
    known = {place.region for places in places_by_name().values() for place in places}

    assert set(places_by_pinyin().values()) <= known
    assert set(places_by_letter().values()) <= set(regions()["provinces"])
    assert not {"suzhou", "fuzhou", "taizhou", "shanxi", "yulin", "yichun"} & set(
        places_by_pinyin()
    )


def test_the_longest_name_and_its_suffix_are_taken() -> None:
    found = longest_place("吉林省吉林市", 3)

    assert found == (6, (Place("吉林/吉林", "city", is_plain=True),), True)
    assert longest_place("没有地方", 0) is None


def test_mentions_agree_on_the_most_exact_region() -> None:
    guangdong = Place("广东", "province", is_plain=True)
    shenzhen = Place("广东/深圳", "city", is_plain=True)
    chengdu = Place("四川/成都", "city", is_plain=True)

    assert agreed([[guangdong], [shenzhen]]) == "广东/深圳"
    assert agreed([[guangdong], [chengdu]]) is None
    assert agreed([]) is None
