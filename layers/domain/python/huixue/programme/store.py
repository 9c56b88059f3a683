"""Programmes in DynamoDB; keys as in `layers/domain/README.md`."""

from __future__ import annotations

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ABSENT, Put
from huixue.kernel.calendar import from_text, to_text
from huixue.programme.model import canonical_json, from_canonical_json
from huixue.programme.ports import PublishedVersion


class DynamoDbProgrammes:
    """`ProgrammeStore` on one table; reads are consistent, functions cache them."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def current(self, programme_id: str) -> PublishedVersion | None:
        return self._read(_current_key(programme_id))

    def version(self, programme_id: str, version: int) -> PublishedVersion | None:
        return self._read(_version_key(programme_id, version))

    def add(self, published: PublishedVersion) -> None:
        programme_id = published.programme.programme_id
        first = published.version == 1
        add_version = Put(
            table=self._table,
            item=_item(_version_key(programme_id, published.version), published),
            condition=ABSENT,
        )
        replace_current = Put(
            table=self._table,
            item=_item(_current_key(programme_id), published),
            condition=ABSENT if first else "version = :read",
            values={} if first else {":read": published.version - 1},
        )
        self._database.transact([add_version, replace_current])

    def _read(self, key: Key) -> PublishedVersion | None:
        item = self._database.get(self._table, key, consistent=True)
        return None if item is None else _published(item)


def _current_key(programme_id: str) -> Key:
    return f"P#{programme_id}", "CURRENT"


def _version_key(programme_id: str, version: int) -> Key:
    return f"P#{programme_id}", f"V#{version:06}"


def _item(key: Key, published: PublishedVersion) -> Item:
    return {
        "pk": key[0],
        "sk": key[1],
        "version": published.version,
        "content": canonical_json(published.programme),
        "published_at": to_text(published.published_at),
    }


def _published(item: Item) -> PublishedVersion:
    return PublishedVersion(
        version=item["version"],
        programme=from_canonical_json(item["content"]),
        published_at=from_text(item["published_at"]),
    )
