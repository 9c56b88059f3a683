"""What jobs over the ledger read and write: due accounts, notices, the audit's walk and its progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date, datetime

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key, key_of
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put, Update
from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.ids import MemberId
from huixue.points.audit_runs import MAX_ENTRIES, Progress, Sheet
from huixue.points.expiry_runs import DuePlace
from huixue.points.model import Account
from huixue.points.notices import Notice
from huixue.points.ports import LedgerChangedError
from huixue.points.records import ACCOUNT, account_from, due_shard, due_shards, entry_from, is_entry

_NOTICE_PREFIX = "N#"
_RUNS = "RUN#audit"
_BEHIND_ALL = "\U0010ffff"
"""A sort key that no item has, behind those of all items of a partition."""
_SCAN_ITEMS = 2000
_PROGRESS = ("run", "segment", "part", "accounts", "entries", "violations", "left_out")


def notice_key(notice: Notice) -> Key:
    day = notice.expires_on.isoformat()
    return notice.member_id, f"{_NOTICE_PREFIX}{day}#{notice.days_before}"


class DueAccountIndex:
    """Accounts by when somebody should look at them. Keys only: 0.5 RCU for some 40 of them."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def shards(self) -> Sequence[str]:
        return due_shards()

    def due(
        self, shard: str, *, by: datetime, after: DuePlace | None, limit: int
    ) -> list[DuePlace]:
        start = None
        if after is not None:
            of_index = {"due_shard": {"S": shard}, "due_at": {"S": to_text(after[0])}}
            start = key_of((after[1], ACCOUNT)) | of_index
        page = self._database.query_page(
            self._table,
            "due_shard = :shard AND due_at <= :by",
            {":shard": shard, ":by": to_text(by)},
            consistent=False,
            index="DueAccounts",
            limit=limit,
            start=start,
        )
        return [(from_text(item["due_at"]), item["pk"]) for item in page.items]

    def move(self, account: Account, due_at: datetime | None) -> None:
        """1 WCU, and 1 or 2 of the index. No new version: whoever is about to post says the instant anew anyway."""
        set_it = "SET due_at = :due_at, due_shard = :due_shard"
        values: dict[str, object] = {":version": account.version}
        if due_at is not None:
            values |= {":due_at": to_text(due_at), ":due_shard": due_shard(account.member_id)}
        write = Update(
            table=self._table, key=(account.member_id, ACCOUNT),
            expression=set_it if due_at is not None else "REMOVE due_at, due_shard",
            condition="version = :version", values=values,
        )  # fmt: skip
        try:
            self._database.write(write)
        except ConditionFailedError as error:
            raise LedgerChangedError("somebody else posted first") from error


class NoticeStore:
    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def record(self, notice: Notice) -> bool:
        pk, sk = notice_key(notice)
        item: Item = {
            "pk": pk, "sk": sk, "points": notice.points, "state": notice.state,
            "expires_on": notice.expires_on.isoformat(), "days_before": notice.days_before,
            "created_at": to_text(notice.created_at),
        }  # fmt: skip
        try:
            self._database.write(Put(table=self._table, item=item, condition=ABSENT))
        except ConditionFailedError:
            return False
        return True

    def notices_of(self, member_id: MemberId) -> list[Notice]:
        """Of one account, soonest expiry first; those of accounts merged into it lie under their own ids."""
        values = {":pk": member_id, ":prefix": _NOTICE_PREFIX}
        condition = "pk = :pk AND begins_with(sk, :prefix)"
        items = self._database.query(self._table, condition, values, consistent=False)
        return [_notice_from(item) for item in items]


def _notice_from(item: Item) -> Notice:
    return Notice(
        member_id=item["pk"],
        expires_on=date.fromisoformat(item["expires_on"]),
        days_before=item["days_before"],
        points=item["points"],
        created_at=from_text(item["created_at"]),
        state=item["state"],
    )


class AuditStore:
    """The walk over the accounts of a segment, and how far each segment is."""

    def __init__(self, database: Database, table: str, *, max_entries: int = MAX_ENTRIES) -> None:
        self._database = database
        self._table = table
        self._max_entries = max_entries

    def sheets(self, segment: int, segments: int, after: Key | None) -> Iterator[Sheet]:
        """0.5 RCU for 4 KB of accounts and entries."""
        start = key_of(after) if after is not None else None
        partition: list[Item] = []
        while True:
            page = self._database.scan_page(
                self._table, limit=_SCAN_ITEMS, start=start, segment=(segment, segments)
            )
            for item in page.items:
                if partition and item["pk"] != partition[0]["pk"]:
                    yield from _sheet(partition)
                    partition = []
                partition.append(item)
            start = page.next_key
            if start is None:
                break
            if len(partition) > self._max_entries:
                place = (partition[0]["pk"], _BEHIND_ALL)
                yield Sheet(
                    member_id=partition[0]["pk"], account=None, entries=(), flaw="too_large",
                    place=place,
                )  # fmt: skip
                start, partition = key_of(place), []
        if partition:
            yield from _sheet(partition)

    def progress(self, run: str, segment: int) -> Progress | None:
        item = self._database.get(self._table, _progress_key(run, segment), consistent=True)
        return _progress_from(item) if item is not None else None

    def save(self, progress: Progress) -> None:
        pk, sk = _progress_key(progress.run, progress.segment)
        values = {each.name: getattr(progress, each.name) for each in fields(Progress)}
        item: Item = {
            name: to_text(value) if isinstance(value, datetime) else value
            for name, value in values.items()
            if value is not None
        }
        # No condition: two workers of one part come to the same, and a lost record only repeats a part.
        self._database.write(
            Put(table=self._table, item={"pk": pk, "sk": sk, **item}, condition=None)
        )

    def runs(self, first: str, last: str) -> list[Progress]:
        values = {":pk": _RUNS, ":first": f"{first}#", ":last": f"{last}#{_BEHIND_ALL}"}
        condition = "pk = :pk AND sk BETWEEN :first AND :last"
        items = self._database.query(self._table, condition, values, consistent=True)
        return [_progress_from(item) for item in items]


def _progress_key(run: str, segment: int) -> Key:
    return _RUNS, f"{run}#{segment:03}"


def _progress_from(item: Item) -> Progress:
    finished_at = item.get("finished_at")
    return Progress(
        **{name: item[name] for name in _PROGRESS},
        written_at=from_text(item["written_at"]),
        finished_at=from_text(finished_at) if finished_at is not None else None,
    )


def _sheet(partition: Sequence[Item]) -> Iterator[Sheet]:
    """The account of a partition; none for one without account and entries (caps, proposals, runs)."""
    last, member_id = partition[-1], MemberId(partition[0]["pk"])
    place = (last["pk"], last["sk"])
    if "#" in member_id:
        return  # an operator may have named a proposal like an item of an account
    try:
        accounts = [account_from(member_id, each) for each in partition if each["sk"] == ACCOUNT]
        entries = [entry_from(each) for each in partition if is_entry(each)]
        if not accounts and not entries:
            return
    except (AttributeError, LookupError, TypeError, ValueError):
        yield Sheet(member_id=member_id, account=None, entries=(), flaw="unreadable", place=place)
        return
    account = accounts[0] if accounts else None
    yield Sheet(member_id=member_id, account=account, entries=entries, place=place)
