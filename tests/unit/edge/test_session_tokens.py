from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.edge.session_tokens import (
    MAX_LIFETIME_S,
    Session,
    SessionKeys,
    UnauthenticatedError,
    issue,
    verified,
)
from huixue.kernel.errors import MisconfiguredError
from huixue.kernel.ids import MemberId, ProgrammeId

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
KEYS = SessionKeys(current="s2", keys={"s1": b"1" * 32, "s2": b"2" * 64})
CLAIMS: dict[str, Any] = {
    "iss": "huixue",
    "aud": "demo",
    "sub": "m1",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + MAX_LIFETIME_S,
}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ é\ud800"


def token_of(now: datetime = NOW, keys: SessionKeys = KEYS) -> str:
    return issue(MemberId("m1"), ProgrammeId("demo"), keys=keys, now=now)[0]


def signed(claims: dict[str, Any], *, kid: object = "s2", key: bytes = b"2" * 64) -> str:
    return jwt.encode(claims, key, algorithm="HS256", headers={"kid": kid})


def assert_refused(token: str, *, now: datetime = NOW, keys: SessionKeys = KEYS) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        verified(token, keys=keys, now=now)
    assert refused.value.code == "UNAUTHENTICATED"
    assert refused.value.message == "the session is not valid"
    assert len(token) < 20 or token not in str(refused.value.facts)


def test_an_issued_token_names_its_member_and_programme_until_it_expires() -> None:
    token, expires_at = issue(MemberId("m1"), ProgrammeId("demo"), keys=KEYS, now=NOW)

    session = Session(member_id=MemberId("m1"), programme_id=ProgrammeId("demo"))
    assert expires_at == NOW + timedelta(hours=2)
    assert verified(token, keys=KEYS, now=NOW) == session
    assert verified(token, keys=KEYS, now=expires_at - timedelta(microseconds=1)) == session
    assert_refused(token, now=expires_at)


def test_a_token_issued_within_a_second_is_good_at_once_and_not_before_that_second() -> None:
    issued_at = NOW + timedelta(microseconds=900_000)

    token, expires_at = issue(
        MemberId("m1"), ProgrammeId("demo"), keys=KEYS, now=issued_at, lifetime_s=1
    )

    assert expires_at == NOW + timedelta(seconds=1)
    assert verified(token, keys=KEYS, now=issued_at)
    assert_refused(token, now=NOW - timedelta(microseconds=1))


@pytest.mark.parametrize("lifetime_s", [0, -1, MAX_LIFETIME_S + 1])
def test_no_token_lives_longer_than_two_hours_or_not_at_all(lifetime_s: int) -> None:
    with pytest.raises(ValueError, match="1 to 7200"):
        issue(MemberId("m1"), ProgrammeId("d"), keys=KEYS, now=NOW, lifetime_s=lifetime_s)


@given(data=st.data())
def test_a_token_with_any_one_character_changed_is_refused(data: st.DataObject) -> None:
    token = token_of()
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(ALPHABET.replace(token[at], "")))

    assert_refused(token[:at] + other + token[at + 1 :])


def test_every_single_change_of_the_last_character_is_refused() -> None:
    token = token_of()

    for other in ALPHABET.replace(token[-1], ""):
        assert_refused(token[:-1] + other)


@given(st.integers(0, 400), st.sampled_from(["", "=", "==", ".", "a", "\n", " "]))
def test_a_token_cut_or_with_something_put_in_is_refused(at: int, put_in: str) -> None:
    token = token_of()
    at = min(at, len(token) - (put_in == ""))

    assert_refused(token[:at] + put_in + (token[at + 1 :] if put_in == "" else token[at:]))


@given(st.text(max_size=60) | st.text("abcAB09_-.", max_size=60))
def test_any_other_text_is_refused_and_nothing_worse(text: str) -> None:
    assert_refused(text)


def test_a_token_longer_than_any_of_ours_is_refused() -> None:
    assert_refused(signed(CLAIMS | {"more": "x" * 4000}))


@pytest.mark.parametrize("header", [b"[]", b"{", b"\xff\xfe", b'{"alg":"HS256"}', b"[" * 1000])
def test_a_header_that_is_none_is_refused(header: bytes) -> None:
    rest = token_of().split(".", 1)[1]

    assert_refused(base64.urlsafe_b64encode(header).decode().rstrip("=") + "." + rest)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS384", "HS512", "RS256", "ES256"])
def test_any_algorithm_but_hs256_is_refused(algorithm: str) -> None:
    header = json.dumps({"alg": algorithm, "typ": "JWT", "kid": "s2"}).encode()
    first = base64.urlsafe_b64encode(header).decode().rstrip("=")
    _, payload, signature = token_of().split(".")

    assert_refused(f"{first}.{payload}.{signature}")
    assert_refused(f"{first}.{payload}.")
    assert_refused(f"{first}.{payload}.AA")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_a_right_signature_with_another_algorithm_is_refused(algorithm: str) -> None:
    assert_refused(jwt.encode(CLAIMS, b"2" * 64, algorithm=algorithm, headers={"kid": "s2"}))


def test_a_foreign_key_is_refused_and_so_is_one_of_ours_under_another_kid() -> None:
    assert_refused(signed(CLAIMS, key=b"3" * 64))
    assert_refused(signed(CLAIMS, kid="s1"))


@pytest.mark.parametrize("kid", ["s3", "", "current"])
def test_an_unknown_kid_is_refused(kid: str) -> None:
    assert_refused(signed(CLAIMS, kid=kid))


def test_a_token_without_kid_is_refused() -> None:
    assert_refused(jwt.encode(CLAIMS, b"2" * 64, algorithm="HS256"))


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_a_token_without_one_of_the_claims_is_refused(claim: str) -> None:
    assert_refused(signed({name: value for name, value in CLAIMS.items() if name != claim}))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("aud", ["demo"]), ("aud", None), ("aud", 1), ("aud", {}), ("aud", ""),
        ("sub", ""), ("sub", 5), ("sub", None),
        ("iss", "other"), ("iss", "huixue "),
        ("exp", str(CLAIMS["exp"])), ("exp", float(CLAIMS["exp"])), ("exp", True), ("exp", None),
        ("exp", 10**30), ("exp", CLAIMS["iat"]), ("exp", -1), ("exp", CLAIMS["exp"] + 1),
        ("iat", float(CLAIMS["iat"])), ("iat", CLAIMS["iat"] + 1), ("iat", 0), ("iat", False),
    ],
)  # fmt: skip
def test_a_claim_of_the_wrong_type_or_value_is_refused(claim: str, value: object) -> None:
    assert_refused(signed(CLAIMS | {claim: value}))


def test_the_untampered_claims_of_these_tests_are_accepted() -> None:
    assert verified(signed(CLAIMS), keys=KEYS, now=NOW).member_id == "m1"


def test_a_replaced_key_still_verifies_until_it_is_taken_out() -> None:
    before = SessionKeys(current="s1", keys={"s1": b"1" * 32})
    token = token_of(keys=before)

    assert verified(token, keys=KEYS, now=NOW)
    assert_refused(token, keys=SessionKeys(current="s2", keys={"s2": b"2" * 64}))
    assert jwt.get_unverified_header(token_of())["kid"] == "s2"


def test_keys_are_read_from_the_secret_as_cloudformation_makes_it() -> None:
    keys = SessionKeys.from_secret(json.dumps({"current": "s1", "s1": "x" * 64}))

    assert keys == SessionKeys(current="s1", keys={"s1": b"x" * 64})
    assert "xxx" not in repr(keys)


@pytest.mark.parametrize(
    "secret",
    [
        "", "no json", "[]", "null", "{}", '{"current": "s1"}', '{"s1": "%s"}' % ("x" * 64),
        '{"current": "s1", "s1": "%s"}' % ("x" * 31), '{"current": "current"}',
        '{"current": "s1", "s1": 5}', '{"current": ["s1"], "s1": "%s"}' % ("x" * 64),
        '{"current": "s1", "s1": "%s", "s2": "short"}' % ("x" * 64),
    ],
)  # fmt: skip
def test_a_secret_that_holds_no_good_keys_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(MisconfiguredError) as refused:
        SessionKeys.from_secret(secret)

    assert "xxx" not in refused.value.message
