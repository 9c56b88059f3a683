"""Ids: random ones for members and requests, derived ones for everything that must be repeatable.

A derived id is a digest of its source, so the same source gives the same id for ever (TigerBeetle's
"the id is the idempotency key"). No id carries personal data.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, field
from typing import NewType

MemberId = NewType("MemberId", str)
ProgrammeId = NewType("ProgrammeId", str)
OrderRef = NewType("OrderRef", str)
"""`platform:key_id:digest`: keyed hash of a parent order number; a permanent key."""
AccountRef = NewType("AccountRef", str)
"""`platform:key_id:digest`: keyed hash of a buyer's platform account."""
LineId = NewType("LineId", str)
ClaimId = NewType("ClaimId", str)
SyncId = NewType("SyncId", str)

_DIGEST_CHARS = 26  # 130 bits in base32: collisions stay out of reach for any number of orders


def _base32(digest: bytes) -> str:
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()[:_DIGEST_CHARS]


def derived_id(prefix: str, *parts: str) -> str:
    """`prefix_digest` of the parts; parts are joined unambiguously (each with its length)."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return f"{prefix}_{_base32(hashlib.sha256(joined.encode()).digest())}"


def random_id(prefix: str, random_bytes: bytes) -> str:
    """`prefix_…` from 16 or more bytes the caller drew; randomness is passed in, never taken here."""
    if len(random_bytes) < 16:
        raise ValueError("an id needs at least 16 random bytes")
    return f"{prefix}_{_base32(random_bytes)}"


def normalised(text: str) -> str:
    """NFKC and trimmed: what is hashed. Pinned by vectors in tests/unit/kernel/test_ids.py, never changed."""
    return unicodedata.normalize("NFKC", text).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedHash:
    """HMAC-SHA256 with the deployment's permanent key; `key_id` is part of every value it makes."""

    key_id: str
    key: bytes = field(repr=False)

    def order_ref(self, platform: str, order_number: str) -> OrderRef:
        return OrderRef(self._ref("order", platform, normalised(order_number)))

    def account_ref(self, platform: str, account: str) -> AccountRef:
        return AccountRef(self._ref("account", platform, normalised(account)))

    def line_key(self, platform: str, sub_order_number: str) -> str:
        return self._digest("line", platform, normalised(sub_order_number))

    def identity_ref(self, kind: str, value: str) -> str:
        """`kind` is `openid` or `unionid`."""
        return self._ref("identity", kind, normalised(value))

    def _ref(self, purpose: str, scope: str, value: str) -> str:
        return f"{scope}:{self.key_id}:{self._digest(purpose, scope, value)}"

    def _digest(self, purpose: str, scope: str, value: str) -> str:
        message = f"{purpose}|{scope}|{value}".encode()
        return _base32(hmac.new(self.key, message, hashlib.sha256).digest())
