from __future__ import annotations

from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.orders import bring, names, number, order, pump, waiting
from tests.functions.stage import Stage


def test_a_member_goes_with_her_claims_and_keeps_no_session(shared_stage: Stage) -> None:
    token = shared_stage.token("mem_goes")
    bring([order(number(70))])
    body = {"platform": "taobao", "order_number": number(70)}
    call(shared_stage, "submit_order", token=token, body=body)
    pump(shared_stage)

    found = call(shared_stage, "erase_me", token=token)

    assert found.status == 200
    removed = {(each["store"], each["kind"]): each["items"] for each in found.body["removed"]}
    assert removed == {
        ("members", "profiles"): 1, ("orders", "claims"): 1, ("orders", "tries"): 1,
    }  # fmt: skip
    assert all(text for text in found.body["remains"])
    assert_problem(call(shared_stage, "list_orders", token=token, query={}), 401, "UNAUTHENTICATED")
    assert names(waiting(shared_stage, "erasures_queue_url")) == ["MemberErased"]


def test_asked_again_she_is_nobody(shared_stage: Stage) -> None:
    token = shared_stage.token("mem_goes_twice")
    call(shared_stage, "erase_me", token=token)
    waiting(shared_stage, "erasures_queue_url")

    assert_problem(call(shared_stage, "erase_me", token=token), 401, "UNAUTHENTICATED")
    assert waiting(shared_stage, "erasures_queue_url") == []


def test_the_events_of_the_repository_are_understood(shared_stage: Stage) -> None:
    for name in ("erase_me/accepted", "erase_me/refused"):
        found = asked(shared_stage, "erase_me", event_of(name))
        assert_problem(found, 401, "UNAUTHENTICATED")
