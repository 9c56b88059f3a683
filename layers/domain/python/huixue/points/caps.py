"""Caps on what may be earned in a window of business time, and the capacity that reversals return (LG-M11). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from huixue.kernel.calendar import window_key
from huixue.kernel.policies import Cap, LedgerPolicy
from huixue.points.model import EARNING, Account, Scene

SHARDS = 8
"""Pieces of a cap that a whole programme shares, so that no item gets hot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What is left of a shared cap in its present window, and in which shards."""

    shard: int
    """Taken from first."""
    remaining: int
    """In all of its shards."""
    others: tuple[tuple[int, int], ...] = ()
    """Further shards and what each of them holds of `remaining`, in the order to take from."""


Shared = Mapping[str, Piece]
"""By cap id; empty for programmes without shared caps."""


def caps_of(policy: LedgerPolicy, scene: Scene, rule: str | None) -> list[Cap]:
    """The caps that count points of a scene and rule."""
    if scene not in EARNING:
        return []
    return [
        cap
        for cap in policy.caps
        if (not cap.scenes or scene in cap.scenes) and (not cap.rules or rule in cap.rules)
    ]


def remaining(cap: Cap, account: Account, today: date, shared: Shared) -> int:
    if cap.per == "programme":
        piece = shared.get(cap.cap_id)
        return piece.remaining if piece is not None else 0
    window, used = account.caps.get(cap.cap_id, ("", 0))
    present = window_key(today, cap.window)
    # a clock that went back does not open a new window; one of another kind says nothing of this
    counts = window == present or _is_after(window, present)
    return max(0, cap.points - (used if counts else 0))


def _is_after(window: str, other: str) -> bool:
    """Of two windows of one kind: their texts are as long as each other, and sort by time."""
    return len(window) == len(other) and window > other


def allowed(points: int, caps: list[Cap], account: Account, today: date, shared: Shared) -> int:
    """How many of `points` may be credited."""
    return min([points, *(remaining(cap, account, today, shared) for cap in caps)])


def uses(caps: list[Cap], points: int, day: date, account: Account | None = None) -> dict[str, int]:
    """Capacity in the windows of `day`, by `cap id|window`: a reversal gives back to the day its credit came from.

    `account`: of a credit that may belong to a day before the newest that the account counts. Where it does, of a cap
    on each member the newest is used, since nobody knows any more what was earned in the other."""
    if points == 0:
        return {}
    return {f"{cap.cap_id}|{_counting(account, cap, day)}": points for cap in caps}


def _counting(account: Account | None, cap: Cap, day: date) -> str:
    own = window_key(day, cap.window)
    newest, _ = ("", 0) if account is None else account.caps.get(cap.cap_id, ("", 0))
    return newest if cap.per == "member" and _is_after(newest, own) else own


def counted(
    caps: Mapping[str, tuple[str, int]], change: Mapping[str, int]
) -> dict[str, tuple[str, int]]:
    """The account's counters after a change. Only the newest window of a cap is kept: what returns to an older one
    can no longer be earned in it."""
    after = dict(caps)
    for key, points in change.items():
        cap_id, _, window = key.partition("|")
        newest, used = after.get(cap_id, ("", 0))
        if window == newest:
            # what was earned before there was this cap may come back to it: never more than all of it
            after[cap_id] = (window, max(0, used + points))
        elif points > 0 and not _is_after(newest, window):
            # a newer window, or the first of another kind since the programme changed the cap
            after[cap_id] = (window, points)
    return after


def size_of_shard(cap: Cap, shard: int) -> int:
    """The sizes of all shards sum to the cap."""
    return cap.points // SHARDS + (1 if shard < cap.points % SHARDS else 0)


def best_piece(cap: Cap, home: int, used: Mapping[int, int]) -> Piece:
    """The member's own shard first, so that members seldom meet, then the fullest of the others: a credit gets all
    that the programme has left, whatever lies in one shard."""
    left = {shard: size_of_shard(cap, shard) - used.get(shard, 0) for shard in range(SHARDS)}
    order = sorted(left, key=lambda shard: (shard != home, -left[shard], shard))
    full = [(shard, left[shard]) for shard in order if left[shard] > 0]
    first = full[0][0] if full else home
    return Piece(shard=first, remaining=sum(size for _, size in full), others=tuple(full[1:]))


def taken_from(piece: Piece, points: int) -> dict[int, int]:
    """How many of `points` each shard gives; the first whatever the others do not hold."""
    first = piece.remaining - sum(size for _, size in piece.others)
    out: dict[int, int] = {}
    for shard, size in ((piece.shard, first), *piece.others):
        part = min(points, size)
        if part > 0:
            out[shard] = part
            points -= part
    return out
