"""Bad input at the real gateway: refused, in the one form of all problems."""

from __future__ import annotations

import json

import pytest

from tests.journeys.conftest import Place, Season

pytestmark = pytest.mark.ministack


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/v1/nowhere", None, 404, None),
        ("DELETE", "/v1/points", None, 404, None),
        ("POST", "/v1/orders", b"x" * 300_000, 413, "BODY_TOO_LARGE"),
        ("POST", "/v1/orders", b"no json", 400, None),
        ("POST", "/v1/orders", b"{}", 400, None),
        ("POST", "/v1/orders", b'{"platform":"amazon","order_number":"12345678"}', 422, None),
        ("GET", "/v1/points/entries?cursor=abc", None, 400, None),
        ("GET", "/v1/points/entries?limit=0", None, 400, None),
        ("GET", "/v1/orders/clm_nobodys", None, 404, None),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_the_real_gateway(
    place: Place, season: Season, method: str, path: str, body: bytes | None, status: int,
    code: str | None,
) -> None:  # fmt: skip
    member = place.members[0] if place.members else place.member("anmei")
    headers = {"content-type": "application/json", "authorization": f"Bearer {member._token}"}

    reply = place.http.request(method, place.address + path, body=body, headers=headers)

    problem = json.loads(reply.data)
    assert reply.status == status, problem
    assert reply.headers["content-type"].startswith("application/problem+json")
    assert code is None or problem["code"] == code


@pytest.mark.parametrize("token", [None, "Bearer nonsense", "Bearer eyJhbGciOiJub25lIn0.e30."])
@pytest.mark.parametrize("path", ["/v1/points", "/v1/points/entries", "/v1/orders"])
def test_nobody_reads_anything_without_a_session(
    place: Place, path: str, token: str | None
) -> None:
    headers = {"authorization": token} if token else {}

    reply = place.http.request("GET", place.address + path, headers=headers)

    assert reply.status == 401
    assert "points" not in json.loads(reply.data)
