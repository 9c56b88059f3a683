"""Consents: what a member allows her data to be used for, per purpose, and per room where she says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    """The consents after these decisions, and the changes; a decision that stands already is none. A no for the whole
    programme is one for every room too, but for rooms of which the same decisions say something else."""
    found, changes = dict(consents), []
    for each in [*decisions, *_noes_of_rooms(consents, decisions)]:
        before = found.get(each.key)
        if before is not None and before.granted == each.granted:
            if each.granted and _is_newly_refused(each.purpose, consents, decisions):
                found[each.key] = each  # said again, as an exception: it holds beside the no
            continue
        found[each.key] = each
        changes.append(
            ConsentChange(
                purpose=each.purpose, room_id=each.room_id, granted=each.granted, at=each.decided_at
            )
        )
    return found, changes


def _is_newly_refused(purpose: str, consents: Consents, decisions: Sequence[Consent]) -> bool:
    return decided(consents, purpose) is not False and any(
        each.key == purpose and not each.granted for each in decisions
    )


def _noes_of_rooms(consents: Consents, decisions: Sequence[Consent]) -> list[Consent]:
    said = {each.key for each in decisions}
    noes = {each.purpose: each for each in decisions if each.room_id is None and not each.granted}
    return [
        replace(each, granted=False, decided_at=noes[each.purpose].decided_at)
        for key, each in sorted(consents.items())
        if each.purpose in noes and each.granted and key not in said
    ]


def joined_consents(consents: Consents, others: Consents) -> Consents:
    """Of two members that are one: her newer decision; said at the same instant, the no. A no for the whole programme
    ends what was allowed for a room before."""
    found = dict(consents)
    for key, each in others.items():
        mine = found.get(key)
        if mine is None or (each.decided_at, not each.granted) > (
            mine.decided_at,
            not mine.granted,
        ):
            found[key] = each
    return {key: _under(found.get(each.purpose), each) for key, each in found.items()}


def _under(whole: Consent | None, room: Consent) -> Consent:
    if whole is None or whole.granted or not room.granted or whole.decided_at <= room.decided_at:
        return room  # also where she said both at once: the room's word was meant as an exception
    return replace(room, granted=False, decided_at=whole.decided_at)
