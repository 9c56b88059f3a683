"""Who asks, and that routes without a session never load AWS clients."""

from __future__ import annotations

import subprocess
import sys

import pytest

from huixue.edge.requests import Request
from huixue.edge.session_tokens import UnauthenticatedError
from huixue.edge.sessions import session_of
from tests.functions.stage import running_stage


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": ""}, {"authorization": "Bearer"}, {"authorization": "Basic YTpi"}],
)
def test_without_a_bearer_token_no_key_is_asked_for(headers: dict[str, str]) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        session_of(Request({"headers": headers}))

    assert refused.value.facts["why"] == "no bearer token"


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_members_token_is_taken_whatever_the_case_of_header_and_scheme(
    name: str, scheme: str
) -> None:
    with running_stage() as stage:
        headers = {name: f"{scheme} {stage.token('mem_a')}"}

        assert session_of(Request({"headers": headers})).member_id == "mem_a"


@pytest.mark.parametrize("function", ["get_health", "get_openapi", "answer_unknown_route"])
def test_a_route_without_a_session_loads_no_aws_client(function: str) -> None:
    program = (
        f"import sys; import functions.{function}.app; print('botocore.session' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"
