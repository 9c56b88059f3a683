"""Consents: what a member allows her data to be used for, per purpose, and per room where she says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from huixue.kernel.errors import RuleError

Purpose = Literal["skin_type", "recommendation", "check_in_reminder", "marketing"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Her newest decision. `room_id` None: for the whole programme."""

    purpose: Purpose
    room_id: str | None = None
    granted: bool
    decided_at: datetime

    @property
    def key(self) -> str:
        return consent_key(self.purpose, self.room_id)


Consents = Mapping[str, Consent]
"""By `purpose` or `purpose/room`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChange:
    """One row of the history."""

    purpose: Purpose
    room_id: str | None
    granted: bool
    at: datetime
    revision: int = 0
    """Of the profile after the change."""


class ConsentRequiredError(RuleError):
    """`facts["purpose"]` names the consent that is missing."""

    code = "CONSENT_REQUIRED"


def consent_key(purpose: str, room_id: str | None = None) -> str:
    return purpose if room_id is None else f"{purpose}/{room_id}"


def decided(consents: Consents, purpose: str, room_id: str | None = None) -> bool | None:
    """Her word for a room (that for the whole programme, where she said none for the room); None: never asked."""
    found = consents.get(consent_key(purpose, room_id)) or consents.get(purpose)
    return found.granted if found is not None else None


def granted(consents: Consents, purpose: str, room_id: str | None = None) -> bool:
    """Only a yes is a yes."""
    return decided(consents, purpose, room_id) is True


def granted_anywhere(consents: Consents, purpose: str) -> bool:
    """For the programme or for one of its rooms: what may be kept at all."""
    return any(each.purpose == purpose and each.granted for each in consents.values())


def with_decisions(
    consents: Consents, decisions: Sequence[Consent]
) -> tuple[Consents, list[ConsentChange]]:
    """The consents after these decisions, and the changes; a decision that stands already is none."""
    found, changes = dict(consents), []
    for each in decisions:
        before = found.get(each.key)
        if before is not None and before.granted == each.granted:
            continue
        found[each.key] = each
        changes.append(
            ConsentChange(
                purpose=each.purpose, room_id=each.room_id, granted=each.granted, at=each.decided_at
            )
        )
    return found, changes


def joined_consents(consents: Consents, others: Consents) -> Consents:
    """Of two members that are one: her newer decision; said at the same instant, the no."""
    found = dict(consents)
    for key, each in others.items():
        mine = found.get(key)
        if mine is None or (each.decided_at, not each.granted) > (
            mine.decided_at,
            not mine.granted,
        ):
            found[key] = each
    return found
