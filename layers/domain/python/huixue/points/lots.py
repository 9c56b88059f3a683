"""Lots: spendable points by last day and class, as buckets. Pure arithmetic on maps of lot key → points.

Points of one class that end on one day are one bucket, so however many credits a member had, her lots stay few, and
one spend touches one item (LG-E4). A key sorts by its last day: earliest expiry first is the order of text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from huixue.kernel.calendar import business_date, end_of_day, expires_on
from huixue.kernel.policies import LedgerPolicy

NEVER = "never"
"""Sorts after every date."""


def lot_key(last_day: date | None, kind: str) -> str:
    """The calendar's own last day (31 December 9999) has no day after it: what ends on it never ends."""
    ends = last_day is not None and last_day != date.max
    return f"{last_day.isoformat() if last_day is not None and ends else NEVER}|{kind}"


def last_day_of(key: str) -> date | None:
    day, _, _ = key.partition("|")
    return None if day == NEVER else date.fromisoformat(day)


def kind_of(key: str) -> str:
    return key.partition("|")[2]


def new_lot(kind: str, accrued_on: date, policy: LedgerPolicy) -> str:
    """The lot of points of a class accrued on a business day."""
    return lot_key(expires_on(accrued_on, policy.expiry_of.get(kind, policy.expiry)), kind)


def gone_at(key: str, policy: LedgerPolicy) -> datetime | None:
    """The first instant at which the lot cannot be spent; None: never."""
    day = last_day_of(key)
    return None if day is None else end_of_day(day, policy.zone)


def living(key: str, at: datetime, policy: LedgerPolicy) -> str:
    """The lot itself, or, where it is over, one of the same class with the days of grace (LG-M6)."""
    day, today = last_day_of(key), business_date(at, policy.zone)
    if day is None or day >= today:
        return key
    return lot_key(today + timedelta(days=policy.grace_days), kind_of(key))


def changed(lots: Mapping[str, int], change: Mapping[str, int]) -> dict[str, int]:
    """The lots after a change; empty ones are gone."""
    after = {key: lots.get(key, 0) + change.get(key, 0) for key in {**lots, **change}}
    return {key: after[key] for key in sorted(after) if after[key]}


def taken(
    lots: Mapping[str, int],
    points: int,
    *,
    first: Sequence[tuple[str, int]] = (),
    others: bool = True,
) -> dict[str, int]:
    """What to take from each lot for `points`: from the lots of `first`, at most as much as it says, then from
    all, earliest expiry first. Less than `points` where they do not hold that much."""
    left, out = dict(lots), dict[str, int]()
    rest: list[tuple[str, int]] = [(key, points) for key in sorted(lots)] if others else []
    for key, most in (*first, *rest):
        size = min(points, most, left.get(key, 0))
        if size > 0:
            left[key] -= size
            out[key] = out.get(key, 0) + size
            points -= size
    return out


def negative(lots: Mapping[str, int]) -> dict[str, int]:
    return {key: -size for key, size in lots.items()}


def summed(maps: Sequence[Mapping[str, int]]) -> dict[str, int]:
    out: dict[str, int] = {}
    for each in maps:
        out = changed(out, each)
    return out
