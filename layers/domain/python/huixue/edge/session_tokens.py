"""Session tokens: JWT (RFC 7519), HS256 and nothing else, at most two hours, one audience (the programme).

Times are checked here against the clock that is passed in, with no leeway; PyJWT checks the signature only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt

from huixue.kernel.calendar import to_epoch_s
from huixue.kernel.errors import HuixueError, MisconfiguredError
from huixue.kernel.ids import MemberId, ProgrammeId

ISSUER = "huixue"
ALGORITHM = "HS256"
MAX_LIFETIME_S = 7200

_MIN_KEY_BYTES = 32  # RFC 7518 section 3.2: as long as the digest
_MAX_TOKEN_CHARS = 2048
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
"""RFC 7515 section 7.1. Without padding, so that there is exactly one spelling of a token."""
_CLAIMS: Mapping[str, type] = {"iss": str, "aud": str, "sub": str, "iat": int, "exp": int}


class UnauthenticatedError(HuixueError):
    """No valid session. The client learns no more; `facts["why"]` is for the log and never holds the token."""

    code = "UNAUTHENTICATED"

    def __init__(self, why: str) -> None:
        super().__init__("the session is not valid", why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    member_id: MemberId
    programme_id: ProgrammeId


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKeys:
    """Keys by `kid`: `current` signs, all of them verify (so a key can be replaced without ending sessions)."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise MisconfiguredError("the session keys do not hold the current one")
        if any(len(key) < _MIN_KEY_BYTES for key in self.keys.values()):
            raise MisconfiguredError(f"a session key is shorter than {_MIN_KEY_BYTES} bytes")

    @classmethod
    def from_secret(cls, text: str) -> SessionKeys:
        """`{"current": "s1", "s1": "<64 characters>"}`, the form of SessionKeysSecret in `infra/data.yaml`.

        Raises MisconfiguredError, which never shows any of the text.
        """
        try:
            values = json.loads(text)
        except ValueError:
            values = None
        if not isinstance(values, dict) or not all(
            isinstance(each, str) for each in values.values()
        ):
            raise MisconfiguredError("the session keys secret is no JSON object of text values")
        keys = {kid: key.encode() for kid, key in values.items() if kid != "current"}
        return cls(current=values.get("current", ""), keys=keys)


def issue(
    member_id: MemberId,
    programme_id: ProgrammeId,
    *,
    keys: SessionKeys,
    now: datetime,
    lifetime_s: int = MAX_LIFETIME_S,
) -> tuple[str, datetime]:
    """The token and the instant from which it is refused (whole seconds).

    Raises ValueError for a lifetime that is not 1 to 7200 seconds.
    """
    if not 1 <= lifetime_s <= MAX_LIFETIME_S:
        raise ValueError(f"a session lasts 1 to {MAX_LIFETIME_S} seconds")
    issued_at = to_epoch_s(now)
    claims = {
        "iss": ISSUER,
        "aud": programme_id,
        "sub": member_id,
        "iat": issued_at,
        "exp": issued_at + lifetime_s,
    }
    key = keys.keys[keys.current]
    token = jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": keys.current})
    return token, datetime.fromtimestamp(issued_at + lifetime_s, UTC)


def verified(token: str, *, keys: SessionKeys, now: datetime) -> Session:
    """Whose session this is. Raises UnauthenticatedError for everything else, whatever the reason."""
    if len(token) > _MAX_TOKEN_CHARS or _COMPACT.fullmatch(token) is None:
        raise UnauthenticatedError("not a token")
    claims = _signed_claims(token, keys)
    for name, kind in _CLAIMS.items():
        if type(claims.get(name)) is not kind:  # exact: true is an int to isinstance
            raise UnauthenticatedError(f"claim {name} is missing or of the wrong type")
    _check_values(claims, now)
    return Session(member_id=MemberId(claims["sub"]), programme_id=ProgrammeId(claims["aud"]))


def _signed_claims(token: str, keys: SessionKeys) -> dict[str, Any]:
    """PyJWT's own checks of claims are off: it takes the machine's clock and allows lists as audience."""
    options: Any = {
        "verify_signature": True, "verify_exp": False, "verify_nbf": False, "verify_iat": False,
        "verify_aud": False, "verify_iss": False, "verify_sub": False, "verify_jti": False,
    }  # fmt: skip
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str) or kid not in keys.keys:
            raise UnauthenticatedError("unknown kid")
        return jwt.decode(token, keys.keys[kid], algorithms=[ALGORITHM], options=options)
    except (jwt.PyJWTError, ValueError) as error:  # ValueError: header bytes that are no UTF-8
        raise UnauthenticatedError(type(error).__name__) from None


def _check_values(claims: Mapping[str, Any], now: datetime) -> None:
    if claims["iss"] != ISSUER:
        raise UnauthenticatedError("foreign issuer")
    if not claims["sub"] or not claims["aud"]:
        raise UnauthenticatedError("empty subject or audience")
    if not 1 <= claims["exp"] - claims["iat"] <= MAX_LIFETIME_S:
        raise UnauthenticatedError("lifetime out of range")
    if claims["iat"] > now.timestamp():
        raise UnauthenticatedError("issued in the future")
    if claims["exp"] <= now.timestamp():
        raise UnauthenticatedError("expired")
