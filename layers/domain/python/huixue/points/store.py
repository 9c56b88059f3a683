"""The ledger in DynamoDB: one item per account, one immutable item per entry, both in the member's partition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import reduce
from operator import attrgetter
from typing import Any

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put, Update, Write
from huixue.kernel.calendar import to_text
from huixue.kernel.errors import ContentionError, NotFoundError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.caps import Shared
from huixue.points.merging import JoinSheets
from huixue.points.merging import merged as merged_accounts
from huixue.points.model import (
    Account,
    Entry,
    Frozen,
    LinePostings,
    added_to,
    line_source_key,
)
from huixue.points.ports import LedgerChangedError, PolicyOf, Seat, Standing
from huixue.points.programme_caps import SharedCaps
from huixue.points.records import (
    ACCOUNT,
    BEHIND_ENTRIES,
    ENTRIES,
    account_from,
    account_item,
    entry_from,
    entry_item,
    entry_key,
    frozen_map,
)

_source_key = attrgetter("source_key")
MAX_MERGERS = 16
"""Accounts merged into one another in a row; more means a loop, which sign-in never makes."""


class LedgerStore:
    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table
        self._shared_caps = SharedCaps(database, table)

    def account(self, member_id: MemberId) -> Account:
        item = self._database.get(self._table, (member_id, ACCOUNT), consistent=False)
        return account_from(member_id, item)

    def standing(self, member_id: MemberId, line_ids: Sequence[str]) -> Standing:
        firsts = {line_source_key(each, 1): each for each in line_ids}
        for _ in range(MAX_MERGERS):
            account, first_here = self._account_and(member_id, list(firsts))
            if account.merged_into is not None:
                member_id = account.merged_into
                continue
            # The ordinals of a line run on over all accounts that became this one: whoever merged is asked for in full.
            touched = line_ids if account.merged_from else [firsts[key] for key in first_here]
            postings = dict.fromkeys(line_ids, LinePostings())
            return Standing(
                account=account,
                postings=postings | {each: self._line_postings(account, each) for each in touched},
            )
        raise AssertionError(f"accounts are merged in a loop at {member_id}")

    def _line_postings(self, account: Account, line_id: str) -> LinePostings:
        entries = self.entries_beginning(account, f"line#{line_id}#")
        return reduce(added_to, sorted(entries, key=_source_key), LinePostings())

    def seat(self, member_id: MemberId, source_keys: Sequence[str]) -> Seat:
        entries: dict[str, Entry] = {}
        for _ in range(MAX_MERGERS):
            account, found = self._account_and(member_id, source_keys)
            entries = found | entries
            if account.merged_into is None:
                return Seat(account=account, entries=self._earlier(account, source_keys) | entries)
            member_id = account.merged_into
        raise AssertionError(f"accounts are merged in a loop at {member_id}")

    def _account_and(
        self, member_id: MemberId, source_keys: Sequence[str]
    ) -> tuple[Account, dict[str, Entry]]:
        """The account, and those of the entries that are in its own partition: one read."""
        keys = [(member_id, ACCOUNT), *(entry_key(member_id, each) for each in source_keys)]
        found = self._database.batch_get(self._table, keys, consistent=True)
        account = account_from(member_id, found.pop((member_id, ACCOUNT), None))
        entries = [entry_from(item) for item in found.values()]
        return account, {entry.source_key: entry for entry in entries}

    def _earlier(self, account: Account, source_keys: Sequence[str]) -> dict[str, Entry]:
        """Those of the entries that were made in accounts since merged into this one."""
        keys = [entry_key(each, key) for each in account.merged_from for key in source_keys]
        found = self._database.batch_get(self._table, keys, consistent=True) if keys else {}
        entries = [entry_from(item) for item in found.values()]
        return {entry.source_key: entry for entry in entries}

    def entries_beginning(self, account: Account, prefix: str) -> list[Entry]:
        members = (*account.merged_from, account.member_id)
        return [entry for each in members for entry in self._beginning(each, prefix)]

    def _beginning(self, member_id: MemberId, prefix: str) -> Iterator[Entry]:
        values = {":pk": member_id, ":prefix": entry_key(member_id, prefix)[1]}
        condition = "pk = :pk AND begins_with(sk, :prefix)"
        for item in self._database.query(self._table, condition, values, consistent=True):
            yield entry_from(item)

    def shared_caps(self, policy: LedgerPolicy, member_id: MemberId, today: date) -> Shared:
        return self._shared_caps.left(policy, member_id, today)

    def post(
        self,
        before: Account,
        after: Account,
        entries: Sequence[Entry],
        *,
        policy: LedgerPolicy,
        shared: Shared,
    ) -> None:
        writes = self.posting(before, after, entries)
        writes += self._shared_caps.writes(policy, before.member_id, entries, shared)
        self._posted(writes)

    def posting(self, before: Account, after: Account, entries: Sequence[Entry]) -> list[Write]:
        """The conditional writes of a posting, for a unit of work: k entries and the account, 2(k + 1) WCU."""
        writes: list[Write] = [
            Put(table=self._table, item=entry_item(entry), condition=ABSENT) for entry in entries
        ]
        return [*writes, self._account_write(before, after)]

    def _account_write(self, before: Account, after: Account) -> Put:
        item = account_item(after)
        if not before.version:
            return Put(table=self._table, item=item, condition=ABSENT)
        return Put(
            table=self._table, item=item, condition="version = :version",
            values={":version": before.version},
        )  # fmt: skip

    def _posted(self, writes: Sequence[Write]) -> None:
        try:
            self._database.transact(writes)
        except ConditionFailedError as error:
            raise LedgerChangedError("somebody else posted first") from error

    def entries(self, member_id: MemberId, source_keys: Sequence[str]) -> dict[str, Entry]:
        keys = [entry_key(member_id, key) for key in source_keys]
        found = self._database.batch_get(self._table, keys, consistent=False)
        late = [key for key in keys if key not in found]
        if late:  # an account may be seen a moment before the entries that were written with it
            found |= self._database.batch_get(self._table, late, consistent=True)
        entries = [entry_from(item) for item in found.values()]
        return {entry.source_key: entry for entry in entries}

    def merge_writes(
        self, merged: MemberId, survivor: MemberId, policy_of: PolicyOf, now: datetime,
        join_sheets: JoinSheets,
    ) -> list[Write]:  # fmt: skip
        """The conditional writes that move a merged member's points to the survivor: entries each way, and the
        old account points on. Both accounts must still be as they were read. Lines keep their owner: what is
        posted for them later follows `merged_into`. Raises MemberErasedError."""
        old = self.standing(merged, []).account
        new = self.standing(survivor, []).account
        if old.member_id == new.member_id:
            return []
        policy = policy_of(new.programme_id or old.programme_id)
        result = merged_accounts(old, new, policy=policy, now=now, join_sheets=join_sheets)
        return [
            *self.posting(old, result.closed, result.out_entries),
            *self.posting(new, result.survivor, result.in_entries),
        ]

    def whole(self, member_id: MemberId) -> tuple[Account, list[Entry]]:
        """The account and all its entries, read again until they belong together. Raises ContentionError where
        they never do: a judgement on halves would find faults that are not there."""
        for _ in range(MAX_MERGERS):
            before = self._database.get(self._table, (member_id, ACCOUNT), consistent=True)
            entries = list(self._beginning(member_id, ""))
            after = self._database.get(self._table, (member_id, ACCOUNT), consistent=True)
            if before == after:
                return account_from(member_id, after), entries
        raise ContentionError("the member's ledger kept changing", member_id=member_id)

    def merged_entries(self, entries: Sequence[Entry]) -> list[Entry]:
        """All entries of the accounts that were merged into the one of `entries`, directly or through others."""
        found: list[Entry] = []
        for entry in entries:
            if entry.scene == "merge_in":
                _, of_merged = self.whole(MemberId(str(entry.source["member_id"])))
                found += [*self.merged_entries(of_merged), *of_merged]
        return found

    def freeze(self, member_id: MemberId, frozen: Frozen | None) -> None:
        set_it = "SET version = version + :one, frozen = :frozen"
        lift_it = "SET version = version + :one REMOVE frozen"
        values: dict[str, object] = {":one": 1}
        if frozen is not None:
            values[":frozen"] = frozen_map(frozen)
        for _ in range(MAX_MERGERS):
            account = self.standing(member_id, []).account
            if not account.version:
                raise NotFoundError("she has no account yet")
            write = Update(
                table=self._table, key=(account.member_id, ACCOUNT),
                expression=lift_it if frozen is None else set_it,
                condition="attribute_exists(pk) AND attribute_not_exists(merged_into)",
                values=values,
            )  # fmt: skip
            try:
                return self._database.write(write)
            except ConditionFailedError:
                continue  # merged this very moment: the survivor is the one
        raise ContentionError("the member's accounts kept merging", member_id=member_id)

    def erase_writes(self, member_ids: Sequence[MemberId], now: datetime) -> list[Write]:
        """The conditional writes that mark these very accounts, whatever they were merged into, or, where there is
        none, an empty one: whoever posts later meets the mark. Balances and entries stay as they are. None for an
        account that is marked: its first instant stays. A condition fails where her first entry, or the same erasure,
        comes first: read again."""
        keys = [(each, ACCOUNT) for each in member_ids]
        found = self._database.batch_get(self._table, keys, consistent=True)
        accounts = [account_from(each, found.get((each, ACCOUNT))) for each in member_ids]
        return [self._mark(each, now) for each in accounts if each.erased_at is None]

    def _mark(self, account: Account, now: datetime) -> Write:
        if not account.version:
            empty = Account(member_id=account.member_id, version=1, erased_at=now)
            return self._account_write(account, empty)
        return Update(
            table=self._table, key=(account.member_id, ACCOUNT),
            expression="SET version = version + :one, erased_at = :erased_at",
            condition="attribute_exists(pk) AND attribute_not_exists(erased_at)",
            values={":one": 1, ":erased_at": to_text(now)},
        )  # fmt: skip

    def erase(self, member_id: MemberId, now: datetime) -> None:
        """Commits the marks of `erase_writes` for one account by themselves: for an erasure that is done again, where
        the table was restored to a moment before it. May be repeated. Raises ContentionError."""
        for _ in range(MAX_MERGERS):
            try:
                for each in self.erase_writes([member_id], now):
                    self._database.write(each)
            except ConditionFailedError:
                continue
            return
        raise ContentionError("the member's ledger kept changing", member_id=member_id)

    def personal_keys(self, member_id: MemberId) -> list[Key]:
        """What lies in her partition beside her account and its entries (notices, a ban): what an erasure removes."""
        before, behind = (
            {":pk": member_id, ":sk": ENTRIES},
            {":pk": member_id, ":sk": BEHIND_ENTRIES},
        )
        found = [
            *self._database.query(self._table, "pk = :pk AND sk < :sk", before, consistent=True),
            *self._database.query(self._table, "pk = :pk AND sk >= :sk", behind, consistent=True),
        ]
        return [(item["pk"], item["sk"]) for item in found if item["sk"] != ACCOUNT]

    def restore(self, before: Account, mended: Account) -> None:
        self._posted([self._account_write(before, mended)])

    def everything(self) -> Iterator[Item]:
        """All items of the table, page by page: for the audit."""
        start: dict[str, Any] | None = None
        while True:
            page = self._database.scan_page(self._table, limit=1000, start=start)
            yield from page.items
            if page.next_key is None:
                return
            start = page.next_key
