"""The ledger in memory, with the promises of `Ledger`; and short words for quotes, accounts and postings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from huixue.kernel.calendar import SHANGHAI, window_key
from huixue.kernel.errors import NotFoundError
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import LineId, MemberId, OrderRef
from huixue.kernel.policies import LedgerPolicy
from huixue.points.caps import Shared, best_piece, taken_from
from huixue.points.changes import Change
from huixue.points.merging import merged
from huixue.points.model import Account, Entry, Frozen, LinePostings, added_to
from huixue.points.ports import Ledger, LedgerChangedError, LedgerDesk, Seat, Standing

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ANNA = MemberId("mem_anna")
BERTA = MemberId("mem_berta")
MAIN = "main"
POLICY = LedgerPolicy(programme_id=MAIN)
Status = Literal["pending", "due", "void", "parked"]


def local(text: str) -> datetime:
    """`2026-12-31 23:59:59.999` on the clocks of Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def quote(
    line: str, status: Status, points: int, *, owner: str = ANNA, order: str = "o1",
    bonus: int = 0, rule: str = "main/taobao", programme: str = MAIN,
) -> LineQuote:  # fmt: skip
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
        programme_id=programme,
        rule=rule,
        bonus=bonus,
    )


def recomputed(explanation: Mapping[str, object]) -> int:
    worth, capped = explanation["worth"], explanation.get("capped_points", 0)
    assert isinstance(worth, int)
    assert isinstance(capped, int)
    return worth - capped


def credit(points: int, *, key: str, lot: str = "2027-11-30|order") -> Change:
    """Points from nowhere in particular, into one lot."""
    return Change(
        source_key=key, scene="order_accrual", points=points, earns="order_accrual",
        qualifies=True, lots_in={lot: points}, source={"kind": "test", "key": key},
    )  # fmt: skip


def clawback(points: int, *, key: str, lot: str = "2027-11-30|order") -> Change:
    """`points` taken away again, from this lot first."""
    return Change(
        source_key=key, scene="order_clawback", points=-points, earns="order_accrual",
        qualifies=True, take_first=[(lot, points)], shortfall="policy",
        source={"kind": "test", "key": key},
    )  # fmt: skip


@dataclass(slots=True)
class Clock:
    """The desk's hands: `later` moves on, `now` may be set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **parts: float) -> datetime:
        self.now += timedelta(**parts)
        return self.now


@dataclass(slots=True)
class FakeLedger:
    accounts: dict[str, Account] = field(default_factory=dict)
    by_key: dict[tuple[str, str], Entry] = field(default_factory=dict)
    used: dict[tuple[str, str, str], dict[int, int]] = field(default_factory=dict)
    """Shared caps: by programme, cap and window what was used of each piece."""
    postings_made: int = 0
    before_post: list[Callable[[], None]] = field(default_factory=list)
    """Taken from the front, one before each post: what somebody else does at that moment."""
    after_post: list[Callable[[], None]] = field(default_factory=list)
    """The same right after a post was made: dying here is a lost reply."""

    def account(self, member_id: MemberId) -> Account:
        return self.accounts.get(member_id, Account(member_id=member_id))

    def standing(self, member_id: MemberId, line_ids: Sequence[str]) -> Standing:
        chain = self._chain(member_id)
        postings = {line_id: LinePostings() for line_id in line_ids}
        members = (*chain[-1].merged_from, chain[-1].member_id)
        for entry in (each for member in members for each in self.entries_of(member)):
            line_id = str(entry.source.get("line_id"))
            if line_id in postings:
                postings[line_id] = added_to(postings[line_id], entry)
        return Standing(account=chain[-1], postings=postings)

    def seat(self, member_id: MemberId, source_keys: Sequence[str]) -> Seat:
        chain = self._chain(member_id)
        account = chain[-1]
        members = [*account.merged_from, account.member_id, *(each.member_id for each in chain)]
        found = {
            key: self.by_key[each, key]
            for each in members
            for key in source_keys
            if (each, key) in self.by_key
        }
        return Seat(account=account, entries=found)

    def _chain(self, member_id: MemberId) -> list[Account]:
        chain = [self.account(member_id)]
        while chain[-1].merged_into is not None:
            chain.append(self.account(chain[-1].merged_into))
        return chain

    def shared_caps(self, policy: LedgerPolicy, member_id: MemberId, today: date) -> Shared:
        return {
            cap.cap_id: best_piece(
                cap, 0,
                self.used.get((policy.programme_id, cap.cap_id, window_key(today, cap.window)), {}),
            )
            for cap in policy.caps
            if cap.per == "programme"
        }  # fmt: skip

    def post(
        self,
        before: Account,
        after: Account,
        entries: Sequence[Entry],
        *,
        policy: LedgerPolicy,
        shared: Shared,
    ) -> None:
        if self.before_post:
            self.before_post.pop(0)()
        keys = [(entry.member_id, entry.source_key) for entry in entries]
        assert len(set(keys)) == len(keys), "DynamoDB refuses two writes of one item"
        assert len(keys) < 100, "DynamoDB takes 100 items in one transaction"
        if self.account(before.member_id).version != before.version or any(
            key in self.by_key for key in keys
        ):
            raise LedgerChangedError("somebody else posted first")
        self._count(policy, entries, shared)
        self.by_key |= dict(zip(keys, entries, strict=True))
        self.accounts[after.member_id] = after
        self.postings_made += 1
        if self.after_post:
            self.after_post.pop(0)()

    def _count(self, policy: LedgerPolicy, entries: Sequence[Entry], shared: Shared) -> None:
        caps = {cap.cap_id: cap for cap in policy.caps if cap.per == "programme"}
        used = {key: dict(pieces) for key, pieces in self.used.items()}
        sums: dict[str, int] = {}
        for entry in entries:
            if entry.scene != "merge_in":
                for use, points in entry.caps.items():
                    sums[use] = sums.get(use, 0) + points
        for use, points in sums.items():
            cap_id, _, window = use.partition("|")
            if cap_id not in caps:
                continue
            pieces = used.setdefault((policy.programme_id, cap_id, window), {})
            parts = taken_from(shared[cap_id], points) if points > 0 else {0: points}
            for shard, part in parts.items():
                pieces[shard] = pieces.get(shard, 0) + part
            if points > 0 and sum(pieces.values()) > caps[cap_id].points:
                raise LedgerChangedError("the shared cap has less left")
        self.used = used

    def entries(self, member_id: MemberId, source_keys: Sequence[str]) -> dict[str, Entry]:
        found = [self.by_key.get((member_id, key)) for key in source_keys]
        return {entry.source_key: entry for entry in found if entry is not None}

    def entries_beginning(self, account: Account, prefix: str) -> list[Entry]:
        return [
            entry
            for each in (*account.merged_from, account.member_id)
            for entry in self.entries_of(each)
            if entry.source_key.startswith(prefix)
        ]

    def whole(self, member_id: MemberId) -> tuple[Account, list[Entry]]:
        return self.account(member_id), self.entries_of(member_id)

    def freeze(self, member_id: MemberId, frozen: Frozen | None) -> None:
        account = self._chain(member_id)[-1]
        if not account.version:
            raise NotFoundError("she has no account yet")
        self.accounts[account.member_id] = replace(
            account, frozen=frozen, version=account.version + 1
        )

    def restore(self, before: Account, mended: Account) -> None:
        if self.account(before.member_id).version != before.version:
            raise LedgerChangedError("somebody else posted first")
        self.accounts[before.member_id] = mended

    def erase(self, member_id: MemberId, now: datetime) -> None:
        account = self.account(member_id)
        if account.erased_at is None:
            self.accounts[member_id] = replace(account, version=account.version + 1, erased_at=now)

    def entries_of(self, member_id: str) -> list[Entry]:
        return [entry for (owner, _), entry in self.by_key.items() if owner == member_id]

    def merge(
        self, gone: MemberId, survivor: MemberId, *, policy: LedgerPolicy = POLICY,
        now: datetime = NOW,
    ) -> None:  # fmt: skip
        old, new = self.standing(gone, []).account, self.standing(survivor, []).account
        result = merged(old, new, policy=policy, now=now, join_sheets="{}+{}".format)
        self.post(old, result.closed, result.out_entries, policy=policy, shared={})
        self.post(new, result.survivor, result.in_entries, policy=policy, shared={})


def loses(times: int, ledger: FakeLedger) -> list[Callable[[], None]]:
    """For `before_post`: so many rounds in a row are lost to somebody who freezes and lifts nothing."""

    def touched() -> None:
        for member_id, account in ledger.accounts.items():
            ledger.accounts[member_id] = replace(account, version=account.version + 1)

    return [touched] * times


def desk_of(
    ledger: Ledger,
    *,
    policy: LedgerPolicy = POLICY,
    clock: Callable[[], datetime] = lambda: NOW,
    pause: Callable[[int], None] = lambda lost: None,
) -> LedgerDesk:
    return LedgerDesk(ledger=ledger, policy_of=lambda _: policy, now=clock, pause=pause)


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
