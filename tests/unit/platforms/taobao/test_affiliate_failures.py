"""What the affiliate client makes of failures and of answers that are none."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huixue.kernel.errors import HuixueError, MisconfiguredError, UnavailableError
from huixue.kernel.snapshots import OrderSnapshot
from huixue.platforms.taobao.affiliate import Page
from huixue.platforms.taobao.affiliate_errors import (
    RequestRefusedError,
    ThrottledError,
    TokenExpiredError,
    WindowTooLongError,
)
from infra.sandbox.server import TAOBAO_APP_KEY
from tests.unit.platforms.taobao.feeding import SECRET, START, feed, ids, lines, rows
from tests.unit.sandbox.running import NOON, Sandbox, UrgentPool


@pytest.mark.parametrize(
    ("app_key", "secret"), [(TAOBAO_APP_KEY, "wrong"), ("1", SECRET), ("", SECRET)]
)
def test_wrong_credentials_are_the_operators_business(
    sandbox: Sandbox, app_key: str, secret: str
) -> None:
    with pytest.raises(MisconfiguredError):
        next(feed(sandbox, app_key=app_key, secret=secret).pages(START, NOON))


def test_a_clock_that_is_off_is_the_operators_business(sandbox: Sandbox) -> None:
    reading = feed(sandbox).pages(START, NOON)
    late_clock = feed(sandbox, clock=type(sandbox.clock)(NOON - timedelta(minutes=11)))

    with pytest.raises(MisconfiguredError, match="clock"):
        next(late_clock.pages(START, NOON))
    assert next(reading).number == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"errcode": 7}, ThrottledError),
        ({"errcode": 9100}, ThrottledError),
        ({"errcode": 3000}, ThrottledError),
        ({"errcode": 3001}, UnavailableError),
        ({"errcode": 10}, UnavailableError),
        ({"errcode": 15}, UnavailableError),
        ({"errcode": 27}, TokenExpiredError),
        ({"errcode": 11}, MisconfiguredError),
        ({"errcode": 1001}, RequestRefusedError),
        ({"errcode": 2007}, WindowTooLongError),
        ({"status": 503}, UnavailableError),
        ({"status": 429}, ThrottledError),
        ({"status": 404}, MisconfiguredError),
        ({"cut": "before"}, UnavailableError),
        ({"cut": "after"}, UnavailableError),
    ],
)
def test_a_failure_on_the_way_has_a_kind_and_the_window_can_be_read_again(
    sandbox: Sandbox, fault: dict[str, object], kind: type[HuixueError]
) -> None:
    put = rows(120)
    sandbox.put_rows(put)
    client = feed(sandbox)
    reading = client.pages(START, NOON)
    next(reading)
    sandbox.fail("taobao", **fault)

    with pytest.raises(HuixueError) as failed:
        next(reading)

    assert type(failed.value) is kind
    assert lines(client.pages(START, NOON)) == ids(put)


def test_the_ban_says_how_long(sandbox: Sandbox) -> None:
    sandbox.fail("taobao", errcode=7)

    with pytest.raises(ThrottledError) as throttled:
        next(feed(sandbox).pages(START, NOON))

    assert throttled.value.retry_after_s == 5


def test_a_late_answer_is_unavailable(sandbox: Sandbox) -> None:
    pool = UrgentPool(retries=False)
    sandbox.fail("taobao", delay_s=0.5)

    with pytest.raises(UnavailableError):
        next(feed(sandbox, pool=pool).pages(START, NOON))
    pool.clear()


def answer(data: object) -> str:
    return json.dumps({"tbk_order_details_get_response": {"data": data, "request_id": "r"}})


WRONG_ANSWERS = [
    "",
    "null",
    "[]",
    "{}",
    "<xml/>",
    "[" * 100_000,
    '{"error_response":7}',
    '{"tbk_order_details_get_response":[]}',
    answer(None),
    answer({}),
    answer({"has_next": "false"}),
    answer({"has_next": False, "results": []}),
    answer({"has_next": False, "results": {"publisher_order_dto": {}}}),
    answer({"has_next": True}),
    answer({"has_next": True, "position_index": ""}),
]


@pytest.mark.parametrize("body", WRONG_ANSWERS, ids=range(len(WRONG_ANSWERS)))
def test_an_answer_that_is_none_is_unavailable(sandbox: Sandbox, body: str) -> None:
    sandbox.fail("taobao", body=body)

    with pytest.raises(UnavailableError):
        list(feed(sandbox).pages(START, NOON))


@pytest.mark.parametrize("results", [None, "", {}])
def test_an_empty_list_may_be_missing_in_any_way(sandbox: Sandbox, results: object) -> None:
    sandbox.fail("taobao", body=answer({"has_next": False, "results": results}))

    (page,) = feed(sandbox).pages(START, NOON)

    assert page.snapshots == ()


def test_paging_that_stands_still_is_given_up(sandbox: Sandbox) -> None:
    sandbox.fail("taobao", body=answer({"has_next": True, "position_index": "1_a|2_b"}), times=3)

    with pytest.raises(UnavailableError):
        list(feed(sandbox).pages(START, NOON))

    assert sandbox.server.world.faults.pending() == 1


def test_a_number_too_long_for_any_machine_spoils_its_own_row_alone(sandbox: Sandbox) -> None:
    text = answer(
        {"has_next": False, "results": {"publisher_order_dto": [rows(1)[0], {"trade_id": "HUGE"}]}}
    )
    sandbox.fail("taobao", body=text.replace('"HUGE"', "9" * 5000))

    (page,) = feed(sandbox).pages(START, NOON)

    assert len(page.snapshots) == 1
    assert [error.line_number for error in page.errors] == [1]


def test_an_answer_without_end_is_given_up_and_the_next_one_is_read(sandbox: Sandbox) -> None:
    sandbox.fail("taobao", body=answer({"has_next": False}) + " " * 9_000_000)
    client = feed(sandbox)

    with pytest.raises(UnavailableError):
        next(client.pages(START, NOON))

    assert next(client.pages(START, NOON)).number == 1


def test_rows_of_any_shape_are_told_one_by_one(sandbox: Sandbox) -> None:
    wrong: list[object] = [None, 7, "row", [], {}, {"trade_id": {}}]
    sandbox.fail(
        "taobao", body=answer({"has_next": False, "results": {"publisher_order_dto": wrong}})
    )

    (page,) = feed(sandbox).pages(START, NOON)

    assert [error.line_number for error in page.errors] == [0, 1, 2, 3, 4, 5]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "has_next": JSON,
        "position_index": JSON,
        "results": JSON | st.just({"publisher_order_dto": [7]}),
    },
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    body=DATA.map(answer)
    | JSON.map(json.dumps)
    | JSON.map(lambda value: json.dumps({"error_response": value}))
)
def test_whatever_the_platform_answers_ends_in_pages_or_in_a_named_error(
    sandbox: Sandbox, body: str
) -> None:
    sandbox.tell("DELETE", "")
    sandbox.fail("taobao", body=body, times=3)

    try:
        read: list[Page] = list(feed(sandbox).pages(START, NOON))
    except HuixueError:
        read = []

    assert all(isinstance(line, OrderSnapshot) for page in read for line in page.snapshots)


def test_secret_and_order_numbers_are_nowhere_to_be_read(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.put_rows(rows(2))
    client = feed(sandbox)

    (page,) = client.pages(START, NOON)
    sandbox.fail("taobao", cut="before")
    with pytest.raises(UnavailableError) as failed:
        list(client.pages(START, NOON))

    told = f"{client!r} {page!r} {failed.value!r} {failed.value.facts} {caplog.text}"
    assert failed.value.__context__ is None
    assert SECRET not in told
    assert "1876057285" not in told
