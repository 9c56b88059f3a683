"""Bounded reads, single conditional writes and transactions on one DynamoDB client.

boto retries throttles, 500s and lost connections itself; it does not retry a cancelled transaction or a conflict
with one. Those are retried here, with jitter and a bound. After a lost reply boto may send a committed write a
second time and see its own condition fail: callers treat a failed condition as "read again", never as "not mine".
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from huixue.dynamodb.items import Item, Key, decoded, encoded_value, key_of
from huixue.dynamodb.writes import ConditionFailedError, Delete, Put, Update, Write
from huixue.kernel.errors import ContentionError, UnavailableError

MAX_TRIES = 7  # with jitter up to 0.8 s in all: an HTTP caller still gets an answer
_FIRST_PAUSE_S = 0.01
_BATCH_GET_KEYS = 100  # DynamoDB's limit for one BatchGetItem
_BATCH_WRITE_KEYS = 25  # DynamoDB's limit for one BatchWriteItem
_CONFLICTS = frozenset({
    "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded",
    "TransactionConflictException", "TransactionInProgressException",
})  # fmt: skip


class DynamoDbClient(Protocol):
    """The calls of botocore's low-level client that stores make."""

    def get_item(self, **request: Any) -> dict[str, Any]: ...
    def batch_get_item(self, **request: Any) -> dict[str, Any]: ...
    def query(self, **request: Any) -> dict[str, Any]: ...
    def scan(self, **request: Any) -> dict[str, Any]: ...
    def put_item(self, **request: Any) -> dict[str, Any]: ...
    def update_item(self, **request: Any) -> dict[str, Any]: ...
    def delete_item(self, **request: Any) -> dict[str, Any]: ...
    def batch_write_item(self, **request: Any) -> dict[str, Any]: ...
    def transact_write_items(self, **request: Any) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Item]
    next_key: dict[str, Any] | None


class Database:
    """One DynamoDB client, its retries bounded; safe to share between threads as botocore's client is."""

    def __init__(
        self, client: DynamoDbClient, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._sleep = sleep

    def get(self, table: str, key: Key, *, consistent: bool) -> Item | None:
        request = {"TableName": table, "Key": key_of(key), "ConsistentRead": consistent}
        answer = self._call(self._client.get_item, request)
        return decoded(answer["Item"]) if "Item" in answer else None

    def batch_get(self, table: str, keys: Sequence[Key], *, consistent: bool) -> dict[Key, Item]:
        """All of the items that are there; keys may repeat; asks again for what DynamoDB left out."""
        found: dict[Key, Item] = {}
        unique = list(dict.fromkeys(keys))
        for start in range(0, len(unique), _BATCH_GET_KEYS):
            wanted = [key_of(key) for key in unique[start : start + _BATCH_GET_KEYS]]
            for attempt in range(MAX_TRIES):
                entry = {"Keys": wanted, "ConsistentRead": consistent}
                answer = self._call(self._client.batch_get_item, {"RequestItems": {table: entry}})
                for raw in answer["Responses"].get(table, []):
                    item = decoded(raw)
                    found[item["pk"], item["sk"]] = item
                wanted = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
                if not wanted:
                    break
                self._pause(attempt)
            if wanted:
                raise ContentionError("DynamoDB left keys unread in every attempt", table=table)
        return found

    def query_page(
        self,
        table: str,
        condition: str,
        values: Mapping[str, object],
        *,
        consistent: bool,
        index: str | None = None,
        limit: int | None = None,
        forward: bool = True,
        start: dict[str, Any] | None = None,
    ) -> Page:
        request: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {k: encoded_value(v) for k, v in values.items()},
            "ConsistentRead": consistent,
            "ScanIndexForward": forward,
        }
        optional = {"IndexName": index, "Limit": limit, "ExclusiveStartKey": start}
        request |= {name: value for name, value in optional.items() if value is not None}
        answer = self._call(self._client.query, request)
        return Page([decoded(raw) for raw in answer["Items"]], answer.get("LastEvaluatedKey"))

    def query(
        self, table: str, condition: str, values: Mapping[str, object], *, consistent: bool,
        index: str | None = None,
    ) -> Iterator[Item]:  # fmt: skip
        start: dict[str, Any] | None = None
        while True:
            page = self.query_page(
                table, condition, values, consistent=consistent, index=index, start=start
            )
            yield from page.items
            if page.next_key is None:
                return
            start = page.next_key

    def scan_page(
        self,
        table: str,
        *,
        limit: int,
        start: dict[str, Any] | None,
        segment: tuple[int, int] | None = None,
    ) -> Page:
        """Items of one partition come one after another, in the order of `sk`. `segment` (n, of how many): that
        part of the table alone; `start` must then lie in it."""
        request: dict[str, Any] = {"TableName": table, "Limit": limit}
        if segment is not None:
            request["Segment"], request["TotalSegments"] = segment
        if start is not None:
            request["ExclusiveStartKey"] = start
        answer = self._call(self._client.scan, request)
        return Page([decoded(raw) for raw in answer["Items"]], answer.get("LastEvaluatedKey"))

    def write(self, write: Write) -> None:
        """One conditional write, 1 WCU per KB. Raises ConditionFailedError and then wrote nothing."""
        calls: dict[type[Write], Callable[..., dict[str, Any]]] = {
            Put: self._client.put_item,
            Update: self._client.update_item,
            Delete: self._client.delete_item,
        }
        self._retried(calls[type(write)], write.request())

    def transact(self, writes: Sequence[Write]) -> None:
        """All or none, 2 WCU per KB and item. Raises ConditionFailedError and then wrote nothing."""
        if len(writes) == 1:
            self.write(writes[0])
            return
        items = [{type(write).__name__: write.request()} for write in writes]
        self._retried(self._client.transact_write_items, {"TransactItems": items})

    def remove(self, table: str, keys: Sequence[Key]) -> None:
        """Removes items without a condition, 1 WCU per KB each. May be repeated; not all or none: after a failure some
        may be gone. Raises ContentionError, UnavailableError."""
        unique = list(dict.fromkeys(keys))
        for start in range(0, len(unique), _BATCH_WRITE_KEYS):
            some = unique[start : start + _BATCH_WRITE_KEYS]
            wanted = {table: [{"DeleteRequest": {"Key": key_of(key)}} for key in some]}
            for attempt in range(MAX_TRIES):
                answer = self._call(self._client.batch_write_item, {"RequestItems": wanted})
                wanted = answer.get("UnprocessedItems", {})
                if not wanted:
                    break
                self._pause(attempt)
            if wanted:
                raise ContentionError("DynamoDB left items undeleted in every attempt", table=table)

    def _retried(self, call: Callable[..., dict[str, Any]], request: dict[str, Any]) -> None:
        for attempt in range(MAX_TRIES):
            try:
                self._call(call, request)
            except ClientError as error:
                if not _is_conflict(error):
                    raise
                self._pause(attempt)
            else:
                return
        raise ContentionError("the same item kept changing under a transaction")

    def _pause(self, attempt: int) -> None:
        self._sleep(random.uniform(0, _FIRST_PAUSE_S * 2**attempt))  # noqa: S311  # jitter, not a secret

    def _call(self, call: Callable[..., dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
        try:
            return call(**request)
        except ClientError as error:
            failed = _failed_condition(error)
            if failed is not None:
                raise failed from error
            if _is_throttle(error):
                raise UnavailableError(
                    "DynamoDB throttles in every attempt", reason=error.response["Error"]["Code"]
                ) from error
            raise
        except ParamValidationError:
            raise  # our own mistake: asking again cannot help
        except BotoCoreError as error:
            raise UnavailableError(
                "DynamoDB does not answer", reason=type(error).__name__
            ) from error


def _failed_condition(error: ClientError) -> ConditionFailedError | None:
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        item: Any = error.response.get("Item")
        return ConditionFailedError(0, decoded(item) if item else None)
    if code == "TransactionCanceledException":
        for index, reason in enumerate(error.response.get("CancellationReasons", [])):
            if reason.get("Code") == "ConditionalCheckFailed":
                item = reason.get("Item")
                return ConditionFailedError(index, decoded(item) if item else None)
    return None


def _is_conflict(error: ClientError) -> bool:
    codes = {error.response["Error"]["Code"]}
    codes |= {reason.get("Code", "") for reason in error.response.get("CancellationReasons", [])}
    return bool(codes & _CONFLICTS)


def _is_throttle(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response["Error"]["Code"]
    return status >= 500 or code in {
        "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded",
    }  # fmt: skip
