"""Tags that choose members, in a season file: only those that a member can have."""

from __future__ import annotations

import pytest

from infra.demo.season import SEASON
from infra.ops.season_yaml import season_of
from infra.ops.yaml_files import document_of
from tests.unit.ops.test_season_yaml import TEXT, line_of, refused


@pytest.mark.parametrize(
    ("tags", "path", "expected"),
    [
        ("{skintype: [dry]}", "tags.skintype", "a tag group of members (interests, region,"),
        ("{skin_type: [dry, drry]}", "tags.skin_type.1", "one of dry, oily"),
        ("{region: [Atlantis]}", "tags.region.0", "a province of China"),
        ("{region: [广东省]}", "tags.region.0", "'广东', as members have it"),
    ],
)
def test_tags_that_no_member_can_have_are_told_with_their_line(
    tags: str, path: str, expected: str
) -> None:
    audience = "    audience: {tags: {skin_type: [sensitive, dry]}}"
    guide = "    tags: {skin_type: [sensitive, dry]}"
    text = TEXT.replace(audience, f"    audience: {{tags: {tags}}}").replace(
        f"\n{guide}", f"\n    tags: {tags}"
    )

    at_home, at_guide = refused(text)

    assert at_home.startswith(f"{line_of(audience)}: home.")
    assert at_guide.startswith(f"{line_of(chr(10) + guide) + 1}: guides.")
    for line in (at_home, at_guide):
        assert f"{path}: expected {expected}" in line


def test_tags_that_members_have_are_fine() -> None:
    text = TEXT.replace(
        "audience: {tags: {skin_type: [sensitive, dry]}}",
        "audience: {tags: {skin_type: [acne_prone], skin_concern: [sensitive], segments: [vip], "
        "interests: [lipstick], region: [广东, 广东/深圳]}}",
    )

    assert season_of(document_of(text, SEASON)).draft.edition.blocks
