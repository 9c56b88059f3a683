"""Every answer DynamoDB can give is a result, a retry with a bound, or one of our errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)

from huixue.dynamodb.database import MAX_TRIES, Database
from huixue.dynamodb.items import encoded
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put, Update, Write
from huixue.kernel.errors import ContentionError, UnavailableError
from tests.unit.dynamodb.answers import ScriptedClient, cancelled, refused

PUT = Put(table="t", item={"pk": "a", "sk": "1"}, condition=ABSENT)
WRITES: list[Write] = [
    Put(table="t", item={"pk": "a", "sk": str(number)}, condition=ABSENT) for number in range(3)
]
KEYS = [("a", str(number)) for number in range(3)]


class Bench:
    def __init__(self, *answers: Any) -> None:
        self.client = ScriptedClient(*answers)
        self.pauses: list[float] = []
        self.database = Database(self.client, sleep=self.pauses.append)

    @property
    def calls(self) -> int:
        return len(self.client.requests)


def read(*keys: tuple[str, str], left: list[tuple[str, str]] | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "Responses": {"t": [encoded({"pk": pk, "sk": sk}) for pk, sk in keys]}
    }
    if left:
        wanted = [encoded({"pk": pk, "sk": sk}) for pk, sk in left]
        answer["UnprocessedKeys"] = {"t": {"Keys": wanted}}
    return answer


def test_keys_that_dynamodb_left_out_are_asked_for_again_alone() -> None:
    bench = Bench(read(KEYS[0], left=KEYS[1:]), read(KEYS[1], left=KEYS[2:]), read(KEYS[2]))

    found = bench.database.batch_get("t", KEYS, consistent=True)

    assert set(found) == set(KEYS)
    sent = [request["RequestItems"]["t"] for _, request in bench.client.requests]
    assert [len(each["Keys"]) for each in sent] == [3, 2, 1]
    assert all(each["ConsistentRead"] for each in sent)
    assert len(bench.pauses) == 2


def test_keys_that_stay_unread_end_in_contention() -> None:
    bench = Bench(read(left=KEYS))

    with pytest.raises(ContentionError):
        bench.database.batch_get("t", KEYS, consistent=True)

    assert bench.calls == MAX_TRIES


def test_keys_may_repeat_and_are_read_a_hundred_at_a_time() -> None:
    keys = [("a", str(number)) for number in range(230)]
    bench = Bench(read())

    found = bench.database.batch_get("t", [*keys, *keys], consistent=False)

    assert found == {}
    sizes = [len(request["RequestItems"]["t"]["Keys"]) for _, request in bench.client.requests]
    assert sizes == [100, 100, 30]


def test_no_keys_cost_no_call() -> None:
    bench = Bench(read())

    assert bench.database.batch_get("t", [], consistent=True) == {}
    assert bench.calls == 0


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError"])
@pytest.mark.parametrize("index", range(3))
def test_a_conflict_at_any_item_of_a_transaction_is_retried(code: str, index: int) -> None:
    codes = ["None"] * 3
    codes[index] = code
    bench = Bench(cancelled(codes), cancelled(codes), {})

    bench.database.transact(WRITES)

    assert bench.calls == 3
    assert bench.client.requests[0] == bench.client.requests[-1]


@pytest.mark.parametrize(
    "error",
    [
        cancelled(["None", "TransactionConflict"]),
        cancelled(["ThrottlingError", "None"]),
        cancelled(["None", "ProvisionedThroughputExceeded"]),
        refused("TransactionConflictException"),
        refused("TransactionInProgressException"),
    ],
    ids=lambda error: str(error.response)[:90],
)
def test_a_conflict_that_never_ends_is_bounded_and_its_pauses_grow_to_less_than_a_second(
    error: ClientError,
) -> None:
    bench = Bench(error)

    with pytest.raises(ContentionError):
        bench.database.transact(WRITES)

    assert bench.calls == MAX_TRIES
    assert all(0 <= pause <= 0.01 * 2**attempt for attempt, pause in enumerate(bench.pauses))
    assert sum(0.01 * 2**attempt for attempt in range(MAX_TRIES - 1)) < 1


@pytest.mark.parametrize("index", range(3))
def test_a_failed_condition_names_its_write_and_what_is_there(index: int) -> None:
    codes = ["None"] * index + ["ConditionalCheckFailed"]
    bench = Bench(cancelled(codes, encoded({"pk": "a", "sk": "x", "n": 7})))

    with pytest.raises(ConditionFailedError) as failed:
        bench.database.transact(WRITES)

    assert failed.value.index == index
    assert failed.value.item == {"pk": "a", "sk": "x", "n": 7}
    assert bench.calls == 1


def test_a_failed_condition_is_final_even_beside_a_conflict() -> None:
    bench = Bench(cancelled(["TransactionConflict", "ConditionalCheckFailed"]))

    with pytest.raises(ConditionFailedError):
        bench.database.transact(WRITES)

    assert bench.calls == 1


def test_a_failed_condition_of_a_single_write_carries_what_is_there() -> None:
    there = encoded({"pk": "a", "sk": "1", "owner": "b"})
    bench = Bench(refused("ConditionalCheckFailedException", item=there))

    with pytest.raises(ConditionFailedError) as failed:
        bench.database.write(PUT)

    assert failed.value.item == {"pk": "a", "sk": "1", "owner": "b"}


def test_a_failed_condition_without_its_item_says_none() -> None:
    bench = Bench(refused("ConditionalCheckFailedException"))

    with pytest.raises(ConditionFailedError) as failed:
        bench.database.write(PUT)

    assert failed.value.item is None


def test_a_transaction_of_one_write_is_a_plain_write_at_half_the_price() -> None:
    update = Update(table="t", key=("a", "1"), expression="SET n = :n", condition=None)
    bench = Bench({})

    bench.database.transact([PUT])
    bench.database.transact([update])

    assert [operation for operation, _ in bench.client.requests] == ["put_item", "update_item"]


def test_a_single_write_that_meets_a_transaction_is_retried() -> None:
    bench = Bench(refused("TransactionConflictException"), {})

    bench.database.write(PUT)

    assert bench.calls == 2


@pytest.mark.parametrize(
    "error",
    [
        refused("ProvisionedThroughputExceededException"),
        refused("ThrottlingException"),
        refused("RequestLimitExceeded"),
        refused("InternalServerError", status=500),
        refused("ServiceUnavailable", status=503),
        ConnectionClosedError(endpoint_url="http://x"),
        ReadTimeoutError(endpoint_url="http://x"),
        ConnectTimeoutError(endpoint_url="http://x"),
        EndpointConnectionError(endpoint_url="http://x"),
    ],
    ids=lambda error: f"{type(error).__name__}-{error}"[:60],
)
def test_what_the_sdk_could_not_mend_is_unavailable_for_every_operation(error: Exception) -> None:
    bench = Bench(error)
    operations: list[Callable[[], object]] = [
        lambda: bench.database.get("t", ("a", "1"), consistent=True),
        lambda: bench.database.batch_get("t", KEYS, consistent=True),
        lambda: list(bench.database.query("t", "pk = :pk", {":pk": "a"}, consistent=True)),
        lambda: bench.database.scan_page("t", limit=1, start=None),
        lambda: bench.database.write(PUT),
        lambda: bench.database.transact(WRITES),
    ]

    for operation in operations:
        with pytest.raises(UnavailableError) as unavailable:
            operation()
        assert not isinstance(unavailable.value, ContentionError)

    assert bench.calls == len(operations)


@pytest.mark.parametrize(
    "error",
    [
        refused("ValidationException"),
        refused("ResourceNotFoundException"),
        refused("AccessDeniedException"),
        cancelled(["ValidationError", "None"]),
        cancelled(["None", "ItemCollectionSizeLimitExceeded"]),
        ParamValidationError(report="a number where a text belongs"),
    ],
    ids=lambda error: f"{type(error).__name__}-{error}"[:60],
)
def test_our_own_mistakes_are_neither_retried_nor_called_unavailable(error: Exception) -> None:
    bench = Bench(error)

    with pytest.raises(type(error)):
        bench.database.transact(WRITES)

    assert bench.calls == 1


def test_no_write_names_a_client_token() -> None:
    bench = Bench({})

    bench.database.transact(WRITES)

    ((_, request),) = bench.client.requests
    assert set(request) == {"TransactItems"}


def test_conditions_always_ask_for_what_is_there() -> None:
    bench = Bench({})

    bench.database.write(PUT)

    ((_, request),) = bench.client.requests
    assert request["ConditionExpression"] == "attribute_not_exists(pk)"
    assert request["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_a_query_goes_on_to_the_last_page() -> None:
    pages = [
        {"Items": [encoded({"pk": "a", "sk": str(number)})], "LastEvaluatedKey": {"pk": {"S": "a"}}}
        for number in range(2)
    ]
    bench = Bench(*pages, {"Items": []})

    found = list(bench.database.query("t", "pk = :pk", {":pk": "a"}, consistent=True))

    assert [item["sk"] for item in found] == ["0", "1"]
    assert "ExclusiveStartKey" in bench.client.requests[-1][1]
