from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from huixue.edge.outbox import ENTRIES_PER_CALL, MAX_TRIES, SqsOutbox
from huixue.edge.settings import Settings
from huixue.kernel.errors import MisconfiguredError, UnavailableError
from huixue.kernel.events import (
    AccountsDue,
    AuditPlanned,
    ClaimSubmitted,
    ExportUploaded,
    OrdersChanged,
    OrderSyncRequested,
    RowsPlanned,
)

URLS = {
    "claims_to_match_queue_url": "q/match",
    "points_credit_queue_url": "q/credit",
    "order_syncs_queue_url": "q/sync",
    "imports_queue_url": "q/plan",
    "import_chunks_queue_url": "q/apply",
    "points_expiry_queue_url": "q/expire",
    "ledger_audit_queue_url": "q/audit",
}
CLAIM = ClaimSubmitted(
    member_id="m", programme_id="demo", claim_id="c", order_ref="r", platform="taobao",
    order_hint="1…2", account_ref=None, room_level=None, claimed_at=datetime(2026, 11, 20, tzinfo=UTC),
    submission="s", correlation_id="c",
)  # fmt: skip


def changes(count: int) -> list[OrdersChanged]:
    return [
        OrdersChanged(member_id=str(n), order_refs=(), correlation_id="c") for n in range(count)
    ]


@dataclass
class Sqs:
    """Takes entries as `refuse` says: (which call, member) → whether this entry fails."""

    refuse: Callable[[int, str], bool] = lambda call, member: False
    error: Exception | None = None
    taken: list[tuple[str, str]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> Any:
        if self.error is not None:
            raise self.error
        self.sizes.append(len(Entries))
        call = len(self.sizes)
        assert len({entry["Id"] for entry in Entries}) == len(Entries) <= ENTRIES_PER_CALL
        failed = [each for each in Entries if self.refuse(call, each["MessageBody"])]
        self.taken += [(QueueUrl, each["MessageBody"]) for each in Entries if each not in failed]
        answer: dict[str, Any] = {"Successful": []}
        return answer | ({"Failed": [{"Id": each["Id"]} for each in failed]} if failed else {})


def outbox(sqs: Sqs, pauses: list[float] | None = None) -> SqsOutbox:
    sleep = pauses.append if pauses is not None else lambda _: None
    return SqsOutbox(sqs, Settings(**URLS), sleep=sleep)


def test_each_kind_goes_to_its_own_queue() -> None:
    sqs = Sqs()
    box = outbox(sqs)

    box.match([CLAIM])
    box.credit(changes(1))
    box.sync([OrderSyncRequested(member_id="m", sync_id="s", correlation_id="s")])
    box.plan([ExportUploaded(import_id="i", correlation_id="i")])
    box.apply([RowsPlanned(import_id="i", chunk=0, correlation_id="i")])
    box.expire([AccountsDue(shard="s", due_by=CLAIM.claimed_at, correlation_id="e")])
    box.audit([AuditPlanned(run="r", segment=0, segments=1, correlation_id="a")])

    assert [(url, json.loads(body)["name"]) for url, body in sqs.taken] == [
        ("q/match", "ClaimSubmitted"),
        ("q/credit", "OrdersChanged"),
        ("q/sync", "OrderSyncRequested"),
        ("q/plan", "ExportUploaded"),
        ("q/apply", "RowsPlanned"),
        ("q/expire", "AccountsDue"),
        ("q/audit", "AuditPlanned"),
    ]


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])]
)
def test_messages_go_out_by_tens(count: int, sizes: list[int]) -> None:
    sqs = Sqs()

    outbox(sqs).credit(changes(count))

    assert sqs.sizes == sizes
    assert len({body for _, body in sqs.taken}) == count


def test_what_was_refused_is_sent_again_alone_after_a_pause() -> None:
    pauses: list[float] = []
    sqs = Sqs(refuse=lambda call, body: call == 1 and '"3"' in body)

    outbox(sqs, pauses).credit(changes(5))

    assert sqs.sizes == [5, 1]
    assert sorted(json.loads(body)["detail"]["member_id"] for _, body in sqs.taken) == [*"01234"]
    assert len(pauses) == 1


def test_what_is_refused_for_ever_is_given_up() -> None:
    pauses: list[float] = []
    sqs = Sqs(refuse=lambda call, body: '"3"' in body)

    with pytest.raises(UnavailableError) as refused:
        outbox(sqs, pauses).credit(changes(5))

    assert sqs.sizes == [5] + [1] * (MAX_TRIES - 1)
    assert refused.value.facts["left"] == 1
    assert sum(pauses) < 2


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="sqs"),
        ClientError({"Error": {"Code": "RequestThrottled", "Message": ""}}, "SendMessageBatch"),
    ],
)
def test_sqs_out_of_reach_may_be_asked_again(error: Exception) -> None:
    with pytest.raises(UnavailableError):
        outbox(Sqs(error=error)).credit(changes(1))


def test_a_queue_that_is_not_set_is_named() -> None:
    box = SqsOutbox(Sqs(), Settings())

    with pytest.raises(MisconfiguredError, match="POINTS_CREDIT_QUEUE_URL"):
        box.credit(changes(1))
