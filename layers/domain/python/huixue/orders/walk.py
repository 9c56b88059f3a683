"""A walk over every item of the Orders table, for the sweep."""

from __future__ import annotations

from typing import Any

from huixue.dynamodb.database import Database
from huixue.orders import import_store, records, sync_records
from huixue.orders.sweep import WalkPage


class TableWalk:
    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def page(self, start: dict[str, Any] | None, limit: int) -> WalkPage:
        page = self._database.scan_page(self._table, limit=limit, start=start)
        items = page.items
        return WalkPage(
            orders=[records.order_from(item) for item in items if records.is_order(item)],
            claims=[records.claim_from(item) for item in items if records.is_claim(item)],
            syncs=[sync_records.sync_from(item) for item in items if records.is_sync(item)],
            imports=[
                import_store.import_from(item) for item in items if import_store.is_import(item)
            ],
            next_start=page.next_key,
        )
