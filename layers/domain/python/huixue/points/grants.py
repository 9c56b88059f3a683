"""Bulk grants before they are run: what each row would come to, and a hash of all of it (LG-E6).

The id of a grant comes from what it says, its rows in any order, so the same rows in another file are the same grant.
Each row has an entry of its own: nobody gets a row twice, whatever she was merged with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Protocol, TypeVar

from huixue.kernel.calendar import business_date
from huixue.kernel.ids import MemberId, derived_id
from huixue.kernel.policies import LedgerPolicy
from huixue.points import caps, lots, movements
from huixue.points.adjusting import must_be_reasoned
from huixue.points.four_eyes import Proposals, person
from huixue.points.model import Account, Entry
from huixue.points.ports import LedgerDesk, Seat
from huixue.points.posting import posted

_T = TypeVar("_T")
_R = TypeVar("_R")

ProgrammeOf = Callable[[Sequence[MemberId]], Mapping[MemberId, str]]
"""The programme of each of the members that exist."""


class InParallel(Protocol):
    """Does the work for each, several at a time; results come in the order given, the first failure ends it."""

    def __call__(self, work: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantDesk:
    desk: LedgerDesk
    programme_of: ProgrammeOf
    proposals: Proposals
    in_parallel: InParallel


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRow:
    member_id: MemberId
    points: int


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Points for many members of one programme, for one reason; a member has one row. Raises
    AdjustmentInvalidError."""

    programme_id: str
    rows: tuple[GrantRow, ...]
    reason: str
    member_note: str
    by: str

    def __post_init__(self) -> None:
        must_be_reasoned(self.reason, self.member_note)
        person(self.by)

    @cached_property
    def grant_id(self) -> str:
        said = sorted(f"{row.member_id},{row.points}" for row in self.rows)
        return derived_id("gra", self.programme_id, self.reason, self.member_note, *said)

    def source_key(self, row: GrantRow) -> str:
        return f"grant#{self.grant_id}#{row.member_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What a row comes to."""

    row: GrantRow
    member_id: MemberId
    """Whose account it goes to: after a merge another than the row says."""
    credited: int
    capped: int
    """What caps keep back."""
    expires_on: str
    """`2026-11-30`, or `never`."""
    is_entered: bool

    def told(self) -> tuple[str, int, int, int, str]:
        return self.row.member_id, self.row.points, self.credited, self.capped, self.expires_on


@dataclass(frozen=True, kw_only=True)
class Preview:
    grant_id: str
    results: tuple[RowResult, ...]
    unknown: tuple[MemberId, ...]
    """Rows of nobody, of members of another programme, or of those who were erased: left out."""

    @cached_property
    def hash(self) -> str:
        """Of every row's result. It stays while a run is under way: rows that are entered count as they were
        entered."""
        told = [self.grant_id, sorted(each.told() for each in self.results), sorted(self.unknown)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

    @property
    def asked(self) -> int:
        return sum(each.row.points for each in self.results)

    @property
    def credited(self) -> int:
        return sum(each.credited for each in self.results)

    @property
    def capped(self) -> int:
        return sum(each.capped for each in self.results)

    @property
    def missing(self) -> list[RowResult]:
        return [each for each in self.results if not each.is_entered]


def preview(grant: Grant, *, at: GrantDesk) -> Preview:
    """What running the grant would come to; writes nothing."""
    programmes = at.programme_of([row.member_id for row in grant.rows])
    known = [row for row in grant.rows if programmes.get(row.member_id) == grant.programme_id]

    def seat_of(row: GrantRow) -> tuple[GrantRow, Seat]:
        return row, at.desk.ledger.seat(row.member_id, [grant.source_key(row)])

    seats = [
        (row, seat)
        for row, seat in at.in_parallel(seat_of, known)
        if seat.account.erased_at is None or grant.source_key(row) in seat.entries
    ]
    hers = {row.member_id for row, _ in seats}
    unknown = [row.member_id for row in grant.rows if row.member_id not in hers]
    simulation = _simulation(grant, seats, at.desk)
    results = tuple(simulation.result(row, seat) for row, seat in seats)
    return Preview(grant_id=grant.grant_id, results=results, unknown=tuple(unknown))


def shares_a_cap(policy: LedgerPolicy) -> bool:
    """Whether a cap of the whole programme counts grants: then the order of rows decides who gets what is left."""
    return any(cap.per == "programme" for cap in caps.caps_of(policy, "grant", None))


def posting(
    grant: Grant, row: GrantRow, account: Account, policy: LedgerPolicy, now: datetime,
    shared: caps.Shared,
) -> tuple[Account, list[Entry], Entry]:  # fmt: skip
    """The account after the row, all entries that make it so, and the row's own. Pure."""
    key = grant.source_key(row)
    request = {
        "grant_id": grant.grant_id, "reason": grant.reason, "member_note": grant.member_note,
        "by": grant.by,
    }  # fmt: skip
    today = business_date(now, policy.zone)
    change = movements.grant(key.partition("#")[2], row.points, today, policy, request)
    after, entries = posted(account, [change], policy=policy, now=now, shared=shared)
    return after, entries, next(each for each in entries if each.source_key == key)


def result_of(
    row: GrantRow, entry: Entry, member_id: MemberId, policy: LedgerPolicy, *, is_entered: bool
) -> RowResult:
    day = lots.last_day_of(lots.new_lot("grant", entry.business_date, policy))
    return RowResult(
        row=row, member_id=member_id, credited=entry.points, capped=entry.capped,
        expires_on=lots.NEVER if day is None else day.isoformat(), is_entered=is_entered,
    )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Simulation:
    """Enters rows into copies of the accounts, in the order of the file."""

    grant: Grant
    policy: LedgerPolicy
    now: datetime
    shared: dict[str, caps.Piece]
    accounts: dict[MemberId, Account] = field(default_factory=dict)

    def result(self, row: GrantRow, seat: Seat) -> RowResult:
        member_id = seat.account.member_id
        found = seat.entries.get(self.grant.source_key(row))
        if found is not None:
            return result_of(row, found, member_id, self.policy, is_entered=True)
        account = self.accounts.get(member_id, seat.account)
        after, _, entry = posting(self.grant, row, account, self.policy, self.now, self.shared)
        self.accounts[member_id] = after
        for cap in caps.caps_of(self.policy, "grant", None):
            piece = self.shared.get(cap.cap_id)
            if piece is not None:
                left = replace(piece, remaining=piece.remaining - entry.points)
                self.shared[cap.cap_id] = left
        return result_of(row, entry, member_id, self.policy, is_entered=False)


def _simulation(
    grant: Grant, seats: Sequence[tuple[GrantRow, Seat]], desk: LedgerDesk
) -> _Simulation:
    now, policy = desk.now(), desk.policy_of(grant.programme_id)
    shared: caps.Shared = {}
    if seats and shares_a_cap(policy):
        # what is left of a cap is the same for all members, but for the shard to begin with
        today = business_date(now, policy.zone)
        shared = desk.ledger.shared_caps(policy, seats[0][1].account.member_id, today)
    return _Simulation(grant=grant, policy=policy, now=now, shared=dict(shared))
