"""Tiers from qualifying points, which spending never lowers (LG-M13). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from huixue.kernel.policies import LedgerPolicy, Tiers
from huixue.points.model import TierStanding

LIFETIME = "lifetime"


def period_of(tiers: Tiers, day: date) -> str:
    return LIFETIME if tiers.period == "lifetime" else f"{day.year:04}"


def tier_for(tiers: Tiers, points: int) -> str | None:
    """The highest tier that `points` reach."""
    reached = [each.tier for each in tiers.tiers if points >= each.from_points]
    return reached[-1] if reached else None


def rank(tiers: Tiers, tier: str | None) -> int:
    """-1 for none, and for one the programme no longer has."""
    return next((n for n, each in enumerate(tiers.tiers) if each.tier == tier), -1)


def higher(tiers: Tiers, one: str | None, other: str | None) -> str | None:
    return one if rank(tiers, one) >= rank(tiers, other) else other


def after_points(
    tiers: Tiers, standing: TierStanding | None, qualifying: Mapping[str, int], day: date
) -> TierStanding:
    """The standing that the points of the present period give, on top of its floor."""
    period = period_of(tiers, day)
    if standing is not None and standing.period.isdecimal() and period.isdecimal():
        period = max(period, standing.period)  # a year that has begun does not end again
    floor = standing.floor if standing is not None and standing.period == period else None
    earned = tier_for(tiers, qualifying.get(period, 0))
    return TierStanding(period=period, floor=floor, tier=higher(tiers, floor, earned))


def after_turn(
    tiers: Tiers, standing: TierStanding, qualifying: Mapping[str, int], day: date
) -> TierStanding:
    """The standing in the period of `day`, the one after `standing`'s: what a period earned holds to the end of
    the next; a tier that was not earned again falls as the programme says."""
    earned = tier_for(tiers, qualifying.get(standing.period, 0))
    now = rank(tiers, standing.tier)
    if rank(tiers, earned) >= now or tiers.downgrade == "by_points":
        floor = earned
    else:
        stepped = tiers.tiers[now - 1].tier if now > 0 else None
        floor = higher(tiers, stepped, earned)
    return TierStanding(period=period_of(tiers, day), floor=floor, tier=floor)


def merged(
    tiers: Tiers, one: TierStanding | None, other: TierStanding | None, day: date
) -> TierStanding:
    """The standing of two accounts that become one: whichever floor is higher; the tier follows from the points."""
    period = period_of(tiers, day)
    floors = [each.floor for each in (one, other) if each is not None and each.period == period]
    floor = max(floors, key=lambda tier: rank(tiers, tier), default=None)
    return TierStanding(period=period, tier=floor, floor=floor)


def counted(
    qualifying: Mapping[str, int], change: Mapping[str, int], *, keep: int = 2
) -> dict[str, int]:
    """Qualifying points after a change; the newest `keep` periods."""
    after = dict(qualifying)
    for period, points in change.items():
        after[period] = after.get(period, 0) + points
    newest = sorted(after)[-keep:]
    return {period: after[period] for period in newest if after[period]}


def period_now(policy: LedgerPolicy, day: date) -> str | None:
    return None if policy.tiers is None else period_of(policy.tiers, day)
