from __future__ import annotations

from datetime import UTC, datetime

from huixue.edge import bootstrap
from huixue.edge.messages import encoded
from huixue.kernel.events import MemberErased
from huixue.kernel.ids import MemberId
from huixue.members.model import VerifiedLevel
from tests.functions.http import call, event_of
from tests.functions.orders import failed, sqs_event
from tests.functions.stage import Stage


def message(*member_ids: str) -> str:
    found = MemberErased(member_ids=member_ids, programme_id="demo", correlation_id="c")
    return encoded(found)


def test_what_was_written_since_goes_too(shared_stage: Stage) -> None:
    call(shared_stage, "erase_me", token=shared_stage.token("mem_late"))
    level = VerifiedLevel(
        member_id=MemberId("mem_late"), room_id="main", level="gold", source="operator",
        set_by="o", set_at=datetime.now(UTC),
    )  # fmt: skip
    bootstrap.members().put_level(level)

    answer = shared_stage.invoke("erase_again", sqs_event([message("mem_late")]))

    assert failed(answer) == []
    assert list(bootstrap.members().levels(MemberId("mem_late"))) == []
    assert "removed 1 items" in {line.get("outcome") for line in shared_stage.log_lines()}


def test_who_lives_keeps_everything(shared_stage: Stage) -> None:
    body = {"platform": "taobao", "order_number": "3" * 19}
    token = shared_stage.token("mem_lives")
    call(shared_stage, "submit_order", token=token, body=body)

    answer = shared_stage.invoke("erase_again", sqs_event([message("mem_lives")]))

    assert failed(answer) == []
    assert len(call(shared_stage, "list_orders", token=token, query={}).body["items"]) == 1


def test_the_events_of_the_repository_are_understood(shared_stage: Stage) -> None:
    assert failed(shared_stage.invoke("erase_again", event_of("erase_again/accepted"))) == []
    assert failed(shared_stage.invoke("erase_again", event_of("erase_again/refused"))) != []
