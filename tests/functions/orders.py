"""Orders in the pool, as an import brings them, and messages on their way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from huixue.edge import clients, pool_desks
from huixue.kernel.snapshots import LineState, OrderSnapshot
from huixue.orders.pool import apply_rows, pool_row
from tests.functions.stage import QUEUES, Stage

MAX_TURNS = 50


def number(of: int) -> str:
    """An order number of Taobao's form that nobody has."""
    return str(3 * 10**18 + of)


def order(
    order_number: str,
    *,
    state: LineState = "confirmed",
    paid_fen: int = 17_880,
    refunded_fen: int = 0,
    account: str | None = "a_buyer",
    paid_days_ago: int = 3,
    line: str | None = None,
) -> OrderSnapshot:
    now = datetime.now(UTC)
    paid_at = now - timedelta(days=paid_days_ago)
    return OrderSnapshot(
        platform="taobao", source="export", order_number=order_number, sub_order_number=line,
        as_of=now, state=state, paid_fen=0 if state == "unpaid" else paid_fen,
        refunded_fen=refunded_fen, account=account, created_at=paid_at,
        paid_at=None if state == "unpaid" else paid_at,
        confirmed_at=now - timedelta(days=1) if state == "confirmed" else None,
        title="保湿精华液 30ml",
    )  # fmt: skip


def bring(snapshots: Sequence[OrderSnapshot], room: str = "demo/main") -> None:
    """Joins them into the pool as an import does, signals included."""
    rows = [pool_row(each, room=room, hashes=clients.keyed_hash()) for each in snapshots]
    apply_rows(rows, desk=pool_desks.pool_desk(), resend=False)


def sqs_event(bodies: Sequence[str], *, receive_count: int = 1) -> dict[str, Any]:
    return {"Records": [_record(str(n), body, receive_count) for n, body in enumerate(bodies)]}


def _record(message_id: str, body: str, receive_count: int) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": f"receipt-{message_id}",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": str(receive_count),
            "SentTimestamp": "1795147200000",
            "SenderId": "AIDAEXAMPLE",
            "ApproximateFirstReceiveTimestamp": "1795147200001",
        },
        "messageAttributes": {},
        "md5OfBody": "00000000000000000000000000000000",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:ap-east-1:000000000000:a-queue",
        "awsRegion": "ap-east-1",
    }


def failed(answer: dict[str, Any]) -> list[str]:
    assert set(answer) == {"batchItemFailures"}
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def waiting(stage: Stage, setting: str) -> list[str]:
    """Takes up to ten messages off a queue; returns their bodies."""
    url = stage.environment[setting.upper()]
    found = stage.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        stage.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in found]


def pump(stage: Stage) -> int:
    """Hands messages to the functions behind their queues until none is left; returns how many there were."""
    handled = 0
    for _ in range(MAX_TURNS):
        turn = 0
        for setting, function in QUEUES.items():
            bodies = waiting(stage, setting)
            if bodies:
                assert failed(stage.invoke(function, sqs_event(bodies))) == []
            turn += len(bodies)
        if turn == 0:
            return handled
        handled += turn
    raise AssertionError("messages beget messages without end")


def names(bodies: Sequence[str]) -> list[str]:
    return [json.loads(body)["name"] for body in bodies]
