from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from huixue.kernel.errors import MisconfiguredError, NotFoundError, RuleError, UnavailableError
from infra.ops.errors import OperatorError
from infra.ops.refusals import told_to_operator


@pytest.mark.parametrize(
    ("refusal", "next_step"),
    [
        (NotFoundError("no such member"), "Check the id"),
        (UnavailableError("too busy"), "may be repeated"),
        (MisconfiguredError("no key"), "Correct the configuration"),
        (RuleError("no"), "Look at what is published"),
        (EndpointConnectionError(endpoint_url="http://x"), "Check the credentials"),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "PutItem"), "Check the credentials"),
    ],
)
def test_every_refusal_becomes_a_sentence_and_a_next_step(
    refusal: Exception, next_step: str
) -> None:
    with pytest.raises(OperatorError) as told, told_to_operator():
        raise refusal

    assert next_step in told.value.next_step
    assert str(told.value)


def test_a_bug_stays_a_bug() -> None:
    with pytest.raises(ZeroDivisionError), told_to_operator():
        raise ZeroDivisionError
