"""What follows from an edit: the message for the tasks, whatever it costs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huixue.edge import bootstrap, member_desk
from huixue.edge.member_wire import MeRequest
from huixue.edge.session_tokens import Session, UnauthenticatedError
from huixue.kernel.errors import UnavailableError
from huixue.kernel.ids import MemberId, ProgrammeId
from tests.functions.membership import signed_in
from tests.functions.orders import waiting
from tests.functions.stage import Stage, running_stage

COMPLETE = MeRequest(nickname="小美", region="上海", skin_type="undisclosed")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with running_stage() as running:
        yield running


def session(member_id: str) -> Session:
    return Session(member_id=MemberId(member_id), programme_id=ProgrammeId("demo"))


def test_a_message_that_cannot_be_sent_is_sent_when_she_asks_again(stage: Stage) -> None:
    anna = session(signed_in("o1"))
    url = stage.environment["TASKS_TO_REWARD_QUEUE_URL"]
    stage.sqs.delete_queue(QueueUrl=url)

    with pytest.raises(UnavailableError):
        member_desk.edited(anna, COMPLETE, consents={}, correlation_id="r")
    stage.sqs.create_queue(QueueName=url.rsplit("/", 1)[1])
    member = member_desk.edited(anna, COMPLETE, consents={}, correlation_id="r")

    assert member.profile_revision == 1
    assert len(waiting(stage, "tasks_to_reward_queue_url")) == 1


def test_an_incomplete_profile_tells_nobody(stage: Stage) -> None:
    anna = session(signed_in("o1"))

    member_desk.edited(anna, MeRequest(nickname="小美"), consents={}, correlation_id="r")

    assert waiting(stage, "tasks_to_reward_queue_url") == []


def test_the_session_of_nobody_is_none(stage: Stage) -> None:
    with pytest.raises(UnauthenticatedError):
        member_desk.edited(session("mem_nobody"), COMPLETE, consents={}, correlation_id="r")

    assert bootstrap.members().member(MemberId("mem_nobody"), consistent=True) is None
    assert stage.contents()["tasks_to_reward_queue_url"] == [{"ApproximateNumberOfMessages": "0"}]
