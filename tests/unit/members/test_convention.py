"""What a group nickname tells, in the words of tags."""

from __future__ import annotations

import pytest

from huixue.members.convention import guesses, region_of
from huixue.members.tags import GROUPS, Tag
from tests.unit.members.signing_in import NOW


@pytest.mark.parametrize(
    ("nickname", "told"),
    [
        ("", {}),
        ("油城", {}),
        ("上海+干皮", {"region": ["上海"], "skin_type": ["dry"]}),
        ("广州-混油皮", {"region": ["广东/广州"], "skin_type": ["combination"]}),
        ("痘敏", {"skin_concern": ["acne_prone", "sensitive"]}),
    ],
)
def test_a_nickname_tells_values_that_tags_have(nickname: str, told: dict[str, list[str]]) -> None:
    found = guesses(nickname)

    assert {group: [each.value for each in of] for group, of in found.items()} == told
    for group, of in found.items():
        assert group in GROUPS
        for each in of:
            Tag(
                group=group, value=each.value, source="nickname", confidence=each.confidence,
                set_at=NOW, set_by="self",
            )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "region"),
    [("上海", "上海"), ("深圳市", "广东/深圳"), (" ", None), ("nowhere", None), ("北京上海", None)],
)
def test_a_region_is_written_in_one_way_or_is_none(text: str, region: str | None) -> None:
    assert region_of(text) == region
