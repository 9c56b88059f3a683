"""The same harness over two clients at once: a database and a queue count their sends together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engines.tables import TableNames
from tests.faults.answers import Fault
from tests.faults.harness import Faults

pytestmark = pytest.mark.ministack


@pytest.fixture
def queue_url(sqs: Any) -> str:
    url: str = sqs.create_queue(QueueName="harness")["QueueUrl"]
    return url


def test_calls_of_several_clients_share_one_numbering(
    dynamodb: Any, sqs: Any, tables: TableNames, queue_url: str
) -> None:
    with Faults(dynamodb, sqs) as faults:
        faults.plan({1: Fault.THROTTLE})
        dynamodb.put_item(TableName=tables.points, Item={"pk": {"S": "m"}, "sk": {"S": "E"}})
        sqs.send_message(QueueUrl=queue_url, MessageBody="{}")

    sent = [(call.service, call.operation) for call in faults.calls]
    assert sent == [("dynamodb", "PutItem"), ("sqs", "SendMessage"), ("sqs", "SendMessage")]


def test_a_batch_of_messages_can_come_back_with_every_entry_failed(
    sqs: Any, queue_url: str
) -> None:
    entries = [{"Id": str(n), "MessageBody": "{}"} for n in range(3)]
    with Faults(sqs) as faults:
        faults.plan({0: Fault.UNPROCESSED})
        answer = sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)

    assert [entry["Id"] for entry in answer["Failed"]] == ["0", "1", "2"]
