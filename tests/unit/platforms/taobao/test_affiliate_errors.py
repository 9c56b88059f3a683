"""What each `error_response` means for the reader of the feed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.errors import HuixueError, MisconfiguredError, UnavailableError
from huixue.platforms.taobao.affiliate_errors import (
    RequestRefusedError,
    ThrottledError,
    TokenExpiredError,
    WindowTooLongError,
    classified,
)
from tests.unit.sandbox.running import UNTIMED

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in China
ORDER_NUMBER = str(1_876_057_285 * 10**9)
REMOTE = "Remote service error"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 7}, ThrottledError),
        ({"code": "7"}, ThrottledError),
        ({"code": 4}, ThrottledError),
        ({"code": 10}, UnavailableError),
        ({"code": 11}, MisconfiguredError),
        ({"code": 25, "sub_code": "isv.invalid-signature"}, MisconfiguredError),
        ({"code": 29}, MisconfiguredError),
        ({"code": 31}, MisconfiguredError),
        ({"code": 26}, TokenExpiredError),
        ({"code": 27}, TokenExpiredError),
        ({"code": 22}, RequestRefusedError),
        ({"code": 40}, RequestRefusedError),
        ({"code": 15, "sub_code": "isp.pubrpt-service-unavailable"}, UnavailableError),
        ({"code": 15, "sub_code": "isv.invalid-parameter"}, RequestRefusedError),
        ({"code": 15, "sub_code": "2007"}, WindowTooLongError),
        ({"code": 15, "sub_code": "isv.2007"}, WindowTooLongError),
        ({"code": 15, "msg": REMOTE, "sub_msg": "2007:查询时间跨度过长"}, WindowTooLongError),
        ({"code": 15, "sub_code": "2004"}, RequestRefusedError),
        ({"code": 15, "sub_code": "1008"}, RequestRefusedError),
        ({"code": 15, "sub_code": "3000"}, ThrottledError),
        ({"code": 15, "sub_code": "9100"}, ThrottledError),
        ({"code": 15, "sub_code": "3001"}, UnavailableError),
        ({"code": 15}, UnavailableError),
        ({"code": 777, "sub_code": "isv.something-new"}, RequestRefusedError),
        ({}, UnavailableError),
    ],
)
def test_an_error_has_one_kind(error: dict[str, object], kind: type[HuixueError]) -> None:
    assert type(classified(error, NOW)) is kind


@pytest.mark.parametrize(
    ("error", "retry_after_s"),
    [
        ({"code": 7, "sub_msg": "This ban will last for 17 more seconds"}, 17),
        ({"code": 7, "msg": "This ban will last for 1 more second"}, 1),
        ({"code": 7, "sub_msg": "This ban will last for 999999 more seconds"}, 86_400),
        ({"code": 7}, 1),
        ({"code": 15, "sub_code": "3000"}, 12 * 3600 + 1),
    ],
)
def test_a_limit_says_when_to_come_back(error: dict[str, object], retry_after_s: int) -> None:
    refusal = classified(error, NOW)

    assert isinstance(refusal, ThrottledError)
    assert refusal.retry_after_s == retry_after_s


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.text(), max_size=2)
)


@UNTIMED
@given(
    error=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["code", "msg", "sub_code", "sub_msg"], VALUES)
    )
)
def test_any_error_has_a_kind(error: dict[str, object]) -> None:
    assert isinstance(classified(error, NOW), HuixueError)


def test_the_platforms_text_is_not_handed_on() -> None:
    refusal = classified(
        {"code": 15, "sub_code": "isv.x y\n", "sub_msg": f"order {ORDER_NUMBER}"}, NOW
    )

    assert ORDER_NUMBER not in f"{refusal} {refusal.facts}"
    assert refusal.facts["sub_code"] is None
