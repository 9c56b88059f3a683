"""The published schema of season files: it says what it expects, and the reader knows the same keys."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from jsonschema import Draft202012Validator

from huixue.seasons.model import TargetKind
from infra.ops import season_file
from infra.ops.season_schema import SCHEMA_FILE, schema


def test_the_schema_is_one_of_draft_2020_12_and_says_what_it_expects_everywhere() -> None:
    published = json.loads(SCHEMA_FILE.read_text("utf-8"))

    Draft202012Validator.check_schema(published)

    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for name, definition in _definitions().items():
        assert definition["description"], name
        for key, part in definition.get("properties", {}).items():
            assert _says(part, "description"), f"{name}.{key} has no description"
            assert _says(part, "x-expected"), f"{name}.{key} does not say what it expects"


def _says(part: Mapping[str, Any], word: str) -> bool:
    if "$ref" in part:
        part = {**schema()["$defs"][part["$ref"].rpartition("/")[2]], **part}
    return bool(part.get(word))


def _definitions() -> Mapping[str, Mapping[str, Any]]:
    found = dict(schema()["$defs"])
    found["season"] = schema()
    found["feed"] = schema()["properties"]["calendar_feed"]
    return found


PARTS: Mapping[str, type[msgspec.Struct]] = {
    "allowed": season_file.AllowedPart, "audience": season_file.AudiencePart,
    "block": season_file.BlockPart, "check_in": season_file.CheckInPart,
    "feed": season_file.FeedPart, "good": season_file.GoodPart, "guide": season_file.GuidePart,
    "make_up": season_file.MakeUpPart, "member_day": season_file.MemberDayPart,
    "milestone": season_file.MilestonePart, "row": season_file.RowPart,
    "season": season_file.SeasonPart, "selection": season_file.SelectionPart,
    "slot": season_file.SlotPart, "stream": season_file.StreamPart,
    "stream_defaults": season_file.StreamDefaultsPart, "target": season_file.TargetPart,
    "task": season_file.TaskPart,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PARTS))
def test_the_reader_and_the_schema_have_the_same_keys_and_the_same_needs(name: str) -> None:
    definition = _definitions()[name]
    info = msgspec.structs.fields(PARTS[name])

    assert {each.encode_name for each in info} == set(definition["properties"])
    assert {each.encode_name for each in info if each.required} == set(definition["required"])


def test_every_part_of_the_schema_that_has_keys_is_read() -> None:
    with_keys = {name for name, each in _definitions().items() if "properties" in each}

    assert with_keys == set(PARTS)


def test_every_key_that_is_read_is_used() -> None:
    sources = "".join(
        file.read_text("utf-8") for file in Path(season_file.__file__).parent.glob("season_*.py")
    )

    for part in PARTS.values():
        for field in get_type_hints(part):
            used = re.search(rf"\.{field}\b", sources) or part is season_file.StreamDefaultsPart
            assert used, f"{part.__name__}.{field} is read and never used"


def test_defaults_of_the_schema_are_those_of_the_reader() -> None:
    for name, part in PARTS.items():
        for field in msgspec.structs.fields(part):
            said = _definitions()[name]["properties"][field.encode_name]
            if "default" in said:
                is_plain = not isinstance(field.default, tuple)
                assert field.default == said["default"] if is_plain else list(field.default)


def test_every_kind_of_target_says_what_it_needs() -> None:
    told = {
        each["if"]["properties"]["kind"]["const"] for each in schema()["$defs"]["target"]["allOf"]
    }

    assert told == set(get_args(TargetKind))
