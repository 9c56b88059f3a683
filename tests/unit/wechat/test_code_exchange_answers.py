"""What the client makes of answers that are none, and what nobody gets to read."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huixue.kernel.errors import HuixueError, MisconfiguredError, UnavailableError
from huixue.wechat.code_exchange import CodeExchange, LoginCodeInvalidError, WechatIdentity
from infra.sandbox.server import APP_ID
from tests.unit.sandbox.running import Sandbox, UrgentPool
from tests.unit.wechat.signing_in import SECRET, exchange

WRONG_ANSWERS = [
    "",
    "null",
    "[]",
    "{}",
    "<html>",
    '{"openid":7}',
    '{"openid":""}',
    '{"openid":null,"errcode":0}',
    '{"openid":"oA","unionid":[]}',
    '{"openid":"o\\u0000A"}',
    '{"errcode":"40029"}',
    '{"errcode":1e400}',
    '{"errcode":true}',
    '{"openid":"' + "o" * 200 + '"}',
    '{"openid":"' + "o" * 70_000 + '"}',
    '{"openid":"oA"}' + " " * 70_000,
    "[" * 20_000,
]


@pytest.mark.parametrize("body", WRONG_ANSWERS, ids=range(len(WRONG_ANSWERS)))
def test_an_answer_that_is_none_is_unavailable(sandbox: Sandbox, body: str) -> None:
    sandbox.fail("wechat", body=body)

    with pytest.raises(UnavailableError):
        exchange(sandbox).exchange("sandbox-alice-1")

    assert exchange(sandbox).exchange("sandbox-alice-1").openid


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    answer=st.fixed_dictionaries(
        {}, optional={"errcode": JSON | st.just(0), "openid": JSON | st.just("oA"), "unionid": JSON}
    )
)
def test_whatever_wechat_answers_ends_in_ids_or_in_a_named_error(
    sandbox: Sandbox, answer: object
) -> None:
    sandbox.tell("DELETE", "")
    sandbox.fail("wechat", body=json.dumps(answer), times=2)

    try:
        outcome: object = exchange(sandbox).exchange("sandbox-alice-1")
    except HuixueError as error:
        outcome = error

    assert isinstance(
        outcome, (WechatIdentity, UnavailableError, MisconfiguredError, LoginCodeInvalidError)
    )


def test_the_session_key_the_secret_and_the_code_are_nowhere_to_be_read(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, logger="urllib3")
    client = exchange(sandbox)
    identity = client.exchange("sandbox-alice-1")
    sandbox.fail("wechat", delay_s=0.5)
    late = UrgentPool(retries=False)
    urgent = CodeExchange(pool=late, base_url=client.base_url, app_id=APP_ID, app_secret=SECRET)

    with pytest.raises(UnavailableError) as refused:
        urgent.exchange("sandbox-alice-2")
    late.clear()

    told = f"{client!r} {identity!r} {refused.value!r} {refused.value.facts} {caplog.text}"
    assert refused.value.__context__ is None
    assert identity.openid not in told
    assert SECRET not in told
    assert "sandbox-alice" not in told
    assert not hasattr(identity, "session_key")
