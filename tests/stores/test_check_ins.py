from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from huixue.check_ins.ports import RulesChangedError
from huixue.check_ins.store import RuleStore
from huixue.dynamodb.database import Database
from huixue.kernel.check_ins import CheckInRules, Task
from tests.engines.tables import TableNames
from tests.unit.check_ins.made import RULE, nov, outage, rules

pytestmark = pytest.mark.exact_engines

AT = datetime(2026, 11, 20, 4, 0, 0, 123456, tzinfo=UTC)
FULL = replace(
    rules(RULE, replace(RULE, starts_on=nov(20), cycle="endless", ends_cycle=True, make_up=None)),
    outages=(outage(nov(3), nov(4)),),
    tasks=(Task(task_id="read", kind="guide", title="读", points=5, period="week", starts_at=AT),),
)


@pytest.fixture
def store(dynamodb: Any, tables: TableNames) -> RuleStore:
    return RuleStore(Database(dynamodb), tables.seasons)


def test_before_anything_was_published_the_rules_are_empty(store: RuleStore) -> None:
    assert store.rules("demo") == CheckInRules(programme_id="demo")


def test_rules_come_back_as_they_were_written(store: RuleStore) -> None:
    store.write(FULL, 0)

    assert store.rules("demo", consistent=True) == replace(FULL, revision=1)
    assert store.rules("other", consistent=True).revision == 0


def test_each_write_counts_the_revision_up(store: RuleStore) -> None:
    store.write(FULL, 0)
    store.write(replace(FULL, tasks=()), 1)

    assert store.rules("demo", consistent=True) == replace(FULL, tasks=(), revision=2)


def test_who_read_older_rules_writes_nothing(store: RuleStore) -> None:
    store.write(FULL, 0)
    store.write(replace(FULL, tasks=()), 1)

    for read_revision in (0, 1):
        with pytest.raises(RulesChangedError):
            store.write(replace(FULL, outages=()), read_revision)

    assert store.rules("demo", consistent=True) == replace(FULL, tasks=(), revision=2)


def test_a_write_whose_answer_was_lost_may_be_repeated(store: RuleStore) -> None:
    store.write(FULL, 0)
    store.write(FULL, 0)

    assert store.rules("demo", consistent=True).revision == 1


def test_they_stand_in_one_item_of_the_seasons_table(
    store: RuleStore, dynamodb: Any, tables: TableNames
) -> None:
    store.write(FULL, 0)

    (item,) = dynamodb.scan(TableName=tables.seasons)["Items"]
    assert (item["pk"], item["sk"]) == ({"S": "S#demo"}, {"S": "CHECK_INS"})
    assert set(item) == {"pk", "sk", "revision", "content"}
