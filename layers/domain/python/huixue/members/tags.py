"""Tags: what the programme knows about a member, from whom, how surely and until when.

Every source keeps its own word beside the others'; what counts is read by rank (operator, import, self, nickname,
behaviour). So a lower source never overwrites a higher one, and when a higher one ends, the next holds again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from huixue.kernel.errors import RuleError

TagSource = Literal["operator", "import", "self", "nickname", "behaviour"]
Cardinality = Literal["one", "many"]

RANKS: Mapping[TagSource, int] = {
    "operator": 4, "import": 3, "self": 2, "nickname": 1, "behaviour": 0,
}  # fmt: skip
MAX_VALUES = 20
"""Values of one group: the row of a member stays far below what one item may hold."""
SKIN_TYPES = ("dry", "oily", "combination", "sensitive", "normal", "acne_prone")


@dataclass(frozen=True, slots=True, kw_only=True)
class TagGroup:
    cardinality: Cardinality
    consent: str | None = None
    """Sensitive personal information: kept only while she consents to this purpose."""
    values: tuple[str, ...] = ()
    """The only values there are; none named: any text."""


GROUPS: Mapping[str, TagGroup] = {
    "region": TagGroup(cardinality="one"),
    "skin_type": TagGroup(cardinality="one", consent="skin_type", values=SKIN_TYPES),
    "skin_concern": TagGroup(
        cardinality="many", consent="skin_type", values=("sensitive", "acne_prone")
    ),
    "interests": TagGroup(cardinality="many"),
    "segments": TagGroup(cardinality="many"),
}
"""`segments` are an operator's own words, such as `vip`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    group: str
    value: str
    source: TagSource
    confidence: int = 100
    """0 to 100: how sure the source is."""
    set_at: datetime
    set_by: str
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a tag of no group, of a value its group does not have, or a confidence out of range."""
        group = GROUPS.get(self.group)
        if group is None or not self.value or (group.values and self.value not in group.values):
            raise ValueError("no such tag")
        if not 0 <= self.confidence <= 100:
            raise ValueError("a confidence is 0 to 100")

    def is_live(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


Tags = Mapping[str, tuple[Tag, ...]]
"""By group, of all sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChange:
    """One row of the history: what a source said of a group, and what it said before."""

    group: str
    source: TagSource
    value: str | None
    """None: taken back, or removed because she withdrew her consent."""
    former: str | None = None
    confidence: int = 100
    expires_at: datetime | None = None
    at: datetime
    by: str
    revision: int = 0
    """Of the profile after the change."""
    number: int = 0
    """Among the changes of that revision."""


class TooManyTagsError(RuleError):
    code = "TOO_MANY_TAGS"


def with_tag(tags: Tags, tag: Tag) -> tuple[Tags, TagChange | None]:
    """The tags with this one in the place of what its source said before, and the change; None where it says nothing
    new or is older than what stands. Ended tags of the group go. Raises TooManyTagsError."""
    in_group = tags.get(tag.group, ())
    former = next((each for each in in_group if _same_place(each, tag)), None)
    if former is not None and (_says_the_same(former, tag) or former.set_at > tag.set_at):
        return tags, None
    kept = [each for each in in_group if each is not former and each.is_live(tag.set_at)]
    if len(kept) >= MAX_VALUES:
        raise TooManyTagsError(
            f"a group holds at most {MAX_VALUES} tags", group=tag.group, limit=MAX_VALUES
        )
    change = TagChange(
        group=tag.group, source=tag.source, value=tag.value,
        former=former.value if former is not None else None,
        confidence=tag.confidence, expires_at=tag.expires_at, at=tag.set_at, by=tag.set_by,
    )  # fmt: skip
    return {**tags, tag.group: tuple(sorted((*kept, tag), key=_weight))}, change


def without_tags(
    tags: Tags,
    group: str,
    *,
    at: datetime,
    by: str,
    source: TagSource | None = None,
    value: str | None = None,
) -> tuple[Tags, list[TagChange]]:
    """The tags without those of the group that match (of any source or value where None), and a change for each."""
    in_group = tags.get(group, ())
    gone = [
        each for each in in_group if source in {None, each.source} and value in {None, each.value}
    ]
    left = tuple(each for each in in_group if each not in gone)
    others = {name: each for name, each in tags.items() if name != group}
    changes = [
        TagChange(group=group, source=each.source, value=None, former=each.value, at=at, by=by)
        for each in gone
    ]
    return (others | {group: left} if left else others), changes


def live_tags(tags: Tags, now: datetime) -> Tags:
    """What counts now: of a group with one value the tag of the highest rank, of the others the highest for each
    value; at equal rank the newer. Groups without any are left out."""
    found = {}
    for group, in_group in tags.items():
        best: dict[str, Tag] = {}
        for tag in sorted((each for each in in_group if each.is_live(now)), key=_weight):
            best["" if GROUPS[group].cardinality == "one" else tag.value] = tag
        if best:
            found[group] = tuple(sorted(best.values(), key=lambda each: each.value))
    return found


def joined_tags(tags: Tags, others: Tags) -> Tags:
    """The tags of two members that are one: what each source said last."""
    found = dict(tags)
    for group, in_group in others.items():
        mine = list(found.get(group, ()))
        for tag in in_group:
            rival = next((each for each in mine if _same_place(each, tag)), None)
            if rival is None:
                mine.append(tag)
            elif tag.set_at > rival.set_at:
                mine[mine.index(rival)] = tag
        found[group] = tuple(sorted(mine, key=_weight)[-MAX_VALUES:])
    return found


def redacted(change: TagChange) -> TagChange:
    """The change without what it was about: that something was set or removed, and when."""
    return replace(change, value=None, former=None)


def sensitive_groups() -> Mapping[str, str]:
    """Group → the purpose she has to consent to."""
    return {name: group.consent for name, group in GROUPS.items() if group.consent is not None}


def _weight(tag: Tag) -> tuple[int, datetime, str]:
    return RANKS[tag.source], tag.set_at, tag.value


def _same_place(one: Tag, other: Tag) -> bool:
    if one.group != other.group or one.source != other.source:
        return False
    return GROUPS[one.group].cardinality == "one" or one.value == other.value


def _says_the_same(one: Tag, other: Tag) -> bool:
    return (one.value, one.confidence, one.expires_at) == (
        other.value, other.confidence, other.expires_at,
    )  # fmt: skip
