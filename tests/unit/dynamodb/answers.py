"""A DynamoDB client that answers from a script, and the errors DynamoDB answers with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

Answer = dict[str, Any] | Exception


class ScriptedClient:
    """Satisfies `DynamoDbClient`: gives its answers in turn, the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def _answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.requests.append((operation, request))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get_item(self, **request: Any) -> dict[str, Any]:
        return self._answer("get_item", request)

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        return self._answer("batch_get_item", request)

    def query(self, **request: Any) -> dict[str, Any]:
        return self._answer("query", request)

    def scan(self, **request: Any) -> dict[str, Any]:
        return self._answer("scan", request)

    def put_item(self, **request: Any) -> dict[str, Any]:
        return self._answer("put_item", request)

    def update_item(self, **request: Any) -> dict[str, Any]:
        return self._answer("update_item", request)

    def delete_item(self, **request: Any) -> dict[str, Any]:
        return self._answer("delete_item", request)

    def batch_write_item(self, **request: Any) -> dict[str, Any]:
        return self._answer("batch_write_item", request)

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        return self._answer("transact_write_items", request)


def refused(code: str, *, status: int = 400, item: dict[str, Any] | None = None) -> ClientError:
    response: dict[str, Any] = {
        "Error": {"Code": code, "Message": "scripted"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    response |= {"Item": item} if item else {}
    return ClientError(response, "Operation")  # type: ignore[arg-type]  # the stubs ask for every header


def cancelled(codes: Sequence[str], item: dict[str, Any] | None = None) -> ClientError:
    """A cancelled transaction, with the reason of each of its items."""
    reasons: list[dict[str, Any]] = [{"Code": code} for code in codes]
    if item is not None:
        reasons[-1]["Item"] = item
    response: dict[str, Any] = {
        "Error": {"Code": "TransactionCanceledException", "Message": "scripted"},
        "CancellationReasons": reasons,
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    return ClientError(response, "TransactWriteItems")  # type: ignore[arg-type]  # as above
