"""Tags by which content chooses members, against what members can have: a slip would show it to nobody, silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from huixue.members.editing import TagRefusedError, rule_of, tag_value
from huixue.members.tags import GROUPS
from huixue.programme.reading import Problem
from infra.ops.yaml_files import KeyPath


def expected_tag(group: str, value: str) -> str | None:
    """What it must be instead; None: a member can have it."""
    if group not in GROUPS:
        return f"a tag group of members ({', '.join(sorted(GROUPS))})"
    try:
        kept = tag_value(group, value)
    except TagRefusedError:
        return rule_of(group)
    return None if kept == value else f"{kept!r}, as members have it"


def problems_of_tags(path: KeyPath, tags: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """`path`: where the map of groups stands. A group that is none is told once."""
    for group, values in tags.items():
        if group not in GROUPS:
            expected = expected_tag(group, "") or ""
            yield Problem(path=(*path, group), expected=expected, found=repr(group))
            continue
        for at, value in enumerate(values):
            if (wanted := expected_tag(group, value)) is not None:
                yield Problem(path=(*path, group, at), expected=wanted, found=repr(value))
