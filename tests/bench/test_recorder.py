"""The recorder against figures worked out by hand from Amazon's rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.bench.recorder import Cost, Recorder
from tests.engines.clients import make_client
from tests.engines.tables import TableNames

pytestmark = pytest.mark.ministack


def item(pk: str, size_bytes: int = 0) -> dict[str, Any]:
    filler = {"filler": {"S": "x" * (size_bytes - 30)}} if size_bytes else {}
    return {"pk": {"S": pk}, "sk": {"S": "E"}, **filler}


KEY = {"pk": {"S": "m"}, "sk": {"S": "E"}}


@pytest.fixture
def reader(ministack_url: str) -> Iterator[Any]:
    client = make_client("dynamodb", ministack_url)
    yield client
    client.close()


@pytest.fixture
def recorder(dynamodb: Any, reader: Any, tables: TableNames) -> Iterator[Recorder]:
    with Recorder(dynamodb, reader=reader) as recording:
        yield recording


@pytest.mark.parametrize(("size_bytes", "wcu"), [(0, 1), (1000, 1), (1100, 2), (3000, 3)])
def test_a_put_costs_its_started_kilobytes(
    recorder: Recorder, dynamodb: Any, tables: TableNames, size_bytes: int, wcu: int
) -> None:
    dynamodb.put_item(TableName=tables.points, Item=item("m", size_bytes))

    assert recorder.cost() == Cost(wcu=wcu, round_trips=1)


def test_an_overwrite_costs_the_larger_of_old_and_new(
    recorder: Recorder, dynamodb: Any, tables: TableNames
) -> None:
    dynamodb.put_item(TableName=tables.points, Item=item("m", 3000))
    recorder.reset()

    dynamodb.put_item(TableName=tables.points, Item=item("m"))

    assert recorder.cost().wcu == 3


def test_a_refused_write_still_costs_what_is_there(
    recorder: Recorder, dynamodb: Any, tables: TableNames
) -> None:
    dynamodb.put_item(TableName=tables.points, Item=item("m", 1500))
    recorder.reset()

    with pytest.raises(ClientError):
        dynamodb.put_item(
            TableName=tables.points,
            Item=item("m"),
            ConditionExpression="attribute_not_exists(pk)",
        )

    assert recorder.cost() == Cost(wcu=2, round_trips=1)


def test_a_transaction_costs_twice_and_is_counted(
    recorder: Recorder, dynamodb: Any, tables: TableNames
) -> None:
    update = {
        "TableName": tables.points,
        "Key": KEY,
        "UpdateExpression": "ADD points :p",
        "ExpressionAttributeValues": {":p": {"N": "1"}},
    }
    put = {"TableName": tables.points, "Item": item("e", 1500)}

    dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Update": update}])

    assert recorder.cost() == Cost(wcu=2 * (2 + 1), round_trips=1, write_transactions=1)


def test_an_index_is_written_only_when_what_it_holds_changes(
    recorder: Recorder, dynamodb: Any, tables: TableNames
) -> None:
    def cost_of(**attributes: dict[str, Any]) -> int:
        recorder.reset()
        dynamodb.put_item(TableName=tables.orders, Item=item("o") | attributes)
        return recorder.cost().wcu

    due, day_1, day_2 = {"S": "0"}, {"S": "2026-11-01"}, {"S": "2026-11-02"}

    assert cost_of() == 1, "a sparse index is not touched"
    assert cost_of(due_shard=due, next_check_at=day_1) == 2, "a new entry"
    assert cost_of(due_shard=due, next_check_at=day_1, seen={"BOOL": True}) == 1, "nothing it holds"
    assert cost_of(due_shard=due, next_check_at=day_2) == 3, "deleted there, put here"
    assert cost_of() == 2, "deleted"


@pytest.mark.parametrize(
    ("size_bytes", "consistent", "rcu"),
    [(0, False, 0.5), (0, True, 1.0), (4000, False, 0.5), (4200, True, 2.0)],
)
def test_a_read_costs_its_started_four_kilobytes(
    recorder: Recorder,
    dynamodb: Any,
    tables: TableNames,
    size_bytes: int,
    consistent: bool,
    rcu: float,
) -> None:
    if size_bytes:
        dynamodb.put_item(TableName=tables.points, Item=item("m", size_bytes))
    recorder.reset()

    dynamodb.get_item(TableName=tables.points, Key=KEY, ConsistentRead=consistent)

    assert recorder.cost() == Cost(rcu=rcu, round_trips=1)


def test_a_batch_read_costs_each_key_on_its_own(
    recorder: Recorder, dynamodb: Any, tables: TableNames
) -> None:
    keys = [KEY, {"pk": {"S": "absent"}, "sk": {"S": "E"}}]

    dynamodb.batch_get_item(RequestItems={tables.points: {"Keys": keys, "ConsistentRead": True}})

    assert recorder.cost() == Cost(rcu=2.0, round_trips=1)


def test_a_query_costs_the_bytes_it_went_over_whatever_it_returns(
    recorder: Recorder, dynamodb: Any, tables: TableNames
) -> None:
    for number in range(6):
        line = {**item("m", 1000), "sk": {"S": f"E#{number}"}}
        dynamodb.put_item(TableName=tables.points, Item=line)
    recorder.reset()

    dynamodb.query(
        TableName=tables.points,
        KeyConditionExpression="#pk = :pk",
        FilterExpression="filler = :none",
        ProjectionExpression="sk",
        ExpressionAttributeNames={"#pk": "pk"},
        ExpressionAttributeValues={":pk": {"S": "m"}, ":none": {"S": ""}},
        ConsistentRead=True,
    )

    assert recorder.cost() == Cost(rcu=2.0, round_trips=1)


def test_the_operations_are_listed_one_by_one(
    recorder: Recorder, dynamodb: Any, tables: TableNames
) -> None:
    dynamodb.put_item(TableName=tables.points, Item=item("m"))
    dynamodb.get_item(TableName=tables.points, Key=KEY)

    assert [spent.operation for spent in recorder.spent] == ["PutItem", "GetItem"]


def test_the_recorded_client_cannot_be_its_own_reader(dynamodb: Any) -> None:
    with pytest.raises(ValueError, match="a client of its own"):
        Recorder(dynamodb, reader=dynamodb)
