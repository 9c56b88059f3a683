"""What is true about points: accounts, entries, and how a change turns one account into the next. Pure.

Invariants, held by `posted` and checked by `audit.py`:
balance = Σ entries · pending = Σ pending · Σ lots = max(0, balance) · entry numbers 1, 2, 3 … without a gap.
A balance below zero is debt: points clawed back after they were spent; new credits repay it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from huixue.kernel.calendar import business_date, month_end_after
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId

Scene = Literal["order_pending", "order_accrual", "order_clawback", "merge_out", "merge_in"]

EXPIRES_AFTER_MONTHS = 12
"""Points expire at the end of the month, 12 months after accrual (`product.md`)."""
RECENT_ENTRIES = 6
"""How many older entries each entry names: a page of 20 is four BatchGets, and an entry stays below 1 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The holder of a balance. `version` 0 = not stored yet."""

    member_id: MemberId
    balance: int = 0
    """Posted points; below zero it is debt."""
    pending: int = 0
    held: int = 0
    lifetime: int = 0
    """Earned in all, clawbacks taken off; spending does not lower it."""
    lots: Mapping[str, int] = field(default_factory=dict)
    """Spendable points by lot key (`expiry date|class`)."""
    version: int = 0
    entry_count: int = 0
    recent: tuple[str, ...] = ()
    """Source keys of the newest entries, newest first."""
    merged_into: MemberId | None = None

    @property
    def available(self) -> int:
        return max(0, self.balance)

    @property
    def debt(self) -> int:
        return max(0, -self.balance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One immutable change of an account. Its key is its source, so the same source can be entered only once."""

    member_id: MemberId
    source_key: str
    number: int
    scene: Scene
    points: int
    pending: int
    balance_after: int
    lot: str | None
    business_date: date
    recorded_at: datetime
    previous: tuple[str, ...]
    source: Mapping[str, object]
    explanation: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A wished-for change, before it has a place in the ledger."""

    source_key: str
    scene: Scene
    points: int
    pending: int
    lot: str | None
    """The lot to take from first, for a clawback."""
    source: Mapping[str, object]
    explanation: Mapping[str, object] | None
    lifetime: int
    """What it adds to the points earned in all."""
    lots_in: Mapping[str, int] | None = None
    """Lots that come along with a merge, instead of one new lot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePostings:
    """What the ledger holds for one order line, over all accounts the owner ever had."""

    count: int = 0
    points: int = 0
    pending: int = 0
    peak: int = 0
    """The most points it ever had: below it, something was clawed back."""
    lot: str | None = None


def added_to(postings: LinePostings, entry: Entry) -> LinePostings:
    points = postings.points + entry.points
    return LinePostings(
        count=postings.count + 1,
        points=points,
        pending=postings.pending + entry.pending,
        peak=max(postings.peak, points),
        lot=postings.lot or entry.lot,
    )


def lot_key(instant: datetime, kind: str) -> str:
    return f"{month_end_after(instant, EXPIRES_AFTER_MONTHS).isoformat()}|{kind}"


def line_source_key(line_id: str, ordinal: int) -> str:
    return f"line#{line_id}#{ordinal:04d}"


def changes_for(quotes: Sequence[LineQuote], postings: Mapping[str, LinePostings]) -> list[Change]:
    """The entries that make the ledger agree with the quotes; none where it does already."""
    changes = []
    for quote in quotes:
        if quote.status == "parked":
            continue
        held = postings.get(quote.line_id, LinePostings())
        points = (quote.points if quote.status == "due" else 0) - held.points
        pending = (quote.points if quote.status == "pending" else 0) - held.pending
        if points or pending:
            changes.append(_line_change(quote, held, points, pending))
    return changes


def _line_change(quote: LineQuote, held: LinePostings, points: int, pending: int) -> Change:
    scene: Scene = "order_pending"
    if points:
        scene = "order_accrual" if points > 0 else "order_clawback"
    return Change(
        source_key=line_source_key(quote.line_id, held.count + 1),
        scene=scene,
        points=points,
        pending=pending,
        lot=held.lot,
        source={
            "kind": "order_line",
            "line_id": quote.line_id,
            "platform": quote.platform,
            "order_hint": quote.order_hint,
        },
        explanation=quote.explanation,
        lifetime=points,
    )


def posted(
    account: Account, changes: Sequence[Change], now: datetime
) -> tuple[Account, list[Entry]]:
    """The account after the changes, and one entry for each, in their order."""
    entries = []
    for change in changes:
        lots, lot = _moved_lots(account, change, now)
        recent = account.recent
        account = replace(
            account,
            balance=account.balance + change.points,
            pending=account.pending + change.pending,
            lifetime=account.lifetime + change.lifetime,
            lots=lots,
            entry_count=account.entry_count + 1,
            recent=(change.source_key, *recent)[:RECENT_ENTRIES],
        )
        entries.append(
            Entry(
                member_id=account.member_id,
                source_key=change.source_key,
                number=account.entry_count,
                scene=change.scene,
                points=change.points,
                pending=change.pending,
                balance_after=account.balance,
                lot=lot,
                business_date=business_date(now),
                recorded_at=now,
                previous=recent,
                source=change.source,
                explanation=change.explanation,
            )
        )
    return replace(account, version=account.version + 1), entries


def _moved_lots(
    account: Account, change: Change, now: datetime
) -> tuple[Mapping[str, int], str | None]:
    if change.points == 0:
        return account.lots, change.lot
    if change.points < 0:
        return _taken(account.lots, -change.points, first=change.lot), change.lot
    incoming = change.lots_in
    if incoming is None:
        incoming = {change.lot or lot_key(now, "order"): change.points}
    return _added(account, change.points, incoming), next(iter(incoming), None)


def _added(account: Account, points: int, incoming: Mapping[str, int]) -> Mapping[str, int]:
    """Lots after a credit; debt is repaid first, from the lots that expire soonest."""
    kept = max(0, min(points, account.balance + points))
    lots = dict(account.lots)
    for key, size in incoming.items():
        lots[key] = lots.get(key, 0) + size
    surplus = sum(incoming.values()) - kept
    return _taken(lots, surplus, first=None) if surplus > 0 else lots


def _taken(lots: Mapping[str, int], points: int, *, first: str | None) -> Mapping[str, int]:
    """Lots after taking `points`: from `first`, then by earliest expiry; what no lot covers becomes debt."""
    left = dict(lots)
    order = [key for key in (first,) if key in left] + [k for k in sorted(left) if k != first]
    for key in order:
        taken = min(points, left[key])
        left[key] -= taken
        points -= taken
    return {key: size for key, size in left.items() if size > 0}


def expiring(account: Account) -> list[tuple[date, int]]:
    """Points by the day they expire, soonest first."""
    sums: dict[str, int] = {}
    for key, points in account.lots.items():
        day = key.split("|", 1)[0]
        sums[day] = sums.get(day, 0) + points
    return [(date.fromisoformat(day), points) for day, points in sorted(sums.items())]


def merge_changes(old: Account, new: Account) -> tuple[Change, Change]:
    """The two entries that move everything of a merged account (points, pending, debt, lots) to its survivor."""
    out = Change(
        source_key=f"merge#{new.member_id}",
        scene="merge_out",
        points=-old.balance,
        pending=-old.pending,
        lot=None,
        source={"kind": "merge", "member_id": new.member_id},
        explanation=None,
        lifetime=-old.lifetime,
        lots_in={},
    )
    into = replace(
        out,
        source_key=f"merge#{old.member_id}",
        scene="merge_in",
        points=old.balance,
        pending=old.pending,
        source={"kind": "merge", "member_id": old.member_id},
        lifetime=old.lifetime,
        lots_in=old.lots,
    )
    return out, into
