"""The programme's word for the order pool: the `Rules` port of orders, on programmes and verified levels."""

from __future__ import annotations

from collections.abc import Callable

from huixue.kernel.ids import MemberId
from huixue.kernel.terms import Terms
from huixue.members import levels
from huixue.members.ports import MemberStore
from huixue.programme import model as programmes
from huixue.programme.use_cases import CachedProgrammes


class ProgrammeRules:
    """Stores are built when they are first asked for: a function that only checks a platform has no members table."""

    def __init__(
        self, published: Callable[[], CachedProgrammes], members: Callable[[], MemberStore]
    ) -> None:
        self._published = published
        self._members = members

    def offers(self, programme_id: str, platform: str) -> bool:
        _, programme = self._published().current(programme_id)
        return programmes.offers(programme, platform)

    def terms_for(
        self, programme_id: str, room: str, platform: str, member_id: MemberId
    ) -> Terms | None:
        owner, _, room_id = room.partition("/")
        if owner != programme_id:
            return None
        version, programme = self._published().current(programme_id)
        level = levels.level_of(member_id, room_id, store=self._members())
        return programmes.terms_for(programme, version, room_id, platform, level)

    def window_days(self, programme_id: str, platform: str) -> int:
        _, programme = self._published().current(programme_id)
        selling = [room.on(platform) for room in programme.rooms]
        return max((each.window_days for each in selling if each is not None), default=0)

    def paid_within_days(self, programme_id: str, platform: str) -> int:
        _, programme = self._published().current(programme_id)
        selling = [room.on(platform) for room in programme.rooms]
        return max((paid_within_days(each) for each in selling if each is not None), default=0)


CONFIRMED_WITHIN_DAYS = 60
"""Platforms confirm receipt by themselves after two to six weeks; later is a dispute."""


def paid_within_days(selling: programmes.RoomPlatform) -> int:
    late = CONFIRMED_WITHIN_DAYS if selling.window_clock == "confirmed_at" else 0
    return selling.window_days + late
