"""Who may ask: every route that needs a session refuses everything but a token of ours, before any work."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from tests.functions.http import ROUTE_OF, WITH_SESSION, asked, assert_problem, call, request
from tests.functions.stage import SESSION_KEYS, Stage


def _claims(**changes: object) -> dict[str, object]:
    now = int(datetime.now(UTC).timestamp())
    good = {"iss": "huixue", "aud": "demo", "sub": "mem_a", "iat": now, "exp": now + 7200}
    return good | changes


def _signed(
    claims: dict[str, object], *, key: bytes = b"2" * 64, kid: str = "s2", alg: str = "HS256"
) -> str:
    return jwt.encode(claims, key, algorithm=alg, headers={"kid": kid})


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _unsigned(alg: str, signature: str = "") -> str:
    return f"{_part({'alg': alg, 'typ': 'JWT', 'kid': 's2'})}.{_part(_claims())}.{signature}"


def _tampered() -> str:
    head, _, signature = _signed(_claims()).split(".")
    return f"{head}.{_part(_claims(sub='mem_b'))}.{signature}"


def _of(seconds_ago: int) -> str:
    now = int(datetime.now(UTC).timestamp()) - seconds_ago
    return _signed(_claims(iat=now, exp=now + 7200))


BAD: dict[str, Callable[[], str | None]] = {
    "none": lambda: None,
    "empty": lambda: "",
    "wrong scheme": lambda: f"Basic {_signed(_claims())}",
    "no scheme": lambda: _signed(_claims()),
    "scheme alone": lambda: "Bearer",
    "garbage": lambda: "Bearer é\ud800.b.c",
    "too long": lambda: "Bearer " + "a" * 9000,
    "expired": lambda: f"Bearer {_of(7201)}",
    "of the future": lambda: f"Bearer {_of(-60)}",
    "foreign key": lambda: f"Bearer {_signed(_claims(), key=b'9' * 64)}",
    "key of another kid": lambda: f"Bearer {_signed(_claims(), key=b'1' * 64)}",
    "unknown kid": lambda: f"Bearer {_signed(_claims(), kid='s9')}",
    "alg none": lambda: f"Bearer {_unsigned('none')}",
    "alg none with a signature": lambda: f"Bearer {_unsigned('none', 'AAAA')}",
    "alg RS256": lambda: f"Bearer {_unsigned('RS256', 'A' * 342)}",
    "alg HS512": lambda: f"Bearer {_signed(_claims(), alg='HS512')}",
    "other issuer": lambda: f"Bearer {_signed(_claims(iss='somebody'))}",
    "tampered": lambda: f"Bearer {_tampered()}",
    "audiences": lambda: f"Bearer {_signed(_claims(aud=['demo', 'other']))}",
    "no audience": lambda: f"Bearer {_signed(_claims(aud=''))}",
    "longer than two hours": lambda: f"Bearer {_signed(_claims(exp=_of_exp()))}",
    "two tokens": lambda: f"Bearer {_signed(_claims())}, Bearer {_signed(_claims())}",
}


def _of_exp() -> int:
    return int(datetime.now(UTC).timestamp()) + 7300


@pytest.mark.parametrize("function", WITH_SESSION)
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_token_is_refused_before_any_work(
    shared_stage: Stage, function: str, kind: str
) -> None:
    event = request(function, headers={"authorization": BAD[kind]()})
    before = shared_stage.contents()
    shared_stage.calls.clear()

    found = asked(shared_stage, function, event)

    assert_problem(found, 401, "UNAUTHENTICATED")
    assert set(shared_stage.calls) <= {"secretsmanager.GetSecretValue"}
    assert shared_stage.contents() == before


@pytest.mark.parametrize("function", WITH_SESSION)
def test_a_token_is_looked_at_before_the_body_and_the_query(
    shared_stage: Stage, function: str
) -> None:
    event = request(function, raw="no JSON", query={"limit": "x", "cursor": "x"})

    assert_problem(asked(shared_stage, function, event), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize("kid", SESSION_KEYS.keys)
def test_keys_of_before_a_rotation_still_open_the_door(shared_stage: Stage, kid: str) -> None:
    token = _signed(_claims(), key=SESSION_KEYS.keys[kid], kid=kid)

    assert call(shared_stage, "get_points", token=token).status == 200


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_written_in_any_case(shared_stage: Stage, scheme: str) -> None:
    headers: dict[str, Any] = {"Authorization": f"{scheme} {shared_stage.token()}"}

    assert call(shared_stage, "get_points", headers=headers).status == 200


def test_a_token_of_a_programme_that_was_never_published_opens_nothing(
    shared_stage: Stage,
) -> None:
    """Our own key never signs one; a deployment whose programmes were lost answers like this."""
    token = shared_stage.token(programme_id="gone")
    before = shared_stage.contents()
    body = {"platform": "taobao", "order_number": "1" * 16}

    found = call(shared_stage, "submit_order", token=token, body=body)

    assert_problem(found, 404, "PROGRAMME_NOT_FOUND")
    assert shared_stage.contents() == before


def test_health_document_sign_in_and_the_calendar_feed_need_no_token() -> None:
    open_doors = {route.function for route in ROUTE_OF.values() if not route.needs_session}

    assert open_doors == {"get_health", "get_openapi", "sign_in", "get_calendar_feed"}
