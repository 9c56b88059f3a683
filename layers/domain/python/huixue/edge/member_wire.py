"""The shapes of `/v1/me`, as `http-api.md` fixes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from huixue.members.consents import Purpose
from huixue.members.tags import TagSource

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
RoomId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
SkinType = Literal["dry", "oily", "combination", "sensitive", "normal", "acne_prone", "undisclosed"]


class ConsentDecision(msgspec.Struct, frozen=True, kw_only=True):
    purpose: Purpose
    room_id: RoomId | None = None
    """Absent: for the whole programme."""
    granted: bool


class MeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Absent fields stay as they are, null clears one."""

    nickname: Name | UnsetType | None = UNSET
    """1 to 32 characters."""
    region: Name | UnsetType | None = UNSET
    """A province or city by a name of its own; answered as `广东` or `广东/深圳`."""
    skin_type: SkinType | UnsetType | None = UNSET
    """Kept only with the consent `skin_type`, given before or in the same body; `undisclosed` needs none."""
    consents: Annotated[list[ConsentDecision], msgspec.Meta(max_length=50)] | UnsetType = UNSET
    """Her decisions about these purposes; others stay."""
    group_nickname: Name | UnsetType | None = UNSET
    """Her name in the community group; what it tells by its convention becomes tags."""


class Tag(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    group: str
    value: str
    source: TagSource
    confidence: int
    """0 to 100."""
    set_at: datetime
    expires_at: datetime | None = None


class ConsentState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    purpose: Purpose
    room_id: str | None = None
    granted: bool
    decided_at: datetime


class Me(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    member_id: str
    nickname: str | None = None
    region: str | None = None
    skin_type: SkinType | None = None
    group_nickname: str | None = None
    tags: list[Tag]
    """What counts now, of all that was said about her."""
    consents: list[ConsentState]
    profile_complete: bool
    joined_on: date | None = None
