"""Imports in DynamoDB: one item per import, one per finished chunk.

Both are kept for ever: they are small, and what makes the same file a year later change nothing.
"""

from __future__ import annotations

from typing import Any

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put, Update
from huixue.kernel.calendar import from_text, to_text
from huixue.orders.imports import Import
from huixue.orders.pool import Applied

_TIMES = ("exported_at", "requested_at")
_COUNTS = ("chunks_finished", "orders_new", "orders_changed", "orders_unchanged")
_PLANNED = ("rows", "row_errors", "chunks", "failure_code", "failure")


def import_key(import_id: str) -> Key:
    return f"I#{import_id}", "IMPORT"


def chunk_key(import_id: str, chunk: int) -> Key:
    return f"I#{import_id}", f"CHUNK#{chunk:08d}"


def is_import(item: Item) -> bool:
    return str(item["sk"]) == "IMPORT"


def import_from(item: Item) -> Import:
    fields: dict[str, Any] = {
        name: item[name] for name in Import.__dataclass_fields__ if name in item
    }
    times = {name: from_text(item[name]) for name in _TIMES}
    return Import(**(fields | times | {"import_id": str(item["pk"]).removeprefix("I#")}))


class ImportStore:
    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def load(self, import_id: str) -> Import | None:
        item = self._database.get(self._table, import_key(import_id), consistent=True)
        return import_from(item) if item else None

    def add(self, new: Import) -> Import:
        pk, sk = import_key(new.import_id)
        said = {name: getattr(new, name) for name in Import.__dataclass_fields__}
        said |= {name: to_text(getattr(new, name)) for name in _TIMES}
        del said["import_id"]
        item = {name: value for name, value in said.items() if value is not None}
        item |= {"pk": pk, "sk": sk}
        try:
            self._database.write(Put(table=self._table, item=item, condition=ABSENT))
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return import_from(error.item)
        return new

    def planned(self, done: Import) -> None:
        said = {name: getattr(done, name) for name in _PLANNED}
        values = {f":{name}": value for name, value in said.items() if value is not None}
        names = {f"#{name}": name for name in said if said[name] is not None}
        self._database.write(Update(
            table=self._table,
            key=import_key(done.import_id),
            expression="SET " + ", ".join(f"#{name[1:]} = {name}" for name in values),
            condition="attribute_exists(pk)",
            values=values,
            names=names,
        ))  # fmt: skip

    def reopen(self, import_id: str) -> None:
        """A failed import is running again, as if it had never been planned. Repeatable."""
        self._database.write(Update(
            table=self._table,
            key=import_key(import_id),
            expression="REMOVE failure_code, failure, chunks",
            condition="attribute_exists(pk)",
        ))  # fmt: skip

    def is_finished(self, import_id: str, chunk: int) -> bool:
        key = chunk_key(import_id, chunk)
        return self._database.get(self._table, key, consistent=True) is not None

    def finish_chunk(self, import_id: str, chunk: int, applied: Applied) -> None:
        pk, sk = chunk_key(import_id, chunk)
        counts = {
            "chunks_finished": 1,
            "orders_new": applied.orders_new,
            "orders_changed": applied.orders_changed,
            "orders_unchanged": applied.orders_unchanged,
        }
        record: Item = {"pk": pk, "sk": sk} | counts
        add = Update(
            table=self._table,
            key=import_key(import_id),
            expression="ADD " + ", ".join(f"{name} :{name}" for name in counts),
            condition="attribute_exists(pk)",
            values={f":{name}": value for name, value in counts.items()},
        )
        try:
            self._database.transact([Put(table=self._table, item=record, condition=ABSENT), add])
        except ConditionFailedError as error:
            if error.index != 0:
                raise

    def unfinished_chunks(self, of: Import) -> list[int]:
        if of.chunks is None:
            return []
        values = {":pk": import_key(of.import_id)[0], ":chunk": "CHUNK#"}
        found = self._database.query(
            self._table, "pk = :pk AND begins_with(sk, :chunk)", values, consistent=True
        )
        finished = {int(str(item["sk"]).removeprefix("CHUNK#")) for item in found}
        return [chunk for chunk in range(of.chunks) if chunk not in finished]
