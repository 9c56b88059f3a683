"""Wished-for changes of an account, before they have a place in the ledger. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from huixue.points.model import Account, Scene, TierStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry to be. `posting.posted` finds its lots, cuts it by caps, and numbers it."""

    source_key: str
    scene: Scene
    source: Mapping[str, object]
    explanation: Mapping[str, object] | None = None
    points: int = 0
    pending: int = 0
    held: int = 0
    bonus: int = 0
    """The part that campaigns added of what it earns (`points - written_off`)."""
    capped: int = 0
    written_off: int = 0
    earns: Scene | None = None
    """The scene under which `points` count as earned, also where they are taken back: for caps and for the
    points earned in all."""
    rule: str | None = None
    """For caps on one rule."""
    qualifies: bool = False
    """Whether `points` without the bonus count for tiers."""
    counted_on: date | None = None
    """The business day whose windows and periods it belongs to; None = the day of the posting."""
    took: Mapping[str, int] = field(default_factory=dict)
    """Of an order line: the capacity its credits took, which is the most that its reversals give back."""
    capped_before: int = 0
    """What caps kept back of the same line before: told in its explanation."""
    lot: str | None = None
    """The lot the points of an order line live in, remembered for its later entries."""
    lots_in: Mapping[str, int] = field(default_factory=dict)
    """Of a credit: where its points go; sums to `points`."""
    take_first: Sequence[tuple[str, int]] = ()
    """Of a debit: these lots first, at most so much of each."""
    shortfall: Literal["refuse", "policy"] = "refuse"
    """Of a debit that the lots do not cover: InsufficientPointsError, or what the programme says of clawbacks."""
    opens: tuple[str, datetime] | None = None
    """A hold and its end: what is taken goes into it."""
    resolves: str | None = None
    """The hold that ends with this."""
    merges: Account | None = None
    """The account whose lots, holds, debt and counters come along."""
    leaves: bool = False
    """The account is emptied into another."""
    standing: TierStanding | None = None
    """Of the scene `tier`: the standing from now on."""
    check_in_sheet: str | None = None
    """What her check-ins come to from now on; None or empty leaves it as it is."""
    business_date: date | None = None
    """Where it is not the ledger's day on which it takes effect: an expiry belongs to the last day of its lots, a
    check-in to its business day, which may begin after midnight. The windows of caps of a credit are that day's."""
