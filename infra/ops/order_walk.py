"""Every order of a deployment, page by page, for reports: read through a client that cannot write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from huixue.dynamodb.database import Database, DynamoDbClient
from huixue.orders.model import Order
from huixue.orders.walk import TableWalk
from infra.ops.deployment import Deployment

ITEMS_PER_PAGE = 1000
Advance = Callable[[int], None]
"""Told how many more orders were read."""


class WritesRefusedError(Exception):
    """A report tried to write: a mistake of ours, so nothing catches it."""


class ReadOnlyClient:
    """The reading calls of a DynamoDB client, and no other."""

    def __init__(self, client: DynamoDbClient) -> None:
        self._client = client

    def get_item(self, **request: Any) -> dict[str, Any]:
        return self._client.get_item(**request)

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        return self._client.batch_get_item(**request)

    def query(self, **request: Any) -> dict[str, Any]:
        return self._client.query(**request)

    def scan(self, **request: Any) -> dict[str, Any]:
        return self._client.scan(**request)

    def put_item(self, **request: Any) -> dict[str, Any]:
        raise WritesRefusedError(request["TableName"])

    def update_item(self, **request: Any) -> dict[str, Any]:
        raise WritesRefusedError(request["TableName"])

    def delete_item(self, **request: Any) -> dict[str, Any]:
        raise WritesRefusedError(request["TableName"])

    def batch_write_item(self, **request: Any) -> dict[str, Any]:
        raise WritesRefusedError(", ".join(request["RequestItems"]))

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        raise WritesRefusedError(str(len(request["TransactItems"])))


def read_only(deployment: Deployment) -> Database:
    return Database(ReadOnlyClient(deployment.client("dynamodb")))


def walked(database: Database, table: str, advance: Advance) -> Iterator[list[Order]]:
    """Orders of the pool, each of them once; numbers that only stand for an order they were split from, and orders
    that nobody has printed yet, are left out. Eventually consistent."""
    walk, start = TableWalk(database, table), None
    while True:
        page = walk.page(start, ITEMS_PER_PAGE)
        orders = [each for each in page.orders if each.alias_of is None and each.sources]
        advance(len(orders))
        yield orders
        if page.next_start is None:
            return
        start = page.next_start


@contextmanager
def progress(what: str, console: Console) -> Iterator[Advance]:
    """A line on the console for as long as the block lasts."""
    columns = (SpinnerColumn(), TextColumn("{task.completed} " + what))
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(what, total=None)
        yield lambda more: shown.advance(task, more)
