"""The ledger in memory, with the promises of `Ledger`; and short words for quotes, accounts and postings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from huixue.kernel.events import LineQuote
from huixue.kernel.ids import LineId, MemberId, OrderRef
from huixue.points.model import (
    Account,
    Change,
    Entry,
    LinePostings,
    added_to,
    merge_changes,
    posted,
)
from huixue.points.ports import LedgerChangedError, Standing

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ANNA = MemberId("mem_anna")
BERTA = MemberId("mem_berta")
Status = Literal["pending", "due", "void", "parked"]


def quote(
    line: str, status: Status, points: int, *, owner: str = ANNA, order: str = "o1"
) -> LineQuote:
    """`points` are what the explanation comes to by `recomputed`."""
    return LineQuote(
        line_id=LineId(line),
        order_ref=OrderRef(order),
        owner=MemberId(owner),
        order_revision=1,
        status=status,
        points=points,
        order_hint="1234…56",
        platform="taobao",
        explanation={"worth": points},
    )


def recomputed(explanation: Mapping[str, object]) -> int:
    worth = explanation["worth"]
    assert isinstance(worth, int)
    return worth


def change(points: int, *, key: str, lot: str | None = None, pending: int = 0) -> Change:
    return Change(
        source_key=key,
        scene="order_accrual" if points >= 0 else "order_clawback",
        points=points,
        pending=pending,
        lot=lot,
        source={"kind": "order_line", "line_id": key},
        explanation=None,
        lifetime=points,
    )


@dataclass(slots=True)
class FakeLedger:
    accounts: dict[str, Account] = field(default_factory=dict)
    by_key: dict[tuple[str, str], Entry] = field(default_factory=dict)
    postings_made: int = 0
    before_post: list[Callable[[], None]] = field(default_factory=list)
    """Taken from the front, one before each post: what somebody else does at that moment."""
    after_post: list[Callable[[], None]] = field(default_factory=list)

    def account(self, member_id: MemberId) -> Account:
        return self.accounts.get(member_id, Account(member_id=member_id))

    def standing(self, member_id: MemberId, line_ids: Sequence[str]) -> Standing:
        chain = [self.account(member_id)]
        while chain[-1].merged_into is not None:
            chain.append(self.account(chain[-1].merged_into))
        postings = {line_id: LinePostings() for line_id in line_ids}
        for account in chain:
            for entry in self.entries_of(account.member_id):
                line_id = str(entry.source.get("line_id"))
                if line_id in postings:
                    postings[line_id] = added_to(postings[line_id], entry)
        return Standing(account=chain[-1], postings=postings)

    def post(self, before: Account, after: Account, entries: Sequence[Entry]) -> None:
        if self.before_post:
            self.before_post.pop(0)()
        keys = [(entry.member_id, entry.source_key) for entry in entries]
        assert len(set(keys)) == len(keys), "DynamoDB refuses two writes of one item"
        if self.account(before.member_id).version != before.version or any(
            key in self.by_key for key in keys
        ):
            raise LedgerChangedError("somebody else posted first")
        self.by_key |= dict(zip(keys, entries, strict=True))
        self.accounts[after.member_id] = after
        self.postings_made += 1
        if self.after_post:
            self.after_post.pop(0)()

    def entries(self, member_id: MemberId, source_keys: Sequence[str]) -> dict[str, Entry]:
        found = [self.by_key.get((member_id, key)) for key in source_keys]
        return {entry.source_key: entry for entry in found if entry is not None}

    def entries_of(self, member_id: str) -> list[Entry]:
        return [entry for (owner, _), entry in self.by_key.items() if owner == member_id]

    def merge(self, merged: MemberId, survivor: MemberId) -> None:
        old, new = self.account(merged), self.account(survivor)
        out, into = merge_changes(old, new)
        old_after, out_entries = posted(old, [out], NOW)
        new_after, in_entries = posted(new, [into], NOW)
        self.post(old, replace(old_after, merged_into=survivor), out_entries)
        self.post(new, new_after, in_entries)


@dataclass(slots=True)
class Pool:
    """The `Quotes` port: the present word on some orders, which others may change at any read."""

    now: dict[str, LineQuote] = field(default_factory=dict)
    after_read: list[Callable[[], None]] = field(default_factory=list)
    reads: int = 0

    def say(self, *quotes: LineQuote) -> None:
        self.now |= {each.line_id: each for each in quotes}

    def __call__(self, order_refs: Sequence[str]) -> Sequence[LineQuote]:
        self.reads += 1
        found = [each for ref in order_refs for each in self.now.values() if each.order_ref == ref]
        if self.after_read:
            self.after_read.pop(0)()
        return found
