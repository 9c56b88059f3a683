"""Seasons in DynamoDB; keys as in `layers/domain/README.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put
from huixue.seasons import records
from huixue.seasons.model import (
    Edition,
    Month,
    SeasonChangedError,
    Slots,
)
from huixue.seasons.ports import MAX_PARTS

_SPAN = "pk = :pk AND sk BETWEEN :first AND :last"
_LAST = "9999-99"
_MAX_RUN = 6
"""Months that lie further apart are asked for one by one."""


class DynamoDbSeasons:
    """`SeasonStore` on one table."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def edition(self, programme_id: str, *, consistent: bool = False) -> Edition | None:
        key = records.edition_key(programme_id)
        item = self._database.get(self._table, key, consistent=consistent)
        return None if item is None else records.edition_of(item)

    def edition_version(self, programme_id: str, version: int) -> Edition | None:
        key = records.edition_key(programme_id, version)
        item = self._database.get(self._table, key, consistent=False)
        return None if item is None else records.edition_of(item)

    def months(
        self, programme_id: str, months: Sequence[str], *, consistent: bool = False
    ) -> Mapping[str, Month]:
        wanted = sorted(set(months))
        if 1 < len(wanted) <= _MAX_RUN and _distance(wanted[0], wanted[-1]) < _MAX_RUN:
            found = self._run(programme_id, wanted[0], wanted[-1], consistent=consistent)
            return {month: found[month] for month in wanted if month in found}
        keys = [records.month_key(programme_id, month) for month in wanted]
        items = self._database.batch_get(self._table, keys, consistent=consistent)
        read = [records.month_from(items[key]) for key in keys if key in items]
        return {month.month: month for month in read}

    def all_months(self, programme_id: str) -> Mapping[str, Month]:
        return self._run(programme_id, "0000-00", _LAST, consistent=True)

    def months_from(self, programme_id: str, month: str) -> Mapping[str, Month]:
        return self._run(programme_id, month, _LAST, consistent=False)

    def slots(
        self, programme_id: str, stream_ids: Sequence[str], *, consistent: bool = False
    ) -> Mapping[str, Slots]:
        keys = [records.slots_key(programme_id, each) for each in dict.fromkeys(stream_ids)]
        items = self._database.batch_get(self._table, keys, consistent=consistent)
        read = [records.slots_from(items[key]) for key in keys if key in items]
        return {slots.stream_id: slots for slots in read}

    def must_fit(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
        records.transaction_items(programme_id, months, slots)

    def must_fit_edition(self, edition: Edition) -> None:
        records.edition_item(edition, records.edition_key(edition.programme_id))

    def write(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
        if not 0 < len(months) + len(slots) <= MAX_PARTS:
            raise ValueError(f"one transaction has 1 to {MAX_PARTS} parts")
        items = records.transaction_items(programme_id, months, slots)
        revisions = [each.revision for each in months] + [each.revision for each in slots]
        self._all_or_none([_revised(self._table, *of) for of in zip(items, revisions, strict=True)])

    def publish(self, edition: Edition) -> None:
        programme_id, first = edition.programme_id, edition.version == 1
        kept = Put(
            table=self._table,
            item=records.edition_item(edition, records.edition_key(programme_id, edition.version)),
            condition=ABSENT,
        )
        in_force = Put(
            table=self._table,
            item=records.edition_item(edition, records.edition_key(programme_id)),
            condition=ABSENT if first else "version = :read",
            values={} if first else {":read": edition.version - 1},
        )
        self._all_or_none([kept, in_force])

    def _run(
        self, programme_id: str, first: str, last: str, *, consistent: bool
    ) -> Mapping[str, Month]:
        values = {
            ":pk": records.partition(programme_id),
            ":first": records.month_key(programme_id, first)[1],
            ":last": records.month_key(programme_id, last)[1],
        }
        items = self._database.query(self._table, _SPAN, values, consistent=consistent)
        read = [records.month_from(item) for item in items]
        return {month.month: month for month in read}

    def _all_or_none(self, puts: Sequence[Put]) -> None:
        """boto sends a write again whose reply was lost, and that one fails on the first: what stands decides."""
        try:
            self._database.transact(puts)
        except ConditionFailedError as failed:
            wanted = {put.key: put.item for put in puts}
            if self._database.batch_get(self._table, list(wanted), consistent=True) == wanted:
                return
            raise SeasonChangedError(
                "somebody changed the same part of the season at the same moment: read it again",
                part=puts[failed.index].key[1],
            ) from failed


def _revised(table: str, item: Item, revision: int) -> Put:
    first = revision == 1
    return Put(
        table=table,
        item=item,
        condition=ABSENT if first else "revision = :read",
        values={} if first else {":read": revision - 1},
    )


def _distance(first: str, last: str) -> int:
    """In months, between two names of months."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])
