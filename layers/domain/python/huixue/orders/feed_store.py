"""Coverage of feeds and the sweep's cursor in DynamoDB."""

from __future__ import annotations

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put
from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.errors import ContentionError
from huixue.orders.feeds import Coverage, Interval, joined
from huixue.orders.ports import Place

MAX_ROUNDS = 32
"""Two pulls in lockstep lose to one another several times in a row; each round one of them gets on."""
_CURSOR: Key = ("SWEEP", "CURSOR")


def coverage_key(feed_id: str) -> Key:
    return f"F#{feed_id}", "COVERAGE"


class CoverageStore:
    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def load(self, feed_id: str) -> Coverage:
        return _coverage_from(self._item(feed_id))

    def add(self, feed_id: str, interval: Interval) -> Coverage:
        for _ in range(MAX_ROUNDS):
            item = self._item(feed_id)
            coverage = joined(_coverage_from(item), interval)
            version = item["version"] if item else 0
            pk, sk = coverage_key(feed_id)
            after: Item = {
                "pk": pk, "sk": sk, "version": version + 1,
                "intervals": [list(each) for each in coverage],
            }  # fmt: skip
            condition = "version = :read" if item else ABSENT
            values = {":read": version} if item else {}
            try:
                self._database.write(
                    Put(table=self._table, item=after, condition=condition, values=values)
                )
            except ConditionFailedError:
                continue
            return coverage
        raise ContentionError("the feed's coverage kept changing", feed_id=feed_id)

    def _item(self, feed_id: str) -> Item | None:
        return self._database.get(self._table, coverage_key(feed_id), consistent=True)


class CursorStore:
    """Where the rolling sweep goes on. Losing it only starts a round again."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def load(self) -> Place:
        item = self._database.get(self._table, _CURSOR, consistent=True)
        if item is None:
            return Place()
        not_before = item.get("not_before")
        return Place(
            start=item.get("start"), not_before=from_text(not_before) if not_before else None
        )

    def save(self, place: Place) -> None:
        item: Item = {"pk": _CURSOR[0], "sk": _CURSOR[1]}
        if place.start is not None:
            item["start"] = place.start
        if place.not_before is not None:
            item["not_before"] = to_text(place.not_before)
        # No condition: two sweeps at once are harmless, and the later cursor is as good as the earlier.
        self._database.write(Put(table=self._table, item=item, condition=None))


def _coverage_from(item: Item | None) -> Coverage:
    return tuple((start, end) for start, end in item["intervals"]) if item else ()
