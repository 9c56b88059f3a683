"""What the unit tests script is what engines answer: conditions, transactions, pages, items of any shape."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings

from huixue.dynamodb.database import Database
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Delete, Put, Update
from huixue.kernel.errors import ContentionError
from tests.engines.tables import TableNames
from tests.faults.answers import Fault
from tests.faults.harness import Faults
from tests.unit.dynamodb.test_items import ITEMS

pytestmark = pytest.mark.exact_engines
READ_BACK = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def database(dynamodb: Any) -> Database:
    return Database(dynamodb, sleep=lambda _: None)


@pytest.fixture
def table(tables: TableNames) -> str:
    return tables.points


def put(table: str, sk: str, *, condition: str | None = ABSENT, **content: object) -> Put:
    return Put(table=table, item={"pk": "p", "sk": sk, **content}, condition=condition)


@READ_BACK
@given(ITEMS)
def test_items_of_any_shape_come_back_from_the_engine(
    database: Database, table: str, content: dict[str, Any]
) -> None:
    key = ("p", uuid4().hex)
    item = {"pk": key[0], "sk": key[1], "content": content}

    database.write(Put(table=table, item=item, condition=None))

    assert database.get(table, key, consistent=True) == item
    assert database.batch_get(table, [key], consistent=True) == {key: item}


def test_a_failed_condition_names_its_write_and_shows_what_is_there(
    database: Database, table: str
) -> None:
    database.write(put(table, "2", n=7))

    with pytest.raises(ConditionFailedError) as single:
        database.write(put(table, "2", n=8))
    with pytest.raises(ConditionFailedError) as transaction:
        database.transact([put(table, "1"), put(table, "2", n=8), put(table, "3")])

    assert single.value.item == transaction.value.item == {"pk": "p", "sk": "2", "n": 7}
    assert transaction.value.index == 1
    found = database.batch_get(table, [("p", sk) for sk in "123"], consistent=True)
    assert set(found) == {("p", "2")}


def test_an_update_changes_what_it_names_alone(database: Database, table: str) -> None:
    database.write(put(table, "1", n=1, kept=True))
    update = Update(
        table=table, key=("p", "1"), expression="SET #n = :next", condition="#n = :read",
        names={"#n": "n"}, values={":next": 2, ":read": 1},
    )  # fmt: skip

    database.write(update)
    with pytest.raises(ConditionFailedError):
        database.write(update)

    assert database.get(table, ("p", "1"), consistent=True) == {
        "pk": "p", "sk": "1", "n": 2, "kept": True,
    }  # fmt: skip


def test_more_than_a_page_is_read_to_its_end(database: Database, table: str) -> None:
    for number in range(7):
        database.write(put(table, f"E#{number}"))
    database.write(put(table, "F"))
    condition, values = "pk = :pk AND begins_with(sk, :e)", {":pk": "p", ":e": "E#"}

    whole = list(database.query(table, condition, values, consistent=True))
    page = database.query_page(table, condition, values, consistent=True, limit=3, forward=False)
    rest = database.query_page(
        table, condition, values, consistent=True, forward=False, start=page.next_key
    )

    assert [item["sk"] for item in whole] == [f"E#{number}" for number in range(7)]
    assert [item["sk"] for item in [*page.items, *rest.items]] == [
        f"E#{number}" for number in reversed(range(7))
    ]


def test_a_deletion_is_conditional_alone_and_among_others(database: Database, table: str) -> None:
    for sk in "123":
        database.write(put(table, sk, n=1))
    stale = Delete(table=table, key=("p", "1"), condition="n = :n", values={":n": 2})
    true = Delete(table=table, key=("p", "2"), condition="n = :n", values={":n": 1})

    with pytest.raises(ConditionFailedError):
        database.write(stale)
    with pytest.raises(ConditionFailedError):
        database.transact([true, stale])
    database.transact([true, put(table, "4")])
    database.write(Delete(table=table, key=("p", "none"), condition=None))

    found = database.batch_get(table, [("p", sk) for sk in "1234"], consistent=True)
    assert sorted(sk for _, sk in found) == ["1", "3", "4"]


def test_any_number_of_items_is_removed_those_that_are_not_there_too(
    database: Database, table: str
) -> None:
    for number in range(60):
        database.write(put(table, f"{number:02}"))

    database.remove(table, [("p", f"{number:02}") for number in range(1, 70)])

    left = list(database.query(table, "pk = :pk", {":pk": "p"}, consistent=True))
    assert [item["sk"] for item in left] == ["00"]


@pytest.mark.parametrize(
    "fault", [Fault.CONFLICT, Fault.CANCELLED_BY_THROTTLING, Fault.IN_PROGRESS]
)
def test_a_transaction_survives_what_the_sdk_does_not_retry(
    database: Database, dynamodb: Any, table: str, fault: Fault
) -> None:
    with Faults(dynamodb) as faults:
        faults.plan(dict.fromkeys(range(4), fault))
        database.transact([put(table, "1"), put(table, "2")])

    assert len(database.batch_get(table, [("p", "1"), ("p", "2")], consistent=True)) == 2


def test_a_conflict_without_an_end_is_contention_and_nothing_is_written(
    database: Database, dynamodb: Any, table: str
) -> None:
    with Faults(dynamodb) as faults:
        faults.plan(dict.fromkeys(range(100), Fault.CONFLICT))
        with pytest.raises(ContentionError):
            database.transact([put(table, "1"), put(table, "2")])
        with pytest.raises(ContentionError):
            database.write(put(table, "1"))
        calls = len(faults.calls)

    assert calls == 14
    assert database.batch_get(table, [("p", "1"), ("p", "2")], consistent=True) == {}


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.ERROR_500_AFTER])
def test_a_single_write_whose_reply_is_lost_may_fail_on_its_own_condition(
    database: Database, dynamodb: Any, table: str, fault: Fault
) -> None:
    """So no caller may take a failed condition for somebody else's work: it reads again."""
    with Faults(dynamodb) as faults:
        faults.plan({0: fault})
        with pytest.raises(ConditionFailedError) as failed:
            database.write(put(table, "1", by="me"))

    assert failed.value.item == {"pk": "p", "sk": "1", "by": "me"}
