"""The programme's word for the order pool (its `Rules` port) and the ledger, on programmes and verified levels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from huixue.kernel.calendar import SystemClock
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.kernel.terms import Terms
from huixue.members import levels
from huixue.members.ports import MemberStore
from huixue.programme import model as programmes
from huixue.programme import policy
from huixue.programme.use_cases import CachedProgrammes


def _system_now() -> datetime:
    return SystemClock().now()


class ProgrammeRules:
    """Stores are built when they are first asked for: a function that only checks a platform has no members table.

    What every method says is what is in force now; each raises ProgrammeNotFoundError where there is no such programme.
    """

    def __init__(
        self,
        published: Callable[[], CachedProgrammes],
        members: Callable[[], MemberStore],
        now: Callable[[], datetime] = _system_now,
    ) -> None:
        self._published = published
        self._members = members
        self._now = now

    def offers(self, programme_id: str, platform: str) -> bool:
        _, programme = self._published().current(programme_id)
        return programmes.offers(programme, platform)

    def terms_for(
        self,
        programme_id: str,
        room: str,
        platform: str,
        member_id: MemberId,
        *,
        paid_at: datetime | None = None,
    ) -> Terms | None:
        """`paid_at` where all that is to be priced was paid at one known time: the terms stay smaller for it."""
        owner, _, room_id = room.partition("/")
        if owner != programme_id:
            return None
        version, programme = self._published().current(programme_id)
        level = levels.level_of(member_id, room_id, store=self._members())
        return policy.terms_for(
            programme, version, room_id, platform, level, paid_at=paid_at, now=self._now()
        )

    def policy(self, programme_id: str) -> LedgerPolicy:
        version, programme = self._published().current(programme_id)
        return policy.ledger_policy(programme, version)

    def is_staff(self, programme_id: str, account_ref: str) -> bool:
        """Whether a keyed account is one of the operator's own people, whose orders earn nothing (OC-M7)."""
        _, programme = self._published().current(programme_id)
        return policy.is_staff(programme, account_ref)

    def window_days(self, programme_id: str, platform: str) -> int:
        _, programme = self._published().current(programme_id)
        selling = [room.on(platform) for room in programme.rooms]
        return max((each.window_days for each in selling if each is not None), default=0)

    def paid_within_days(self, programme_id: str, platform: str) -> int:
        _, programme = self._published().current(programme_id)
        selling = [room.on(platform) for room in programme.rooms]
        return max(
            (policy.paid_within_days(each) for each in selling if each is not None), default=0
        )
