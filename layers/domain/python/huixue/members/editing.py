"""What can be done with a profile: edit it, tag it, read its history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from huixue.dynamodb.writes import ConditionFailedError
from huixue.kernel.errors import ContentionError, RuleError
from huixue.kernel.ids import MemberId
from huixue.members.consents import ConsentChange, granted_anywhere
from huixue.members.convention import region_of
from huixue.members.model import Member
from huixue.members.ports import ProfileStore
from huixue.members.profiles import (
    MAX_NAME_CHARS,
    Edited,
    ProfileEdit,
    clean_text,
    edited,
    require_consent,
    revised,
)
from huixue.members.tags import (
    GROUPS,
    Tag,
    TagChange,
    redacted,
    with_tag,
    without_tags,
)
from huixue.members.use_cases import living_member

MAX_EDIT_TRIES = 8
"""An edit fails only because somebody else's of the same member came first."""


class TagRefusedError(RuleError):
    """No such group, or no such value in it, with what there may be; `facts["known"]` lists it where it is a list."""

    code = "TAG_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Oldest first, those of members merged into her among them."""

    tags: tuple[TagChange, ...]
    consents: tuple[ConsentChange, ...]


def edit_profile(
    member_id: MemberId, edit: ProfileEdit, now: datetime, *, store: ProfileStore
) -> Member:
    """The living member behind the id after the edit: one transaction, or none where it changes nothing. Edits at
    the same time each keep their own fields. What she withdrew is forgotten in the history before this returns.

    May be repeated. Raises MemberNotFoundError, ConsentRequiredError, ContentionError (nothing of this call was
    written), UnavailableError (it may have been: ask again).
    """
    return _changed(member_id, lambda before: edited(before, edit, now), store=store)


def set_tag(member_id: MemberId, tag: Tag, *, store: ProfileStore) -> Member:
    """The living member with this tag beside those of other sources; its value is one that `tag_value` gave. May be
    repeated. Raises MemberNotFoundError, TooManyTagsError, ConsentRequiredError (sensitive groups), ContentionError.
    """

    def tagged(before: Member) -> Edited:
        require_consent(before, tag.group)
        tags, change = with_tag(before.tags, tag)
        return revised(before, replace(before, tags=tags), [change] if change else [])

    return _changed(member_id, tagged, store=store)


def remove_tag(
    member_id: MemberId, group: str, value: str, *, set_by: str, now: datetime, store: ProfileStore
) -> Member:
    """The living member without this value, whoever said it; her profile stays as she wrote it. May be repeated.
    Raises MemberNotFoundError, TagRefusedError, ContentionError."""
    wanted = tag_value(group, value)

    def untagged(before: Member) -> Edited:
        tags, gone = without_tags(before.tags, group, value=wanted, at=now, by=set_by)
        return revised(before, replace(before, tags=tags), gone)

    return _changed(member_id, untagged, store=store)


def tag_value(group: str, text: str) -> str:
    """The value as tags keep it. Raises TagRefusedError."""
    if group not in GROUPS:
        groups = ", ".join(sorted(GROUPS))
        raise TagRefusedError(f"there is no tag group {group}, only {groups}", known=sorted(GROUPS))
    known = GROUPS[group].values
    value = clean_text(text)
    if group == "region" and value is not None:
        value = region_of(value)
    if value is None or (known and value not in known):
        facts = {"known": list(known)} if known else {}
        raise TagRefusedError(
            f"{text!r} is no value of {group}: it must be {rule_of(group)}", **facts
        )
    return value


def rule_of(group: str) -> str:
    """What a value of this group must be, for people."""
    if group == "region":
        return "a province of China, or a province and its city, such as 广东 or 广东/深圳"
    known = GROUPS[group].values
    return (
        f"one of {', '.join(known)}"
        if known
        else f"one line of at most {MAX_NAME_CHARS} characters"
    )


def history(member: Member, *, store: ProfileStore) -> History:
    """Every change of her tags and consents that may still be read."""
    everyone = (member.member_id, *member.merged_from)
    changes = store.tag_history(everyone)
    return History(
        tags=tuple(each if _may_be_read(each, member) else redacted(each) for each in changes),
        consents=tuple(store.consent_history(everyone)),
    )


def _may_be_read(change: TagChange, member: Member) -> bool:
    """Also before `forget_values` has come to its row."""
    purpose = GROUPS[change.group].consent
    return purpose is None or granted_anywhere(member.consents, purpose)


def _changed(
    member_id: MemberId, change: Callable[[Member], Edited], *, store: ProfileStore
) -> Member:
    for _ in range(MAX_EDIT_TRIES):
        before = living_member(member_id, store=store)
        if before.to_forget:
            store.forget_values(before)  # first, so that nothing said from now on is taken for old
            before = living_member(member_id, store=store)
        found = change(before)
        if found.member is before:
            return before
        try:
            store.edit(
                found.member, tag_changes=found.tag_changes, consent_changes=found.consent_changes
            )
        except ConditionFailedError:
            continue
        if found.member.to_forget:
            store.forget_values(found.member)
            return replace(found.member, to_forget=())
        return found.member
    raise ContentionError("this member's profile kept changing in every attempt")
