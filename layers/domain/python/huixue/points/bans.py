"""Bans of members who gave back too much: until when, what for, and when the last one ended. Values and pure rules.

The account holds what is frozen now, and forgets it when that is lifted; this record outlives it, because refunds
from before the end of a ban do not count toward the next (ID-M5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huixue.kernel.ids import MemberId
from huixue.points.model import Account, Frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """The newest ban of one member."""

    member_id: MemberId
    since: datetime
    until: datetime
    paid: int
    refunded: int
    """What it was for: so many refunded of so many paid orders."""
    preview: str
    """The dry run that announced it: the same run again finds what it did before it died."""
    lifted_at: datetime | None = None
    """When it was seen to have ended before its time."""

    @property
    def frozen(self) -> Frozen:
        return Frozen(reason="refunds", since=self.since, until=self.until)


def is_in_force(ban: Ban, account: Account, now: datetime) -> bool:
    """Whether the account is stopped by this very ban."""
    return account.is_frozen(now) and account.frozen == ban.frozen


def ended_at(ban: Ban, account: Account, now: datetime) -> datetime | None:
    """When it ended; None while it is in force. One that somebody lifted without leaving word ended now: nothing
    that was before counts against her, and whoever acts on it leaves word (`lifted_at`)."""
    if is_in_force(ban, account, now):
        return None
    return ban.lifted_at or min(ban.until, now)
