"""The terms that orders would have under another version of the programme, for `huixue simulate`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from huixue.kernel.ids import MemberId
from huixue.kernel.terms import Terms
from huixue.members.levels import verified_levels
from huixue.members.model import MemberNotFoundError
from huixue.members.ports import MemberStore
from huixue.orders.amounts import LineFacts, facts_of
from huixue.orders.matching import Own, owned_by
from huixue.orders.model import Line, Order, Ownership
from huixue.orders.pricing import quote_of
from huixue.programme import policy
from huixue.programme.model import Programme

NOBODY = MemberId("")
_DUE, _DUE_OR_PENDING = frozenset({"due"}), frozenset({"due", "pending"})
_Levels = dict[str, tuple[str | None, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A version of a programme as if it had been in force."""

    programme: Programme
    version: int
    members: MemberStore
    now: datetime
    _levels: dict[MemberId, _Levels] = field(default_factory=dict)

    def terms_of_line(self, order: Order, line: Line) -> Terms | None:
        """For an order that has an owner: the terms of the room it was claimed in, with the level that counted, or
        the one that was verified when she got it. None where the order would bring nothing."""
        owner = order.ownership
        if owner is None or self.is_staff(order):
            return None
        level = owner.terms.level or self._level_then(owner)
        return self._terms(
            owner.terms.room_id, order.platform, level, line.paid_at or order.paid_at
        )

    def ownership_of(self, order: Order) -> Ownership | None:
        """As if somebody without a level claimed this free order now; None where she would be refused."""

        def terms_for(room: str, paid_at: datetime | None) -> Terms | None:
            programme_id, _, room_id = room.partition("/")
            if programme_id != self.programme.programme_id:
                return None
            return self._terms(room_id, order.platform, None, paid_at)

        decision = owned_by(
            order, NOBODY, via="", proven=False, terms_for=terms_for,
            is_staff=lambda account: policy.is_staff(self.programme, account),
            asked_at=self.now, now=self.now,
        )  # fmt: skip
        return decision.ownership if isinstance(decision, Own) else None

    def is_staff(self, order: Order) -> bool:
        return any(policy.is_staff(self.programme, each) for each in order.account_refs)

    def _terms(
        self, room_id: str, platform: str, level: str | None, paid_at: datetime | None
    ) -> Terms | None:
        return policy.terms_for(
            self.programme, self.version, room_id, platform, level, paid_at=paid_at, now=self.now
        )

    def _level_then(self, owner: Ownership) -> str | None:
        """A level she got later is no effect of the draft."""
        if owner.member_id not in self._levels:
            self._levels[owner.member_id] = self._read_levels(owner.member_id)
        level, set_at = self._levels[owner.member_id].get(owner.terms.room_id, (None, self.now))
        return level if set_at <= owner.owned_at else None

    def _read_levels(self, member_id: MemberId) -> _Levels:
        try:
            found = verified_levels(member_id, store=self.members)
        except MemberNotFoundError:
            return {}
        return {room: (each.level, each.set_at) for room, each in found.items()}


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the replay itself does not count: what is spendable by now, and what nobody has claimed yet."""

    draft: Draft
    present: Draft
    since: datetime
    due_now: int = 0
    due_draft: int = 0
    unclaimed_lines: int = 0
    unclaimed_now: int = 0
    unclaimed_draft: int = 0

    def add(self, order: Order) -> None:
        if order.ownership is None:
            self._add_unclaimed(order)
            return
        for facts in self._inside(order):
            self.due_now += _worth(order, facts, self.draft.now, _DUE)
            terms = self.draft.terms_of_line(order, facts.line)
            if terms is not None:
                drafted = replace(order, ownership=replace(order.ownership, terms=terms))
                self.due_draft += _worth(drafted, facts, self.draft.now, _DUE)

    def _add_unclaimed(self, order: Order) -> None:
        self.unclaimed_now += sum(self._worths(order, self.present.ownership_of(order)))
        worths = self._worths(order, self.draft.ownership_of(order))
        self.unclaimed_lines += sum(worth > 0 for worth in worths)
        self.unclaimed_draft += sum(worths)

    def _worths(self, order: Order, ownership: Ownership | None) -> list[int]:
        if ownership is None:
            return []
        owned = replace(order, ownership=ownership)
        now = self.draft.now
        return [_worth(owned, facts, now, _DUE_OR_PENDING) for facts in self._inside(owned)]

    def _inside(self, order: Order) -> list[LineFacts]:
        """Lines paid in the time that is replayed."""
        return [
            facts
            for facts in facts_of(order)
            if facts.paid_at is not None
            and self.since <= facts.paid_at <= self.draft.now
            and not facts.moved
        ]


def _worth(order: Order, facts: LineFacts, now: datetime, statuses: frozenset[str]) -> int:
    quote = quote_of(order, facts, now)
    return quote.points if quote.status in statuses else 0
