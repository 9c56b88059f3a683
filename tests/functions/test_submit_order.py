from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from tests.functions.http import Answered, asked, assert_problem, call, event_of, pointers
from tests.functions.orders import bring, names, number, order, pump, waiting
from tests.functions.stage import Stage

NUMBERS = count(1)


def submit(stage: Stage, member: str, order_number: str, **more: str) -> Answered:
    body = {"platform": "taobao", "order_number": order_number, **more}
    return call(stage, "submit_order", token=stage.token(member), body=body)


def test_a_claim_is_taken_at_once_and_a_message_sent(shared_stage: Stage) -> None:
    pump(shared_stage)
    event = event_of("submit_order/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"
    before = datetime.now(UTC)

    found = asked(shared_stage, "submit_order", event)

    assert found.status == 202
    assert "idempotency-hit" not in found.headers
    claimed_at = datetime.fromisoformat(found.body["claimed_at"])
    assert claimed_at.utcoffset() == timedelta(hours=8)
    assert before <= claimed_at <= datetime.now(UTC)
    assert found.body == {
        "claim_id": found.body["claim_id"],
        "platform": "taobao",
        "order_hint": "1000…16",
        "claimed_at": found.body["claimed_at"],
        "status": "waiting",
        "lines": [],
        "next_check_at": (claimed_at + timedelta(minutes=5)).isoformat(timespec="microseconds"),
    }
    assert names(waiting(shared_stage, "claims_to_match_queue_url")) == ["ClaimSubmitted"]


def test_all_bad_fields_of_the_refused_event_are_named(shared_stage: Stage) -> None:
    event = event_of("submit_order/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    found = asked(shared_stage, "submit_order", event)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["/platform", "/order_number", "/account"]


def test_a_number_of_no_platforms_form_is_told_in_english(shared_stage: Stage) -> None:
    event = event_of("submit_order/refused_number_form")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    found = asked(shared_stage, "submit_order", event)

    assert_problem(found, 422, "ORDER_NUMBER_FORMAT", english=True)


def test_the_same_claim_again_shows_its_present_state(shared_stage: Stage) -> None:
    wanted = number(next(NUMBERS))
    bring([order(wanted)])
    first = submit(shared_stage, "mem_again", wanted)
    pump(shared_stage)

    again = submit(shared_stage, "mem_again", f" {wanted} ")

    assert (first.status, again.status) == (202, 200)
    assert again.headers["idempotency-hit"] == "true"
    assert again.body["claim_id"] == first.body["claim_id"]
    assert (again.body["status"], again.body["lines"][0]["points"]) == ("credited", 178)


def test_an_account_added_later_is_no_mismatch_but_another_one_is(shared_stage: Stage) -> None:
    wanted = number(next(NUMBERS))
    submit(shared_stage, "mem_mismatch", wanted)
    said = number(next(NUMBERS))
    submit(shared_stage, "mem_mismatch", said, account="one", room_level="gold")

    added = submit(shared_stage, "mem_mismatch", wanted, account="one")
    left_out = submit(shared_stage, "mem_mismatch", said)
    other_account = submit(shared_stage, "mem_mismatch", said, account="two")
    other_level = submit(shared_stage, "mem_mismatch", said, room_level="silver")

    assert (added.status, left_out.status) == (200, 200)
    assert_problem(other_account, 409, "IDEMPOTENCY_MISMATCH")
    assert other_account.body["field"] == "account"
    assert_problem(other_level, 409, "IDEMPOTENCY_MISMATCH")
    assert other_level.body["field"] == "room_level"


def test_the_eleventh_number_that_is_not_hers_within_an_hour_waits(shared_stage: Stage) -> None:
    for _ in range(10):
        assert submit(shared_stage, "mem_guesser", number(next(NUMBERS))).status == 202
    pump(shared_stage)
    before = shared_stage.contents()

    refused = submit(shared_stage, "mem_guesser", number(next(NUMBERS)))

    assert_problem(refused, 429, "TOO_MANY_TRIES")
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert shared_stage.contents() == before


def test_text_of_64_characters_is_taken_and_blanks_are_trimmed(shared_stage: Stage) -> None:
    padded = number(next(NUMBERS)).center(64)

    found = submit(shared_stage, "mem_long", padded, account="买" * 64, room_level="级" * 64)

    assert found.status == 202


@pytest.mark.parametrize("level", [None, "gold"])
def test_null_for_what_may_be_left_out_is_leaving_it_out(
    shared_stage: Stage, level: str | None
) -> None:
    body = {
        "platform": "taobao", "order_number": number(next(NUMBERS)), "account": None,
        "room_level": level,
    }  # fmt: skip

    found = call(shared_stage, "submit_order", token=shared_stage.token("mem_null"), body=body)

    assert found.status == 202
