"""Who a member is: a random id that WeChat identities point to, and the room levels an operator vouches for.

A member belongs to one programme. Two members become one when WeChat says, by a shared unionid, that they are the
same person; the one that goes keeps its row and names the survivor for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeVar

from huixue.kernel.errors import HuixueError, NotFoundError
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.consents import Consents, granted_anywhere, joined_consents
from huixue.members.tags import Tags, joined_tags, sensitive_groups

_Text = TypeVar("_Text", bound=str)

LevelSource = Literal["operator", "import"]

MAX_MERGES_FOLLOWED = 16
"""Each merge of a survivor adds one step; a person reaches 2 or 3, only broken data reaches this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInIdentity:
    """What WeChat vouched for at one sign-in."""

    programme_id: ProgrammeId
    app_id: str
    openid: str = field(repr=False)
    unionid: str | None = field(default=None, repr=False)
    """None while the mini-program is bound to no open-platform account. Blank text is taken as None: as a value it
    would make everybody one person."""

    def __post_init__(self) -> None:
        """Raises ValueError for an identity that names nobody."""
        if not self.openid.strip() or not self.app_id.strip() or "|" in self.app_id:
            raise ValueError("an identity needs an openid and the id of its app")
        if self.unionid is not None and not self.unionid.strip():
            object.__setattr__(self, "unionid", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRefs:
    """The identity as keyed hashes: what rows are found by. `openid` covers the app id too."""

    openid: str
    unionid: str | None

    def all(self) -> tuple[str, ...]:
        return (self.openid,) if self.unionid is None else (self.openid, self.unionid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What she says of herself, in her own words."""

    nickname: str | None = field(default=None, repr=False)
    region: str | None = field(default=None, repr=False)
    skin_type: str | None = field(default=None, repr=False)
    """One of `tags.SKIN_TYPES`, or UNDISCLOSED: she was asked and would rather not say."""
    group_nickname: str | None = field(default=None, repr=False)
    """Her name in the community group, where `地区+皮肤状态` is the convention."""


UNDISCLOSED = "undisclosed"
_SKIN = "skin_type"
"""The purpose she consents to when anything of her skin is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    member_id: MemberId
    programme_id: ProgrammeId
    openids: Mapping[str, str] = field(repr=False)
    """The newest openid by app id: whom messages are sent to."""
    unionid: str | None = field(default=None, repr=False)
    identity_refs: tuple[str, ...] = ()
    """Every identity row ever pointed to this member (what an erasure has to remove)."""
    created_at: datetime
    merged_into: MemberId | None = None
    merged_from: tuple[MemberId, ...] = ()
    """All members that became this one, directly or through others."""
    revision: int = 1
    """Counts what sign-ins write; 0: there is no row of this id."""
    profile: Profile = Profile()
    tags: Tags = field(default_factory=dict, repr=False)
    consents: Consents = field(default_factory=dict, repr=False)
    profile_revision: int = 0
    """Counts changes of profile, tags and consents."""
    to_forget: tuple[str, ...] = ()
    """Sensitive tag groups whose values are still to be removed from the history."""
    erased_at: datetime | None = None
    """Set in the tombstone that is left of an erased member: nothing but ids and this instant is known then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    member_id: MemberId
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedLevel:
    """A room level that an operator or an import vouches for. `level` None: it was withdrawn."""

    member_id: MemberId
    room_id: str
    level: str | None
    source: LevelSource
    set_by: str
    set_at: datetime


class MemberNotFoundError(NotFoundError):
    code = "MEMBER_NOT_FOUND"


class BrokenMergeError(HuixueError):
    """The chain of merges does not end at a living member; only an operator can repair that."""

    code = "MEMBER_MERGE_BROKEN"


def attached(member: Member, identity: SignInIdentity, refs: IdentityRefs) -> Member:
    """The member with this identity as well; her revision counts one up."""
    return replace(
        member,
        openids={**member.openids, identity.app_id: identity.openid},
        unionid=identity.unionid or member.unionid,
        identity_refs=_union(member.identity_refs, refs.all()),
        revision=member.revision + 1,
    )


def merged(gone: Member, survivor: Member, identity: SignInIdentity, refs: IdentityRefs) -> Member:
    """The survivor after `gone` became part of her: the first sign-in of both counts as hers, her own words go before
    those of `gone`, and of tags and consents what was said last."""
    both = replace(
        survivor,
        openids={**gone.openids, **survivor.openids, identity.app_id: identity.openid},
        unionid=identity.unionid or survivor.unionid,
        identity_refs=_union(survivor.identity_refs, gone.identity_refs, refs.all()),
        created_at=min(gone.created_at, survivor.created_at),
        merged_into=None,
        merged_from=_union(survivor.merged_from, gone.merged_from, (gone.member_id,)),
        revision=survivor.revision + 1,
        profile=_joined_profile(survivor.profile, gone.profile),
        tags=joined_tags(survivor.tags, gone.tags),
        consents=joined_consents(survivor.consents, gone.consents),
        profile_revision=survivor.profile_revision + 1,
        to_forget=_union(survivor.to_forget, gone.to_forget),
    )
    return as_consented(_without_told(both, gone, survivor), gone, survivor)


def _without_told(member: Member, *before: Member) -> Member:
    """Without a group nickname that was kept because it might tell of her skin, and may not any more. Its words are not
    looked at: whoever signs in does not wait for the parser."""
    if granted_anywhere(member.consents, _SKIN):
        return member
    told = {
        each.profile.group_nickname for each in before if granted_anywhere(each.consents, _SKIN)
    }
    if member.profile.group_nickname not in told:
        return member
    return replace(member, profile=replace(member.profile, group_nickname=None))


def as_consented(member: Member, *before: Member) -> Member:
    """The member without sensitive tags, and words of hers behind them, that she allowed to keep before and does not
    allow any more; their groups are then to be forgotten in the history too."""
    for group, purpose in sensitive_groups().items():
        allowed = any(granted_anywhere(each.consents, purpose) for each in before)
        if not allowed or granted_anywhere(member.consents, purpose):
            continue
        profile = member.profile
        if group == "skin_type" and profile.skin_type != UNDISCLOSED:
            profile = replace(profile, skin_type=None)
        member = replace(
            member,
            profile=profile,
            tags={name: each for name, each in member.tags.items() if name != group},
            to_forget=_union(member.to_forget, (group,)),
        )
    return member


def _joined_profile(mine: Profile, others: Profile) -> Profile:
    return Profile(
        nickname=mine.nickname or others.nickname,
        region=mine.region or others.region,
        skin_type=mine.skin_type or others.skin_type,
        group_nickname=mine.group_nickname or others.group_nickname,
    )


def newest_level(levels: Sequence[VerifiedLevel]) -> VerifiedLevel | None:
    """The level set last; at the same instant the greater row, so that every reader picks the same."""
    return max(levels, key=lambda each: (each.set_at, each.member_id), default=None)


def _union(*parts: Sequence[_Text]) -> tuple[_Text, ...]:
    return tuple(dict.fromkeys(each for part in parts for each in part))
