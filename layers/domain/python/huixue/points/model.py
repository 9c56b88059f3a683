"""What is true about points: accounts and entries. Values only; how one account becomes the next is in `posting.py`.

Invariants, held by `posting.posted` and checked by `audit.py`:
balance = Σ points = Σ lots - debt · pending = Σ pending · held = Σ held = Σ lots of open holds · no lot below 1 ·
entry numbers 1, 2, 3 … without a gap. Debt is what was clawed back after it had been spent; new credits repay it first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from huixue.kernel.events import LinePosting
from huixue.kernel.ids import MemberId

Scene = Literal[
    "order_pending", "order_accrual", "order_clawback", "order_capped", "order_write_off",
    "transfer_out", "transfer_in", "merge_out", "merge_in", "expiry", "hold", "capture", "release",
    "hold_timeout", "spend", "spend_return", "adjustment", "grant", "tier",
    "check_in", "check_in_streak", "check_in_total", "make_up", "task",
]  # fmt: skip
"""Why an entry was made (LG-M15); `README.md` lists them for people."""
EARNING: tuple[Scene, ...] = (
    "order_accrual", "grant", "transfer_in", "check_in", "check_in_streak", "check_in_total", "task",
)  # fmt: skip
"""Scenes that caps may limit."""
FrozenReason = Literal["audit", "debt", "refunds", "operator"]

RECENT_ENTRIES = 6
"""How many older entries each entry names: a page of 20 is four BatchGets, and an entry stays below 1 KB."""
MAX_HOLDS = 20
"""Open holds of one member: they live in the account item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Points set aside until `until`, with the lots they came from."""

    until: datetime
    lots: Mapping[str, int]

    @property
    def points(self) -> int:
        return sum(self.lots.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """Redemptions are stopped; credits, clawbacks and reads go on."""

    reason: FrozenReason
    since: datetime
    until: datetime | None = None
    """None: until an operator lifts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TierStanding:
    """The tier of a period: the higher of its floor (kept from the period before) and what its points say."""

    period: str
    tier: str | None = None
    floor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The holder of a balance. `version` 0 = not stored yet."""

    member_id: MemberId
    programme_id: str = ""
    """Whose policy it follows; empty before the first entry."""
    balance: int = 0
    """Spendable points less debt."""
    pending: int = 0
    held: int = 0
    lifetime: int = 0
    """Earned in all, clawbacks taken off; spending does not lower it."""
    lots: Mapping[str, int] = field(default_factory=dict)
    """Spendable points by lot key (`last day|class`)."""
    holds: Mapping[str, Hold] = field(default_factory=dict)
    qualifying: Mapping[str, int] = field(default_factory=dict)
    """Points that count for tiers, by period; the newest two."""
    standing: TierStanding | None = None
    caps: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """By cap: its newest window and what was earned in it."""
    in_debt_since: str | None = None
    """Source key of the entry that raised the debt last; None without debt."""
    frozen: Frozen | None = None
    due_at: datetime | None = None
    """When something happens to it by itself: an expiry, a notice of one, a hold's timeout."""
    version: int = 0
    entry_count: int = 0
    recent: tuple[str, ...] = ()
    """Source keys of the newest entries, newest first."""
    merged_into: MemberId | None = None
    merged_from: tuple[MemberId, ...] = ()
    check_in_sheet: str = ""
    """What the days she checked in on come to, in the words of the room of check-ins; empty before the first."""
    erased_at: datetime | None = None
    """From then on nothing is posted but what happens by itself."""

    @property
    def available(self) -> int:
        return sum(self.lots.values())

    @property
    def debt(self) -> int:
        return self.available - self.balance

    def is_frozen(self, now: datetime) -> bool:
        frozen = self.frozen
        return frozen is not None and (frozen.until is None or now < frozen.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One immutable change of an account. Its key is its source, so the same source can be entered only once."""

    member_id: MemberId
    source_key: str
    number: int
    scene: Scene
    points: int
    """Change of the balance."""
    pending: int = 0
    held: int = 0
    lots: Mapping[str, int] = field(default_factory=dict)
    """Change of each lot."""
    balance_after: int
    earned: int = 0
    """Change of the lifetime points."""
    qualifying: Mapping[str, int] = field(default_factory=dict)
    """Change of the points that count for tiers, by period."""
    caps: Mapping[str, int] = field(default_factory=dict)
    """Capacity it took (or gave back), by `cap id|window`."""
    bonus: int = 0
    """The part that campaigns added of what it earned (`points - written_off`)."""
    capped: int = 0
    """Points kept back by a cap (or, negative, no longer)."""
    written_off: int = 0
    """Points given up that should have been clawed back (or, negative, recovered)."""
    lot: str | None = None
    """The lot an order line's points live in, for the line's later entries."""
    repays: str | None = None
    """The entry whose debt it repaid, in part or in full."""
    check_in_sheet: str | None = None
    """The account's from this entry on; None: unchanged."""
    business_date: date
    effective_at: datetime
    """When it happened: for an expiry the instant, however late the entry was written."""
    recorded_at: datetime
    previous: tuple[str, ...]
    source: Mapping[str, object]
    explanation: Mapping[str, object] | None = None

    @property
    def debt(self) -> int:
        """Change of the debt."""
        return sum(self.lots.values()) - self.points


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePostings:
    """What the ledger holds for one order line, over all accounts the owner ever had."""

    count: int = 0
    points: int = 0
    pending: int = 0
    peak: int = 0
    bonus: int = 0
    capped: int = 0
    written_off: int = 0
    lot: str | None = None
    credited_on: date | None = None
    """Business date of the first credit: reversals return to its windows and periods."""
    caps: Mapping[str, int] = field(default_factory=dict)
    """Capacity it took, by `cap id|window`: no more can come back."""

    @property
    def settled(self) -> int:
        return self.points + self.capped - self.written_off

    def told(self) -> LinePosting:
        """The same for the order pool."""
        return LinePosting(
            points=self.points, pending=self.pending, peak=self.peak, capped=self.capped,
            written_off=self.written_off,
        )  # fmt: skip


def added_to(postings: LinePostings, entry: Entry) -> LinePostings:
    points = postings.points + entry.points
    return LinePostings(
        count=postings.count + 1,
        points=points,
        pending=postings.pending + entry.pending,
        peak=max(postings.peak, points),
        bonus=postings.bonus + entry.bonus,
        capped=postings.capped + entry.capped,
        written_off=postings.written_off + entry.written_off,
        lot=postings.lot or entry.lot,
        credited_on=postings.credited_on or (entry.business_date if entry.points > 0 else None),
        caps={
            key: postings.caps.get(key, 0) + entry.caps.get(key, 0)
            for key in {**postings.caps, **entry.caps}
        },
    )


def line_source_key(line_id: str, ordinal: int) -> str:
    return f"line#{line_id}#{ordinal:04d}"
