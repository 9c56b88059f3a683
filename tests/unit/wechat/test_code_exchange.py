"""Signing in against the real stand-in over HTTP."""

from __future__ import annotations

import socket

import pytest
import urllib3

from huixue.kernel.errors import MisconfiguredError, UnavailableError
from huixue.wechat.code_exchange import CodeExchange, LoginBlockedError, LoginCodeInvalidError
from infra.sandbox.server import APP_ID
from tests.unit.sandbox.running import Sandbox, UrgentPool
from tests.unit.wechat.signing_in import SECRET, exchange


def used_codes(sandbox: Sandbox) -> set[str]:
    return sandbox.server.world.wechat.used_codes


def test_a_code_gives_openid_and_unionid(sandbox: Sandbox) -> None:
    identity = exchange(sandbox).exchange("sandbox-alice-1")

    assert identity.openid.startswith("o")
    assert len(identity.openid) == 28
    assert identity.unionid is not None
    assert identity.unionid != identity.openid


def test_the_same_name_is_the_same_member_and_another_name_is_not(sandbox: Sandbox) -> None:
    client = exchange(sandbox)

    first, again = client.exchange("sandbox-alice-1"), client.exchange("sandbox-alice-2")
    other = client.exchange("sandbox-bob-1")

    assert first == again
    assert {first.openid, first.unionid}.isdisjoint({other.openid, other.unionid})


def test_an_app_without_an_open_platform_account_has_no_unionid(sandbox: Sandbox) -> None:
    assert exchange(sandbox).exchange("sandbox-carol.nounion-1").unionid is None


@pytest.mark.parametrize(
    "code", ["made-up", "sandbox-", "sandbox-alice", "", "  ", "x" * 300, "a\x00b", "\ud800"]
)
def test_a_code_nobody_issued_is_refused(sandbox: Sandbox, code: str) -> None:
    with pytest.raises(LoginCodeInvalidError) as refused:
        exchange(sandbox).exchange(code)

    assert refused.value.code == "LOGIN_CODE_INVALID"


def test_a_code_works_once(sandbox: Sandbox) -> None:
    client = exchange(sandbox)
    client.exchange("sandbox-alice-1")

    with pytest.raises(LoginCodeInvalidError):
        client.exchange("sandbox-alice-1")


def test_a_blocked_user_reads_as_a_refused_sign_in_with_a_code_of_its_own(sandbox: Sandbox) -> None:
    sandbox.fail("wechat", errcode=40226)

    with pytest.raises(LoginBlockedError) as refused:
        exchange(sandbox).exchange("sandbox-alice-1")

    assert isinstance(refused.value, LoginCodeInvalidError)
    assert refused.value.code == "LOGIN_BLOCKED"


@pytest.mark.parametrize(
    ("app_id", "secret", "errcode"),
    [(APP_ID, "wrong", 40125), ("wx0", SECRET, 40013), ("", SECRET, 41002), (APP_ID, "", 41004)],
)
def test_wrong_credentials_are_the_operators_business(
    sandbox: Sandbox, app_id: str, secret: str, errcode: int
) -> None:
    with pytest.raises(MisconfiguredError) as refused:
        exchange(sandbox, app_id=app_id, secret=secret).exchange("sandbox-alice-1")

    assert refused.value.facts == {"errcode": errcode}


@pytest.mark.parametrize(("errcode", "retry_after_s"), [(45011, 60), (45009, 3600), (99999, 1)])
def test_limits_and_unknown_errors_read_as_unavailable(
    sandbox: Sandbox, errcode: int, retry_after_s: int
) -> None:
    sandbox.fail("wechat", errcode=errcode)

    with pytest.raises(UnavailableError) as refused:
        exchange(sandbox).exchange("sandbox-alice-1")

    assert refused.value.retry_after_s == retry_after_s
    assert sandbox.server.world.faults.pending() == 0


def test_a_busy_wechat_is_asked_once_more(sandbox: Sandbox) -> None:
    sandbox.fail("wechat", errcode=-1)

    assert exchange(sandbox).exchange("sandbox-alice-1").openid


def test_a_wechat_that_stays_busy_is_asked_twice_and_no_more(sandbox: Sandbox) -> None:
    sandbox.fail("wechat", errcode=-1, times=3)

    with pytest.raises(UnavailableError):
        exchange(sandbox).exchange("sandbox-alice-1")

    assert sandbox.server.world.faults.pending() == 1


def test_a_connection_cut_before_the_call_took_effect_costs_nothing(sandbox: Sandbox) -> None:
    sandbox.fail("wechat", cut="before")

    assert exchange(sandbox).exchange("sandbox-alice-1").openid


def test_an_answer_lost_after_the_code_was_taken_is_never_the_members_fault(
    sandbox: Sandbox,
) -> None:
    sandbox.fail("wechat", cut="after")

    with pytest.raises(UnavailableError) as refused:
        exchange(sandbox).exchange("sandbox-alice-1")

    assert refused.value.facts == {"errcode": 40163}
    assert used_codes(sandbox) == {"sandbox-alice-1"}


def test_a_late_answer_is_unavailable_and_not_asked_for_again(sandbox: Sandbox) -> None:
    late = UrgentPool(retries=False)
    sandbox.fail("wechat", delay_s=0.5)
    sandbox.fail("wechat", status=500)
    client = CodeExchange(
        pool=late, base_url=sandbox.url("/wechat"), app_id=APP_ID, app_secret=SECRET
    )

    with pytest.raises(UnavailableError) as refused:
        client.exchange("sandbox-alice-1")

    assert refused.value.facts["reason"] == "late"
    assert sandbox.server.world.faults.pending() == 1
    late.clear()


def test_a_closed_port_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    pool = urllib3.PoolManager(retries=False)
    client = CodeExchange(pool=pool, base_url=address, app_id=APP_ID, app_secret=SECRET)

    with pytest.raises(UnavailableError) as refused:
        client.exchange("sandbox-alice-1")

    assert refused.value.facts["reason"] == "not_connected"


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_failing_wechat_is_unavailable(sandbox: Sandbox, status: int) -> None:
    sandbox.fail("wechat", status=status)

    with pytest.raises(UnavailableError):
        exchange(sandbox).exchange("sandbox-alice-1")


def test_an_address_that_is_not_on_the_list_is_the_operators_business(sandbox: Sandbox) -> None:
    sandbox.fail("wechat", status=403)

    with pytest.raises(MisconfiguredError):
        exchange(sandbox).exchange("sandbox-alice-1")


def test_the_connection_is_kept_for_the_next_member(sandbox: Sandbox) -> None:
    pool = urllib3.PoolManager(retries=False)
    client = CodeExchange(
        pool=pool, base_url=sandbox.url("/wechat"), app_id=APP_ID, app_secret=SECRET
    )

    for number in range(5):
        client.exchange(f"sandbox-alice-{number}")

    connections = pool.connection_from_url(sandbox.server.address)
    assert isinstance(connections, urllib3.HTTPConnectionPool)
    assert connections.num_connections == 1
    pool.clear()
