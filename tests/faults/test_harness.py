"""The harness itself: every fault does what its name says, and an engine tells the difference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.engines.tables import TableNames
from tests.faults.answers import Fault
from tests.faults.harness import Faults, Killed, single_faults

pytestmark = pytest.mark.exact_engines

KEY = {"pk": {"S": "m"}, "sk": {"S": "ACCOUNT"}}
# the client of the tests makes 3 attempts: the same fault at each of them reaches the caller
ALL_ATTEMPTS = range(3)


class Counter:
    """A bare ADD, the write that every fault after a commit doubles."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def add(self) -> None:
        self._dynamodb.update_item(
            TableName=self._table,
            Key=KEY,
            UpdateExpression="ADD points :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    def add_in_transaction(self) -> None:
        update = {
            "TableName": self._table,
            "Key": KEY,
            "UpdateExpression": "ADD points :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        other = {"TableName": self._table, "Item": {"pk": {"S": "other"}, "sk": {"S": "E"}}}
        self._dynamodb.transact_write_items(TransactItems=[{"Put": other}, {"Update": update}])

    def value(self) -> int:
        item = self._dynamodb.get_item(TableName=self._table, Key=KEY, ConsistentRead=True)
        return int(item.get("Item", {"points": {"N": "0"}})["points"]["N"])


@pytest.fixture
def counter(dynamodb: Any, tables: TableNames) -> Counter:
    return Counter(dynamodb, tables.points)


@pytest.fixture
def faults(dynamodb: Any, counter: Counter) -> Iterator[Faults]:
    """Entered after the tables are made, so that their making is not among the calls."""
    with Faults(dynamodb) as harness:
        yield harness


def test_a_run_without_a_plan_records_every_send_and_changes_nothing(
    faults: Faults, counter: Counter
) -> None:
    counter.add()
    found = counter.value()

    assert found == 1
    assert [(call.index, call.service, call.operation) for call in faults.calls] == [
        (0, "dynamodb", "UpdateItem"),
        (1, "dynamodb", "GetItem"),
    ]


@pytest.mark.parametrize(
    ("fault", "written"), [(Fault.KILL_BEFORE, 0), (Fault.KILL_AFTER, 1)], ids=str
)
def test_a_kill_ends_the_process_before_or_after_the_write(
    faults: Faults, counter: Counter, fault: Fault, written: int
) -> None:
    faults.plan({0: fault})

    with pytest.raises(Killed):
        counter.add()

    with pytest.raises(Killed):  # a dead process sends nothing more
        counter.value()
    faults.plan({})
    assert counter.value() == written


@pytest.mark.parametrize(
    ("fault", "written"),
    [
        (Fault.THROTTLE, 1),
        (Fault.ERROR_500_BEFORE, 1),
        (Fault.RESET, 1),
        # the SDK's own retry doubles a bare ADD
        (Fault.ERROR_500_AFTER, 2),
        (Fault.LOST_REPLY, 2),
    ],
    ids=str,
)
def test_the_sdk_retries_what_it_may_and_so_doubles_what_was_committed(
    faults: Faults, counter: Counter, fault: Fault, written: int
) -> None:
    faults.plan({0: fault})

    counter.add()

    assert counter.value() == written
    assert [call.operation for call in faults.calls] == ["UpdateItem", "UpdateItem", "GetItem"]
    assert faults.fired == {0: fault}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.THROTTLE, "ProvisionedThroughputExceededException"),
        (Fault.ERROR_500_BEFORE, "InternalServerError"),
        (Fault.CONFLICT, "TransactionConflictException"),
    ],
    ids=str,
)
def test_a_fault_at_every_attempt_reaches_the_caller_under_its_real_name(
    faults: Faults, counter: Counter, fault: Fault, expected: str
) -> None:
    faults.plan(dict.fromkeys(ALL_ATTEMPTS, fault))

    with pytest.raises(ClientError) as refused:
        counter.add()

    assert refused.value.response["Error"]["Code"] == expected
    faults.plan({})
    assert counter.value() == 0


@pytest.mark.parametrize(
    ("fault", "expected"),
    [(Fault.RESET, ConnectionClosedError), (Fault.LOST_REPLY, ReadTimeoutError)],
    ids=str,
)
def test_a_connection_that_never_holds_reaches_the_caller_as_the_sdks_error(
    faults: Faults, counter: Counter, fault: Fault, expected: type[Exception]
) -> None:
    faults.plan(dict.fromkeys(ALL_ATTEMPTS, fault))

    with pytest.raises(expected):
        counter.add()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.CONFLICT, "TransactionConflict"),
        (Fault.CANCELLED_BY_THROTTLING, "ThrottlingError"),
    ],
    ids=str,
)
def test_a_cancelled_transaction_names_the_last_item_and_is_not_retried_by_the_sdk(
    faults: Faults, counter: Counter, fault: Fault, reason: str
) -> None:
    faults.plan({0: fault})

    with pytest.raises(ClientError) as refused:
        counter.add_in_transaction()

    reasons = refused.value.response["CancellationReasons"]
    assert [entry["Code"] for entry in reasons] == ["None", reason]
    assert len(faults.calls) == 1
    assert counter.value() == 0


def test_a_transaction_still_in_progress_is_retried_by_the_sdk(
    faults: Faults, counter: Counter
) -> None:
    faults.plan({0: Fault.IN_PROGRESS})

    counter.add_in_transaction()

    assert counter.value() == 1


def test_a_batch_can_come_back_wholly_undone_with_status_200(
    faults: Faults, dynamodb: Any, tables: TableNames
) -> None:
    keys = {tables.points: {"Keys": [KEY]}}
    faults.plan({0: Fault.UNPROCESSED})

    answer = dynamodb.batch_get_item(RequestItems=keys)

    assert answer["Responses"] == {}
    assert answer["UnprocessedKeys"] == keys


def test_a_plan_that_cannot_happen_is_refused(faults: Faults, counter: Counter) -> None:
    faults.plan({0: Fault.UNPROCESSED})

    with pytest.raises(ValueError, match="cannot happen to dynamodb UpdateItem"):
        counter.add()


def test_single_faults_cover_every_call_with_every_kind_that_can_happen_to_it(
    faults: Faults, counter: Counter
) -> None:
    counter.add()
    counter.add_in_transaction()

    plans = list(single_faults(faults.calls))

    everywhere = 7
    assert [len(plan) for plan in plans] == [1] * len(plans)
    assert len(plans) == 2 * everywhere + 1 + 3
    assert len({tuple(plan.items()) for plan in plans}) == len(plans)


def test_an_exhaustive_run_finds_the_write_that_is_not_repeatable(
    faults: Faults, counter: Counter
) -> None:
    counter.add()
    doubled: set[Fault] = set()
    for plan in list(single_faults(faults.calls)):
        before = counter.value()
        faults.plan(plan)
        with suppress(Killed, ClientError):
            counter.add()
        faults.plan({})
        if counter.value() == before + 2:
            doubled.update(plan.values())

    assert doubled == {Fault.ERROR_500_AFTER, Fault.LOST_REPLY}


def test_after_the_block_the_client_is_as_it_was(dynamodb: Any, counter: Counter) -> None:
    with Faults(dynamodb) as faults:
        faults.plan({0: Fault.KILL_BEFORE})

    counter.add()

    assert counter.value() == 1
    assert faults.calls == []
