"""Who asks, and that routes without a session never load AWS clients."""

from __future__ import annotations

import subprocess
import sys

import pytest

from huixue.dynamodb.writes import Put
from huixue.edge import bootstrap
from huixue.edge.requests import Request
from huixue.edge.session_tokens import UnauthenticatedError
from huixue.edge.sessions import member_of, session_of, signed_session
from huixue.kernel.calendar import to_text
from huixue.kernel.ids import MemberId
from huixue.members.model import SignInIdentity
from tests.functions.stage import Stage, running_stage
from tests.unit.members.signing_in import NOW, door_of, identity


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


def asks(stage: Stage, member_id: str) -> Request:
    return Request({"headers": {"authorization": f"Bearer {stage.token(member_id)}"}})


def test_whoever_signed_in_is_read_with_one_read_of_her_row() -> None:
    with running_stage() as stage:
        member_id = signed_in(identity("o1"))
        signed_session(asks(stage, member_id))  # the keys
        stage.calls.clear()

        session, member = member_of(asks(stage, member_id))

        assert stage.calls == ["dynamodb.GetItem"]
        assert session.member_id == member.member_id == member_id
        assert member.revision == 1
        assert session_of(asks(stage, member_id), consistent=False) == session


def test_an_id_without_a_row_is_taken_at_its_tokens_word() -> None:
    with running_stage() as stage:
        session, member = member_of(asks(stage, "mem_a"))

        assert (session.member_id, member.member_id, member.programme_id) == (
            "mem_a", "mem_a", "demo",
        )  # fmt: skip
        assert (member.revision, member.erased_at) == (0, None)


def test_a_session_from_before_a_merge_reads_the_member_she_is_now() -> None:
    with running_stage() as stage:
        gone, survivor = signed_in(identity("o1")), signed_in(identity("o2", "u", app_id="wx2"))
        signed_in(identity("o1", "u"))

        session, member = member_of(asks(stage, gone))

        assert (session.member_id, member.member_id) == (gone, survivor)


@pytest.mark.parametrize("merged", [False, True])
def test_the_session_of_an_erased_member_is_over(merged: bool) -> None:
    with running_stage() as stage:
        of_token = erased = signed_in(identity("o1"))
        if merged:
            erased = signed_in(identity("o2", "u", app_id="wx2"))
            signed_in(identity("o1", "u"))
        tombstone = {
            "pk": f"M#{erased}", "sk": "MEMBER", "member_id": erased, "programme_id": "demo",
            "erased_at": to_text(NOW), "revision": 9,
        }  # fmt: skip
        put = Put(table=stage.tables.members, item=tombstone, condition=None)
        bootstrap.database().write(put)

        for read in (session_of, member_of):
            with pytest.raises(UnauthenticatedError) as refused:
                read(asks(stage, of_token))
            assert refused.value.facts["why"] == "erased"


def signed_in(who: SignInIdentity) -> MemberId:
    return door_of(bootstrap.members()).sign_in(who).member_id


@pytest.mark.parametrize("function", ["get_health", "get_openapi", "answer_unknown_route"])
def test_a_route_without_a_session_loads_no_aws_client(function: str) -> None:
    program = (
        f"import sys; import functions.{function}.app; print('botocore.session' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"
