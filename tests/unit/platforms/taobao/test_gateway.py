"""One call of the gateway: what is sent, and what comes back or is raised."""

from __future__ import annotations

import json

import pytest

from huixue.kernel.errors import HuixueError, MisconfiguredError, UnavailableError
from huixue.platforms.taobao.affiliate_errors import ThrottledError
from tests.unit.platforms.taobao.feeding import SECRET, gateway, printed
from tests.unit.sandbox.running import NOON, Sandbox

METHOD = "taobao.tbk.order.details.get"
ROOT = "tbk_order_details_get_response"


def test_a_signed_question_is_answered_with_what_lies_below_the_root(sandbox: Sandbox) -> None:
    question = {
        "start_time": "2026-03-02 11:00:00",
        "end_time": printed(NOON),
        "position_index": "",
    }

    answer = gateway(sandbox).ask(METHOD, question)

    assert set(answer) == {"data", "request_id"}


def test_numbers_come_as_text_so_that_no_digit_is_lost(sandbox: Sandbox) -> None:
    sandbox.fail("taobao", body=f'{{"{ROOT}": {{"id": {10**18 + 1}, "price": 0.10}}}}')

    assert gateway(sandbox).ask(METHOD, {}) == {"id": str(10**18 + 1), "price": "0.10"}


def test_an_answer_to_another_question_is_none(sandbox: Sandbox) -> None:
    sandbox.fail("taobao", body=json.dumps({"tbk_order_refund_get_response": {}}))

    with pytest.raises(UnavailableError):
        gateway(sandbox).ask(METHOD, {})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, MisconfiguredError), (403, MisconfiguredError), (404, MisconfiguredError),
        (429, ThrottledError), (500, UnavailableError), (502, UnavailableError),
    ],
)  # fmt: skip
def test_a_status_that_is_no_answer_has_a_kind(
    sandbox: Sandbox, status: int, kind: type[HuixueError]
) -> None:
    sandbox.fail("taobao", status=status)

    with pytest.raises(HuixueError) as failed:
        gateway(sandbox).ask(METHOD, {})

    assert type(failed.value) is kind
    assert failed.value.facts["status"] == status


def test_its_secret_is_not_shown(sandbox: Sandbox) -> None:
    assert SECRET not in repr(gateway(sandbox))
