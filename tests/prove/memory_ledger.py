"""The ledger's promises in memory: an entry's key is taken once, an account changes under its version, a shared cap
never gives more than it has. Many members, quick enough for tens of thousands of histories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from huixue.kernel.calendar import window_key
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.caps import Piece, Shared
from huixue.points.model import Account, Entry, Frozen, LinePostings, added_to
from huixue.points.ports import LedgerChangedError, Seat, Standing


@dataclass(slots=True)
class MemoryLedger:
    """The `Ledger` port; nobody is merged here."""

    before_post: Callable[[], None] = lambda: None
    """What happens between a worker's reading and its post; may raise: the worker dies before it."""
    accepted: Callable[[Account, Account, Sequence[Entry]], None] = lambda _b, _a, _e: None
    """Told of every post that counts."""
    after_post: Callable[[], None] = lambda: None
    """May raise: the worker dies after it, or never hears of it."""
    accounts: dict[str, Account] = field(default_factory=dict)
    by_key: dict[str, dict[str, Entry]] = field(default_factory=dict)
    lines: dict[tuple[str, str], LinePostings] = field(default_factory=dict)
    used: dict[tuple[str, str], int] = field(default_factory=dict)
    """Of shared caps: (cap id, window) → points."""

    def account(self, member_id: MemberId) -> Account:
        return self.accounts.get(member_id) or Account(member_id=member_id)

    def standing(self, member_id: MemberId, line_ids: Sequence[str]) -> Standing:
        none = LinePostings()
        postings = {each: self.lines.get((member_id, each), none) for each in line_ids}
        return Standing(account=self.account(member_id), postings=postings)

    def seat(self, member_id: MemberId, source_keys: Sequence[str]) -> Seat:
        return Seat(account=self.account(member_id), entries=self.entries(member_id, source_keys))

    def shared_caps(self, policy: LedgerPolicy, member_id: MemberId, today: date) -> Shared:
        del member_id  # in one piece: whose shard it is is the store's business
        return {
            cap.cap_id: Piece(
                shard=0,
                remaining=max(0, cap.points - self.used.get(use, 0)),
            )
            for cap in policy.caps
            if cap.per == "programme" and (use := (cap.cap_id, window_key(today, cap.window)))
        }

    def post(
        self,
        before: Account,
        after: Account,
        entries: Sequence[Entry],
        *,
        policy: LedgerPolicy,
        shared: Shared,
    ) -> None:
        del shared
        self.before_post()
        stored = self.by_key.setdefault(before.member_id, {})
        keys = [entry.source_key for entry in entries]
        assert len(set(keys)) == len(keys), "DynamoDB refuses two writes of one item"
        if self.account(before.member_id).version != before.version or any(
            key in stored for key in keys
        ):
            raise LedgerChangedError("somebody else posted first")
        self._take(policy, entries)
        for entry in entries:
            stored[entry.source_key] = entry
            line_id = entry.source.get("line_id")
            if line_id is not None:
                line = (entry.member_id, str(line_id))
                self.lines[line] = added_to(self.lines.get(line, LinePostings()), entry)
        self.accounts[after.member_id] = after
        self.accepted(before, after, entries)
        self.after_post()

    def _take(self, policy: LedgerPolicy, entries: Sequence[Entry]) -> None:
        caps = {cap.cap_id: cap for cap in policy.caps if cap.per == "programme"}
        if not caps:
            return
        after = dict(self.used)
        for entry in entries:
            for use, points in entry.caps.items():
                cap_id, _, window = use.partition("|")
                if cap_id in caps:
                    sum_now = after.get((cap_id, window), 0) + points
                    if points > 0 and sum_now > caps[cap_id].points:
                        raise LedgerChangedError("a shared cap has less left than it takes")
                    after[cap_id, window] = sum_now
        self.used = after

    def entries(self, member_id: MemberId, source_keys: Sequence[str]) -> dict[str, Entry]:
        stored = self.by_key.get(member_id, {})
        return {key: stored[key] for key in source_keys if key in stored}

    def entries_beginning(self, account: Account, prefix: str) -> list[Entry]:
        stored = self.by_key.get(account.member_id, {})
        return [entry for key, entry in stored.items() if key.startswith(prefix)]

    def whole(self, member_id: MemberId) -> tuple[Account, list[Entry]]:
        return self.account(member_id), list(self.by_key.get(member_id, {}).values())

    def freeze(self, member_id: MemberId, frozen: Frozen | None) -> None:
        before = self.account(member_id)
        self.accounts[member_id] = replace(before, frozen=frozen, version=before.version + 1)

    def restore(self, before: Account, mended: Account) -> None:
        if self.account(before.member_id).version != before.version:
            raise LedgerChangedError("the account is no longer as it was read")
        self.accounts[before.member_id] = mended
