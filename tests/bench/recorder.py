"""Counts what a use case asks of DynamoDB: units from item sizes, round trips, write transactions.

    with Recorder(client, reader=another_client) as recorder:
        submit(...)
    recorder.cost()        # Cost(wcu=2, rcu=1.0, round_trips=3, write_transactions=0)

It listens to botocore's own events and reads every touched item before and after with `reader`, a second client on the
same engine that nobody counts. For one thread at a time: another writer between the two reads would be billed too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from tests.bench.indexes import indexes_of
from tests.bench.sizes import Attributes, item_bytes, read_units, write_units

_BEFORE = "before-parameter-build.dynamodb"
_AFTER = "after-call.dynamodb"
_SEND = "before-send.dynamodb"
_STATE = "huixue-recorder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    wcu: int = 0
    rcu: float = 0.0
    round_trips: int = 0
    """HTTP sends, so the SDK's retries are in."""
    write_transactions: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            wcu=self.wcu + other.wcu,
            rcu=self.rcu + other.rcu,
            round_trips=self.round_trips + other.round_trips,
            write_transactions=self.write_transactions + other.write_transactions,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """One operation of the client and its cost."""

    operation: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one write goes."""

    table: str
    key: Mapping[str, Any]


class Recorder:
    """Records `client` as long as the block lasts."""

    def __init__(self, client: Any, *, reader: Any) -> None:
        if client is reader:
            raise ValueError("the reader must be a client of its own, or it would be counted")
        self._events = client.meta.events
        self._reader = reader
        self._tables: dict[str, dict[str, Any]] = {}
        self._round_trips = 0
        self.spent: list[Spent] = []

    def cost(self) -> Cost:
        """Everything since the block began or `reset` was called."""
        return sum((spent.cost for spent in self.spent), Cost(round_trips=self._round_trips))

    def reset(self) -> None:
        self.spent = []
        self._round_trips = 0

    def __enter__(self) -> Self:
        self._events.register(_BEFORE, self._before)
        self._events.register(_SEND, self._sent)
        self._events.register(_AFTER, self._after)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._events.unregister(_BEFORE, self._before)
        self._events.unregister(_SEND, self._sent)
        self._events.unregister(_AFTER, self._after)

    def _sent(self, **_event: object) -> None:
        self._round_trips += 1

    def _before(
        self, params: dict[str, Any], model: Any, context: dict[str, Any], **_event: object
    ) -> None:
        places = [self._place(write) for write in _writes(model.name, params)]
        old = [self._read(place) for place in places]
        context[_STATE] = (params, places, old)

    def _after(
        self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_event: object
    ) -> None:
        params, places, old = context[_STATE]
        wcu = sum(
            self._write_cost(model.name, place, before)
            for place, before in zip(places, old, strict=True)
        )
        cost = Cost(
            wcu=wcu,
            rcu=self._read_cost(model.name, params, parsed),
            write_transactions=int(model.name == "TransactWriteItems"),
        )
        self.spent.append(Spent(operation=model.name, cost=cost))

    def _write_cost(self, operation: str, place: _Place, old: Attributes | None) -> int:
        """A refused write changes nothing and still costs what is there, so the same sum holds for it."""
        new = self._read(place)
        times = 2 if operation == "TransactWriteItems" else 1
        indexes = indexes_of(self._table(place.table))
        return times * write_units(old, new) + sum(i.write_units(old, new) for i in indexes)

    def _read_cost(self, operation: str, params: dict[str, Any], parsed: dict[str, Any]) -> float:
        cost = _READS.get(operation)
        if cost is None or "Error" in parsed:
            return 0.0
        return cost(self, params, parsed)

    def _get(self, params: dict[str, Any], _parsed: dict[str, Any]) -> float:
        size = item_bytes(self._read(_Place(params["TableName"], params["Key"])))
        return read_units(size, consistent=params.get("ConsistentRead", False))

    def _batch_get(self, params: dict[str, Any], parsed: dict[str, Any]) -> float:
        """Each key on its own, also one without an item; keys left unprocessed cost nothing yet."""
        units = 0.0
        for table, request in params["RequestItems"].items():
            left = parsed.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            for key in (key for key in request["Keys"] if key not in left):
                size = item_bytes(self._read(_Place(table, key)))
                units += read_units(size, consistent=request.get("ConsistentRead", False))
        return units

    def _transact_get(self, params: dict[str, Any], _parsed: dict[str, Any]) -> float:
        places = [
            _Place(part["Get"]["TableName"], part["Get"]["Key"]) for part in params["TransactItems"]
        ]
        return sum(2 * read_units(item_bytes(self._read(p)), consistent=True) for p in places)

    def _page(self, params: dict[str, Any], _parsed: dict[str, Any]) -> float:
        """A page is billed by the bytes it went over: neither filter nor projection make it cheaper."""
        whole = {name: value for name, value in params.items() if name in _PAGE_PARAMETERS}
        names = params.get("ExpressionAttributeNames")
        if names:
            condition = params.get("KeyConditionExpression", "")
            whole["ExpressionAttributeNames"] = {k: v for k, v in names.items() if k in condition}
        values = params.get("ExpressionAttributeValues")
        if values:
            condition = params.get("KeyConditionExpression", "")
            whole["ExpressionAttributeValues"] = {k: v for k, v in values.items() if k in condition}
        call = self._reader.query if "KeyConditionExpression" in params else self._reader.scan
        items = call(**{name: value for name, value in whole.items() if value})["Items"]
        size = sum(item_bytes(item) for item in items)
        return read_units(size, consistent=params.get("ConsistentRead", False))

    def _place(self, write: dict[str, Any]) -> _Place:
        table: str = write["TableName"]
        keys = [part["AttributeName"] for part in self._table(table)["KeySchema"]]
        source = write.get("Key") or write["Item"]
        return _Place(table, {name: source[name] for name in keys})

    def _read(self, place: _Place) -> Attributes | None:
        answer = self._reader.get_item(
            TableName=place.table, Key=dict(place.key), ConsistentRead=True
        )
        found: Attributes | None = answer.get("Item")
        return found

    def _table(self, name: str) -> dict[str, Any]:
        if name not in self._tables:
            self._tables[name] = self._reader.describe_table(TableName=name)["Table"]
        return self._tables[name]


_PAGE_PARAMETERS = frozenset(
    {
        "TableName",
        "IndexName",
        "KeyConditionExpression",
        "Limit",
        "ScanIndexForward",
        "ConsistentRead",
        "ExclusiveStartKey",
        "Segment",
        "TotalSegments",
    }
)
_READS: Mapping[str, Callable[[Recorder, dict[str, Any], dict[str, Any]], float]] = {
    "GetItem": Recorder._get,
    "BatchGetItem": Recorder._batch_get,
    "TransactGetItems": Recorder._transact_get,
    "Query": Recorder._page,
    "Scan": Recorder._page,
}


def _writes(operation: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    """The single writes inside a request, each with its `TableName` and `Key` or `Item`."""
    match operation:
        case "PutItem" | "UpdateItem" | "DeleteItem":
            return [params]
        case "TransactWriteItems":
            return [write for part in params["TransactItems"] for write in part.values()]
        case "BatchWriteItem":
            return [
                {"TableName": table, **write}
                for table, requests in params["RequestItems"].items()
                for request in requests
                for write in request.values()
            ]
    return []
