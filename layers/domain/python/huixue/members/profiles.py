"""What a member says of herself: one edit as a pure function, when a profile is complete, whom content may address."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from msgspec import UNSET, UnsetType

from huixue.members.consents import (
    Consent,
    ConsentChange,
    ConsentRequiredError,
    Purpose,
    granted_anywhere,
    with_decisions,
)
from huixue.members.convention import guesses, without_skin
from huixue.members.model import UNDISCLOSED, Member, Profile, as_consented
from huixue.members.tags import (
    GROUPS,
    Tag,
    TagChange,
    Tags,
    TagSource,
    live_tags,
    redacted,
    sensitive_groups,
    with_tag,
    without_tags,
)

SELF = "self"
"""Who set a tag that she set herself: no second copy of her id."""
MAX_NAME_CHARS = 32
MAX_GROUP_NAME_CHARS = 64
_SKIN = {"skin_type", "skin_concern"}
_JOINERS = "\u200c\u200d"
"""Invisible, and needed: emoji of several parts, some scripts."""

Text = str | None | UnsetType
"""Of an edit: UNSET leaves a field as it is, None clears it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    purpose: Purpose
    room_id: str | None = None
    granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileEdit:
    """Texts as `clean_text` leaves them, the region as `convention.region_of` names it."""

    nickname: Text = UNSET
    region: Text = UNSET
    skin_type: Text = UNSET
    group_nickname: Text = UNSET
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    member: Member
    """One profile revision up; the very one that was read where the edit changes nothing."""
    tag_changes: tuple[TagChange, ...] = ()
    consent_changes: tuple[ConsentChange, ...] = ()


def clean_text(text: str, max_chars: int = MAX_NAME_CHARS) -> str | None:
    """Trimmed; None for what is too long, blank, or holds characters that control instead of show (line breaks,
    changes of direction): such a name would break the lists it stands in."""
    trimmed = text.strip()
    kinds = [unicodedata.category(char) for char in trimmed if char not in _JOINERS]
    shows = any(kind[0] not in "ZM" for kind in kinds)
    controls = any(kind in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for kind in kinds)
    return trimmed if shows and not controls and len(trimmed) <= max_chars else None


def edited(before: Member, edit: ProfileEdit, now: datetime) -> Edited:
    """The member after the edit, with the rows of history it writes. Without her consent no tag of her skin is kept,
    nor what her group nickname may say of it. May be repeated: the second time changes nothing. Raises
    ConsentRequiredError where it says a skin type that no consent allows to keep."""
    consents, consent_changes = with_decisions(
        before.consents, [_consent(each, now) for each in edit.decisions]
    )
    after = replace(before, consents=consents, profile=_said(before.profile, edit))
    after = replace(after, profile=_as_allowed(after))
    if edit.skin_type and edit.skin_type != UNDISCLOSED:
        require_consent(after, "skin_type")
    tags, changes = _own_words(after, edit, now)
    if edit.group_nickname is not UNSET or edit.skin_type is not UNSET or consent_changes:
        tags, guessed = _guessed(replace(after, tags=tags), now)
        changes += guessed
    tags, withdrawn = _withdrawn(replace(after, tags=tags), now)
    after = as_consented(replace(after, tags=tags), before)
    return revised(before, after, [*changes, *withdrawn], consent_changes)


def revised(
    before: Member,
    after: Member,
    tag_changes: Sequence[TagChange],
    consent_changes: Sequence[ConsentChange] = (),
) -> Edited:
    """The change with its revision; nothing of what a consent no longer covers is written anew."""
    if (before.profile, before.tags, before.consents) == (
        after.profile, after.tags, after.consents,
    ):  # fmt: skip
        return Edited(member=before)
    revision = before.profile_revision + 1
    hidden = _not_allowed(after)
    shown = [redacted(each) if each.group in hidden else each for each in tag_changes]
    return Edited(
        member=replace(after, profile_revision=revision),
        tag_changes=tuple(
            replace(each, revision=revision, number=number) for number, each in enumerate(shown)
        ),
        consent_changes=tuple(replace(each, revision=revision) for each in consent_changes),
    )


def require_consent(member: Member, group: str) -> None:
    """Raises ConsentRequiredError for a sensitive group that she did not allow to keep."""
    if group in _not_allowed(member):
        raise ConsentRequiredError(
            "this is kept only with her consent", purpose=GROUPS[group].consent
        )


def is_complete(member: Member, now: datetime) -> bool:
    """Whether nothing is left to ask: a nickname, a region, and a skin type or her word that she would rather not
    say. What a group nickname or an operator told of region and skin is not asked again."""
    known = live_tags(member.tags, now)
    return (
        member.profile.nickname is not None
        and (member.profile.region is not None or "region" in known)
        and (member.profile.skin_type is not None or not known.keys().isdisjoint(_SKIN))
    )


def _said(profile: Profile, edit: ProfileEdit) -> Profile:
    named = {each.name: getattr(edit, each.name) for each in fields(Profile)}
    return replace(profile, **{name: text for name, text in named.items() if text is not UNSET})


def _as_allowed(member: Member) -> Profile:
    """Her words, without those of her group nickname that may tell of her skin where no consent allows that."""
    profile = member.profile
    if profile.group_nickname is None or not _not_allowed(member) & _SKIN:
        return profile
    return replace(profile, group_nickname=without_skin(profile.group_nickname))


def _consent(decision: Decision, now: datetime) -> Consent:
    return Consent(
        purpose=decision.purpose,
        room_id=decision.room_id,
        granted=decision.granted,
        decided_at=now,
    )


def _own_words(member: Member, edit: ProfileEdit, now: datetime) -> tuple[Tags, list[TagChange]]:
    """Region and skin type as she says them, as tags."""
    tags, changes = member.tags, list[TagChange]()
    for group, text in (("region", edit.region), ("skin_type", edit.skin_type)):
        if isinstance(text, UnsetType):
            continue
        tags, more = _placed(tags, group, None if text == UNDISCLOSED else text, "self", 100, now)
        changes += more
    return tags, changes


def _guessed(member: Member, now: datetime) -> tuple[Tags, list[TagChange]]:
    """What her group nickname tells; of her skin nothing without her consent, or where she would rather not say."""
    found = guesses(member.profile.group_nickname or "")
    hidden = _not_allowed(member) | (_SKIN if member.profile.skin_type == UNDISCLOSED else set())
    tags, changes = member.tags, list[TagChange]()
    for group in ("region", *sorted(_SKIN)):
        told = [] if group in hidden else found.get(group, [])
        said_before = [each.value for each in tags.get(group, ()) if each.source == "nickname"]
        for value in said_before:
            replaced = GROUPS[group].cardinality == "one" and told
            if not replaced and value not in {each.value for each in told}:
                tags, gone = without_tags(
                    tags, group, source="nickname", value=value, at=now, by=SELF
                )
                changes += gone
        for guess in told:
            tags, more = _placed(tags, group, guess.value, "nickname", guess.confidence, now)
            changes += more
    return tags, changes


def _not_allowed(member: Member) -> set[str]:
    """Sensitive groups that no consent of hers allows to keep."""
    return {
        group
        for group, purpose in sensitive_groups().items()
        if not granted_anywhere(member.consents, purpose)
    }


def _placed(
    tags: Tags, group: str, value: str | None, source: TagSource, confidence: int, now: datetime
) -> tuple[Tags, list[TagChange]]:
    if value is None:
        return without_tags(tags, group, source=source, at=now, by=SELF)
    tag = Tag(
        group=group, value=value, source=source, confidence=confidence, set_at=now, set_by=SELF
    )
    placed, change = with_tag(tags, tag)
    return placed, [change] if change is not None else []


def _withdrawn(member: Member, now: datetime) -> tuple[Tags, list[TagChange]]:
    """Without the sensitive tags, of any source, that no consent allows to keep."""
    tags, changes = member.tags, list[TagChange]()
    for group in sorted(_not_allowed(member)):
        tags, more = without_tags(tags, group, at=now, by=SELF)
        changes += more
    return tags, changes
