"""Removing items: in batches, what DynamoDB leaves is asked for again, with a bound."""

from __future__ import annotations

from typing import Any

import pytest

from huixue.dynamodb.database import MAX_TRIES
from huixue.dynamodb.items import encoded
from huixue.kernel.errors import ContentionError
from tests.unit.dynamodb.test_database import KEYS, Bench


def left_undeleted(*keys: tuple[str, str]) -> dict[str, Any]:
    wanted = [{"DeleteRequest": {"Key": encoded({"pk": pk, "sk": sk})}} for pk, sk in keys]
    return {"UnprocessedItems": {"t": wanted} if wanted else {}}


def test_items_that_dynamodb_left_undeleted_are_removed_again_alone() -> None:
    bench = Bench(left_undeleted(*KEYS[1:]), left_undeleted(KEYS[2]), left_undeleted())

    bench.database.remove("t", [*KEYS, KEYS[0]])

    sent = [request["RequestItems"]["t"] for _, request in bench.client.requests]
    assert [len(each) for each in sent] == [3, 2, 1]
    assert len(bench.pauses) == 2


def test_items_that_stay_undeleted_in_every_attempt_are_contention() -> None:
    bench = Bench(left_undeleted(KEYS[0]))

    with pytest.raises(ContentionError):
        bench.database.remove("t", KEYS)

    assert bench.calls == MAX_TRIES


def test_nothing_to_remove_asks_for_nothing() -> None:
    bench = Bench({})

    bench.database.remove("t", [])

    assert bench.calls == 0
