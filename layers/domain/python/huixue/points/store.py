"""The ledger in DynamoDB: one item per account, one immutable item per entry, both in the member's partition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put, Write
from huixue.kernel.ids import MemberId
from huixue.points.model import (
    Account,
    Entry,
    LinePostings,
    added_to,
    line_source_key,
    merge_changes,
    posted,
)
from huixue.points.ports import LedgerChangedError, Standing
from huixue.points.records import (
    ACCOUNT,
    account_from,
    account_item,
    entry_from,
    entry_item,
    entry_key,
)

MAX_MERGERS = 8
"""Accounts merged into one another in a row; more means a loop, which sign-in never makes."""


class LedgerStore:
    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def account(self, member_id: MemberId) -> Account:
        item = self._database.get(self._table, (member_id, ACCOUNT), consistent=False)
        return account_from(member_id, item)

    def standing(self, member_id: MemberId, line_ids: Sequence[str]) -> Standing:
        postings = {line_id: LinePostings() for line_id in line_ids}
        touched: list[str] = []
        for _ in range(MAX_MERGERS):
            account, first_here = self._account_and_first_entries(member_id, line_ids)
            touched = [each for each in line_ids if each in {*touched, *first_here}]
            for line_id in touched:
                for entry in self._line_entries(member_id, line_id):
                    postings[line_id] = added_to(postings[line_id], entry)
            if account.merged_into is None:
                return Standing(account=account, postings=postings)
            member_id = account.merged_into
        raise AssertionError(f"accounts are merged in a loop at {member_id}")

    def _account_and_first_entries(
        self, member_id: MemberId, line_ids: Sequence[str]
    ) -> tuple[Account, list[str]]:
        """The account, and the lines that have their first entry here: one read for the common case, a line
        nobody has entered yet."""
        firsts = {entry_key(member_id, line_source_key(each, 1)): each for each in line_ids}
        keys = [(member_id, ACCOUNT), *firsts]
        found = self._database.batch_get(self._table, keys, consistent=True)
        account = account_from(member_id, found.get((member_id, ACCOUNT)))
        return account, [each for key, each in firsts.items() if key in found]

    def _line_entries(self, member_id: MemberId, line_id: str) -> Iterator[Entry]:
        values = {":pk": member_id, ":line": entry_key(member_id, f"line#{line_id}#")[1]}
        condition = "pk = :pk AND begins_with(sk, :line)"
        for item in self._database.query(self._table, condition, values, consistent=True):
            yield entry_from(item)

    def post(self, before: Account, after: Account, entries: Sequence[Entry]) -> None:
        try:
            self._database.transact(self.posting(before, after, entries))
        except ConditionFailedError as error:
            raise LedgerChangedError("somebody else posted first") from error

    def posting(self, before: Account, after: Account, entries: Sequence[Entry]) -> list[Write]:
        """The conditional writes of a posting, for a unit of work: k entries and the account, 2(k + 1) WCU."""
        writes: list[Write] = [
            Put(table=self._table, item=entry_item(entry), condition=ABSENT) for entry in entries
        ]
        condition: str = ABSENT
        values: dict[str, object] = {}
        if before.version:
            condition, values = "version = :version", {":version": before.version}
        account = Put(
            table=self._table, item=account_item(after), condition=condition, values=values
        )
        return [*writes, account]

    def entries(self, member_id: MemberId, source_keys: Sequence[str]) -> dict[str, Entry]:
        keys = [entry_key(member_id, key) for key in source_keys]
        found = self._database.batch_get(self._table, keys, consistent=False)
        late = [key for key in keys if key not in found]
        if late:  # an account may be seen a moment before the entries that were written with it
            found |= self._database.batch_get(self._table, late, consistent=True)
        entries = [entry_from(item) for item in found.values()]
        return {entry.source_key: entry for entry in entries}

    def merge_writes(self, merged: MemberId, survivor: MemberId, now: datetime) -> list[Write]:
        """The conditional writes that move a merged member's points to the survivor: one entry each way, and
        the old account points on. Both accounts must still be as they were read. Lines keep their owner: what
        is posted for them later follows `merged_into`."""
        old = self.standing(merged, []).account
        new = self.standing(survivor, []).account
        if old.member_id == new.member_id:
            return []
        out, into = merge_changes(old, new)
        old_after, out_entries = posted(old, [out], now)
        new_after, in_entries = posted(new, [into], now)
        closed = replace(old_after, merged_into=new.member_id)
        return [
            *self.posting(old, closed, out_entries),
            *self.posting(new, new_after, in_entries),
        ]

    def whole(self, member_id: MemberId) -> tuple[Account, list[Entry]]:
        """The account and all its entries, read again until they belong together."""
        for _ in range(MAX_MERGERS):
            before = self._database.get(self._table, (member_id, ACCOUNT), consistent=True)
            values = {":pk": member_id, ":entry": entry_key(member_id, "")[1]}
            condition = "pk = :pk AND begins_with(sk, :entry)"
            items = self._database.query(self._table, condition, values, consistent=True)
            entries = [entry_from(item) for item in items]
            after = self._database.get(self._table, (member_id, ACCOUNT), consistent=True)
            if before == after:
                break
        return account_from(member_id, after), entries

    def merged_entries(self, entries: Sequence[Entry]) -> list[Entry]:
        """All entries of the accounts that were merged into the one of `entries`, directly or through others."""
        found: list[Entry] = []
        for entry in entries:
            if entry.scene == "merge_in":
                _, of_merged = self.whole(MemberId(str(entry.source["member_id"])))
                found += [*self.merged_entries(of_merged), *of_merged]
        return found

    def everything(self) -> Iterator[Item]:
        """All items of the table, page by page: for the audit."""
        start: dict[str, Any] | None = None
        while True:
            page = self._database.scan_page(self._table, limit=1000, start=start)
            yield from page.items
            if page.next_key is None:
                return
            start = page.next_key
