"""What the platform answers when something is wrong, byte for byte as the SDK expects it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders


class Fault(StrEnum):
    KILL_BEFORE = "kill before the call"
    KILL_AFTER = "kill after the call"
    THROTTLE = "throttled"
    ERROR_500_BEFORE = "500, nothing done"
    ERROR_500_AFTER = "500 after the commit"
    RESET = "connection reset, nothing done"
    LOST_REPLY = "reply lost after the commit"
    CONFLICT = "another transaction holds the item"
    CANCELLED_BY_THROTTLING = "transaction cancelled by throttling"
    IN_PROGRESS = "the same transaction is still running"
    UNPROCESSED = "200, and every part of the batch left undone"


_SINGLE_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
_TRANSACTIONS = frozenset({"TransactWriteItems", "TransactGetItems"})
_BATCHES = {
    "BatchGetItem": "UnprocessedKeys",
    "BatchWriteItem": "UnprocessedItems",
    "SendMessageBatch": "Failed",
}
_ONLY_FOR = {
    Fault.CONFLICT: _SINGLE_WRITES | _TRANSACTIONS,
    Fault.CANCELLED_BY_THROTTLING: _TRANSACTIONS,
    Fault.IN_PROGRESS: frozenset({"TransactWriteItems"}),
    Fault.UNPROCESSED: frozenset(_BATCHES),
}
_THROTTLES = {
    "dynamodb": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "sqs": "com.amazonaws.sqs#RequestThrottled",
}
_DYNAMODB = "com.amazonaws.dynamodb.v20120810#"


def applies(fault: Fault, service: str, operation: str) -> bool:
    """Whether this can happen to this operation at all."""
    allowed = _ONLY_FOR.get(fault)
    return allowed is None or (service in ("dynamodb", "sqs") and operation in allowed)


def answer(fault: Fault, service: str, operation: str, request: AWSPreparedRequest) -> AWSResponse:
    """The platform's answer; for faults that have one (a lost reply has none)."""
    if service == "s3":
        return _s3_error(fault, request)
    match fault:
        case Fault.ERROR_500_BEFORE | Fault.ERROR_500_AFTER:
            return _json(request, 500, {"__type": "InternalServerError", "message": "injected"})
        case Fault.THROTTLE:
            kind = _THROTTLES.get(service, "ThrottlingException")
            return _json(request, 400, {"__type": kind, "message": "injected"})
        case Fault.IN_PROGRESS:
            kind = f"{_DYNAMODB}TransactionInProgressException"
            return _json(request, 400, {"__type": kind, "Message": "injected"})
        case Fault.CONFLICT if operation in _SINGLE_WRITES:
            kind = f"{_DYNAMODB}TransactionConflictException"
            return _json(request, 400, {"__type": kind, "message": "injected"})
        case Fault.CONFLICT:
            return _cancelled(request, "TransactionConflict")
        case Fault.CANCELLED_BY_THROTTLING:
            return _cancelled(request, "ThrottlingError")
        case Fault.UNPROCESSED:
            return _json(request, 200, _nothing_processed(operation, _body(request)))
    raise ValueError(f"{fault} has no answer")


def _cancelled(request: AWSPreparedRequest, code: str) -> AWSResponse:
    """The last item is the one that is held: in this product the balance, the hottest."""
    codes = ["None"] * (len(_body(request)["TransactItems"]) - 1) + [code]
    reasons = [{"Code": c} if c == "None" else {"Code": c, "Message": "injected"} for c in codes]
    message = (
        "Transaction cancelled, please refer cancellation reasons for specific reasons"
        f" [{', '.join(codes)}]"
    )
    kind = f"{_DYNAMODB}TransactionCanceledException"
    return _json(request, 400, {"__type": kind, "Message": message, "CancellationReasons": reasons})


def _nothing_processed(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    if operation == "SendMessageBatch":
        failed = [
            {"Id": entry["Id"], "Code": "InternalError", "SenderFault": False}
            for entry in body["Entries"]
        ]
        return {"Successful": [], "Failed": failed}
    undone = {_BATCHES[operation]: body["RequestItems"]}
    return {"Responses": {}, **undone} if operation == "BatchGetItem" else undone


def _s3_error(fault: Fault, request: AWSPreparedRequest) -> AWSResponse:
    code, status = ("SlowDown", 503) if fault is Fault.THROTTLE else ("InternalError", 500)
    body = f"<Error><Code>{code}</Code><Message>injected</Message></Error>"
    return _response(request, status, "application/xml", body.encode())


def _json(request: AWSPreparedRequest, status: int, body: dict[str, Any]) -> AWSResponse:
    return _response(request, status, "application/x-amz-json-1.0", json.dumps(body).encode())


def _response(
    request: AWSPreparedRequest, status: int, content_type: str, body: bytes
) -> AWSResponse:
    headers = HTTPHeaders()
    headers["Content-Type"] = content_type
    headers["Content-Length"] = str(len(body))
    return AWSResponse(request.url, status, headers, _Raw(body))


def _body(request: AWSPreparedRequest) -> dict[str, Any]:
    assert isinstance(request.body, str | bytes)
    body: dict[str, Any] = json.loads(request.body)
    return body


class _Raw(io.BytesIO):
    """The little of a urllib3 response that botocore reads."""

    def stream(self, **_: object) -> Iterator[bytes]:
        while chunk := self.read(8192):
            yield chunk
