"""Caps that a whole programme shares: counters in pieces, so that no item gets hot.

Item `CAP#{programme}#{cap}#{window}` / `SHARD#{n}` with `used`. What a credit takes is added in its own transaction,
under the condition that the piece holds it; a reversal gives back to the member's own piece, which may go below zero:
the pieces together never exceed the cap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zlib import crc32

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Key
from huixue.dynamodb.writes import Update, Write
from huixue.kernel.calendar import window_key
from huixue.kernel.policies import Cap, LedgerPolicy
from huixue.points.caps import SHARDS, Piece, Shared, best_piece, size_of_shard, taken_from
from huixue.points.model import Entry


class SharedCaps:
    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def left(self, policy: LedgerPolicy, member_id: str, today: date) -> Shared:
        """What is left of each shared cap, this member's own piece first; no read where there is none."""
        out: dict[str, Piece] = {}
        for cap in policy.caps:
            if cap.per == "programme":
                window = window_key(today, cap.window)
                keys = {_key(policy, cap.cap_id, window, n): n for n in range(SHARDS)}
                items = self._database.batch_get(self._table, list(keys), consistent=True)
                used = {keys[key]: int(item["used"]) for key, item in items.items()}
                out[cap.cap_id] = best_piece(cap, _home(member_id), used)
        return out

    def writes(
        self, policy: LedgerPolicy, member_id: str, entries: Sequence[Entry], shared: Shared
    ) -> list[Write]:
        """One counter for each piece of a cap and window that the entries touch."""
        sums: dict[tuple[str, str], int] = {}
        for entry in entries:
            if entry.scene in {"merge_in", "merge_out"}:
                continue  # moved from one account to another, the programme's sum is as before
            for use, points in entry.caps.items():
                cap_id, _, window = use.partition("|")
                sums[cap_id, window] = sums.get((cap_id, window), 0) + points
        caps = {cap.cap_id: cap for cap in policy.caps if cap.per == "programme"}
        return [
            self._write(policy, caps[cap_id], window, shard, part)
            for (cap_id, window), points in sums.items()
            if cap_id in caps and points
            for shard, part in _parts(shared.get(cap_id), points, member_id).items()
        ]

    def _write(
        self, policy: LedgerPolicy, cap: Cap, window: str, shard: int, points: int
    ) -> Update:
        values: dict[str, object] = {":points": points}
        condition = None
        if points > 0:
            condition = "attribute_not_exists(used) OR used <= :most"
            values[":most"] = size_of_shard(cap, shard) - points
        return Update(
            table=self._table, key=_key(policy, cap.cap_id, window, shard),
            expression="ADD used :points", condition=condition, values=values,
        )  # fmt: skip


def _parts(piece: Piece | None, points: int, member_id: str) -> dict[int, int]:
    """A credit takes from the shards that were read; what comes back goes to the member's own."""
    if points < 0:
        return {_home(member_id): points}
    if piece is None:
        raise AssertionError("a shared cap was taken from that nobody read")
    return taken_from(piece, points)


def _home(member_id: str) -> int:
    return crc32(member_id.encode()) % SHARDS


def _key(policy: LedgerPolicy, cap_id: str, window: str, shard: int) -> Key:
    return f"CAP#{policy.programme_id}#{cap_id}#{window}", f"SHARD#{shard}"
