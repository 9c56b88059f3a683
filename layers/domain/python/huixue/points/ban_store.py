"""Bans in the Points table: `{member}` / `BAN`, the newest one of each account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item
from huixue.dynamodb.writes import ConditionFailedError, Put, Write
from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.ids import MemberId
from huixue.points.bans import Ban
from huixue.points.model import Account, Entry
from huixue.points.ports import LedgerChangedError
from huixue.points.posting import must_not_be_erased

BAN = "BAN"
Posting = Callable[[Account, Account, Sequence[Entry]], Sequence[Write]]
"""The ledger's conditional writes for one account (`LedgerStore.posting`)."""


class BanStore:
    def __init__(self, database: Database, table: str, posting: Posting) -> None:
        self._database = database
        self._table = table
        self._posting = posting

    def newest(self, member_ids: Sequence[MemberId]) -> Ban | None:
        """The ban that began last, of any of these ids of one person; a consistent read."""
        keys = [(each, BAN) for each in member_ids]
        found = self._database.batch_get(self._table, keys, consistent=True)
        bans = [_ban_from(item) for item in found.values()]
        return max(bans, key=lambda each: each.since, default=None)

    def impose(self, account: Account, ban: Ban) -> None:
        """The record, and the freeze of the account as it was read, in one transaction. Raises LedgerChangedError,
        and writes nothing, where the account changed since; MemberErasedError."""
        must_not_be_erased(account)
        after = replace(account, version=account.version + 1, frozen=ban.frozen)
        record = Put(table=self._table, item=_ban_item(ban), condition=None)
        try:
            self._database.transact([record, *self._posting(account, after, [])])
        except ConditionFailedError as error:
            raise LedgerChangedError("somebody else changed the account first") from error

    def note_end(self, ban: Ban, at: datetime) -> None:
        """Remembers when a ban was lifted, for good; a newer ban's record stays as it is."""
        item = _ban_item(replace(ban, lifted_at=at))
        condition = "since = :since AND attribute_not_exists(lifted_at)"
        values = {":since": to_text(ban.since)}
        try:
            self._database.write(
                Put(table=self._table, item=item, condition=condition, values=values)
            )
        except ConditionFailedError:
            return


def _ban_item(ban: Ban) -> Item:
    item: Item = {
        "pk": ban.member_id,
        "sk": BAN,
        "since": to_text(ban.since),
        "until": to_text(ban.until),
        "paid": ban.paid,
        "refunded": ban.refunded,
        "preview": ban.preview,
    }
    return item | ({"lifted_at": to_text(ban.lifted_at)} if ban.lifted_at is not None else {})


def _ban_from(item: Item) -> Ban:
    lifted_at = item.get("lifted_at")
    return Ban(
        member_id=MemberId(item["pk"]),
        since=from_text(item["since"]),
        until=from_text(item["until"]),
        paid=item["paid"],
        refunded=item["refunded"],
        preview=item["preview"],
        lifted_at=None if lifted_at is None else from_text(lifted_at),
    )
