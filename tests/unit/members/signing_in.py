"""Short words for sign-ins in tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

from huixue.kernel.ids import KeyedHash, MemberId, ProgrammeId
from huixue.members.model import SignedIn, SignInIdentity
from huixue.members.ports import LedgerMerge, MemberStore
from huixue.members.use_cases import living_member, sign_in
from tests.unit.members.fakes import NoLedger

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
HASHES = KeyedHash(key_id="k1", key=b"k" * 32)


def identity(
    openid: str, unionid: str | None = None, *, app_id: str = "wx1", programme: str = "demo"
) -> SignInIdentity:
    return SignInIdentity(
        programme_id=ProgrammeId(programme), app_id=app_id, openid=openid, unionid=unionid
    )


def numbered_ids() -> Callable[[], MemberId]:
    numbers = count(1)
    return lambda: MemberId(f"m{next(numbers)}")


@dataclass
class Door:
    """Where people sign in."""

    store: MemberStore
    ledger: LedgerMerge = field(default_factory=NoLedger)
    now: datetime = NOW
    new_member_id: Callable[[], MemberId] = field(default_factory=numbered_ids)

    def sign_in(self, who: SignInIdentity) -> SignedIn:
        return sign_in(
            who,
            store=self.store,
            hashes=HASHES,
            now=self.now,
            new_member_id=self.new_member_id,
            ledger=self.ledger,
        )

    def living(self, member_id: MemberId) -> MemberId:
        return living_member(member_id, store=self.store).member_id


def door_of(store: MemberStore) -> Door:
    """With ids that differ between threads and runs."""
    return Door(store, new_member_id=lambda: MemberId(f"m{uuid4().hex}"))
