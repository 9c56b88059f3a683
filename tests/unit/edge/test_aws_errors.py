from __future__ import annotations

from botocore.exceptions import ClientError, ReadTimeoutError

from huixue.edge.aws_errors import code_of


def test_the_code_of_an_answer_is_told_and_nothing_else_of_it() -> None:
    answer = {
        "Error": {"Code": "AccessDenied", "Message": "account 123 may not read imports/secret"}
    }

    assert code_of(ClientError(answer, "GetObject")) == "AccessDenied"  # type: ignore[arg-type]  # a part of a real answer
    assert code_of(ClientError({}, "GetObject")) == "unknown"


def test_a_failure_on_the_way_is_told_by_its_kind() -> None:
    assert code_of(ReadTimeoutError(endpoint_url="https://secret.example")) == "ReadTimeoutError"
