"""Who is at the keyboard, and how refusals are told."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from huixue.kernel.errors import MismatchError
from huixue.points.four_eyes import OperatorInvalidError
from infra.ops.deployment import Deployment
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import operator_of, told

LOCAL = Deployment(stage="local", region="", endpoint_url=None)
ARN = "arn:aws:sts::123456789012:assumed-role/Operators/anna@corp.example"


class OnAws(Deployment):
    """A stage whose STS knows the caller."""

    def client(self, service: str, **options: Any) -> Any:
        assert service == "sts"
        return self

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": ARN}


def test_locally_it_is_who_you_say_or_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "anna")

    assert operator_of(LOCAL, None) == "anna"
    assert operator_of(LOCAL, "berta") == "berta"
    for nobody in (
        "@",
        "",
    ):  # such as "$APPROVER" where nothing set it: not the user of the machine
        with pytest.raises(OperatorInvalidError):
            operator_of(LOCAL, nobody)


def test_on_aws_it_is_who_the_credentials_say_and_nobody_can_say_otherwise() -> None:
    stage = OnAws(stage="prod", region="", endpoint_url=None)

    assert operator_of(stage, None) == ARN
    with pytest.raises(OperatorError):
        operator_of(stage, "berta")


def test_a_refusal_is_told_with_its_code_its_facts_and_what_to_do() -> None:
    with pytest.raises(OperatorError) as refused, told():
        raise MismatchError("the same id with another request", field="points")

    assert str(refused.value) == (
        "IDEMPOTENCY_MISMATCH: the same id with another request (field=points)"
    )
    assert "another id" in refused.value.next_step


def test_aws_saying_no_is_told_too_and_a_bug_stays_a_bug() -> None:
    with pytest.raises(OperatorError), told():
        raise NoCredentialsError
    with pytest.raises(KeyError), told():
        raise KeyError
