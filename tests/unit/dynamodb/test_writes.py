"""Conditional writes as values become exactly the request they say."""

from __future__ import annotations

from huixue.dynamodb.writes import ABSENT, Delete, Put, Update


def test_a_put_without_a_condition_says_so_and_sends_none() -> None:
    put = Put(table="t", item={"pk": "a", "sk": "b", "n": 1}, condition=None)

    assert put.key == ("a", "b")
    assert put.request() == {
        "TableName": "t",
        "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}, "n": {"N": "1"}},
    }


def test_a_condition_travels_with_its_values_and_asks_for_what_is_there() -> None:
    put = Put(
        table="t", item={"pk": "a", "sk": "b"}, condition=f"{ABSENT} OR n = :n", values={":n": 1}
    )

    request = put.request()

    assert request["ConditionExpression"] == "attribute_not_exists(pk) OR n = :n"
    assert request["ExpressionAttributeValues"] == {":n": {"N": "1"}}
    assert request["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_an_update_names_its_key_its_expression_and_reserved_words() -> None:
    update = Update(
        table="t", key=("a", "b"), expression="SET #at = :at", condition=None,
        values={":at": None}, names={"#at": "at"},
    )  # fmt: skip

    assert update.request() == {
        "TableName": "t",
        "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}},
        "UpdateExpression": "SET #at = :at",
        "ExpressionAttributeNames": {"#at": "at"},
        "ExpressionAttributeValues": {":at": {"NULL": True}},
    }


def test_a_deletion_names_its_key_and_its_condition() -> None:
    delete = Delete(table="t", key=("a", "b"), condition="n = :n", values={":n": 1})

    assert delete.request() == {
        "TableName": "t",
        "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}},
        "ConditionExpression": "n = :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
