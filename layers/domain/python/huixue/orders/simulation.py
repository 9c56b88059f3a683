"""What a draft of the rules would have given for the orders of the last days (OC-E11). Pure: nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from huixue.kernel.ids import MemberId
from huixue.kernel.terms import Terms
from huixue.orders.amounts import LineFacts, facts_of
from huixue.orders.model import Line, Order
from huixue.orders.pricing import quote_of

SHOWN = 20
"""Members listed who would gain, and who would lose, the most."""
DraftTerms = Callable[[Order, Line], Terms | None]
"""The terms a line would get under the draft; None where it would not be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    member_id: MemberId
    points_now: int
    points_draft: int

    @property
    def points(self) -> int:
        return self.points_draft - self.points_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    lines: int
    """Owned lines paid in the time looked at."""
    lines_changed: int
    members: int
    members_affected: int
    """Whose points would be others in sum."""
    points_now: int
    """Due and pending; what caps keep back is not taken off, here and there."""
    points_draft: int
    gainers: tuple[Change, ...]
    losers: tuple[Change, ...]


def simulated(
    orders: Iterable[Order], draft_terms: DraftTerms, since: datetime, now: datetime
) -> Simulation:
    """Every owned line paid since then (up to `now`) under the terms it has and under the draft's."""
    lines = changed = 0
    points_now: Counter[MemberId] = Counter()
    points_draft: Counter[MemberId] = Counter()
    for order in orders:
        owner = order.ownership
        if owner is None:
            continue
        for facts in facts_of(order):
            if facts.moved or facts.paid_at is None or not since <= facts.paid_at <= now:
                continue
            present, draft = (
                _worth_now(order, facts, now),
                _worth_then(order, facts, draft_terms, now),
            )
            lines, changed = lines + 1, changed + (present != draft)
            points_now[owner.member_id] += present
            points_draft[owner.member_id] += draft
    return _summed(lines, changed, points_now, points_draft)


def _worth_now(order: Order, facts: LineFacts, now: datetime) -> int:
    quote = quote_of(order, facts, now)
    return quote.points if quote.status in {"due", "pending"} else 0


def _worth_then(order: Order, facts: LineFacts, draft_terms: DraftTerms, now: datetime) -> int:
    terms = draft_terms(order, facts.line)
    if terms is None or order.ownership is None:
        return 0
    drafted = replace(order, ownership=replace(order.ownership, terms=terms))
    return _worth_now(drafted, facts, now)


def _summed(
    lines: int, changed: int, points_now: Counter[MemberId], points_draft: Counter[MemberId]
) -> Simulation:
    changes = [
        Change(member_id=each, points_now=points_now[each], points_draft=points_draft[each])
        for each in sorted(points_now)
    ]
    affected = [each for each in changes if each.points != 0]
    ranked = sorted(affected, key=lambda each: (-each.points, each.member_id))
    return Simulation(
        lines=lines,
        lines_changed=changed,
        members=len(changes),
        members_affected=len(affected),
        points_now=points_now.total(),
        points_draft=points_draft.total(),
        gainers=tuple([each for each in ranked if each.points > 0][:SHOWN]),
        losers=tuple([each for each in reversed(ranked) if each.points < 0][:SHOWN]),
    )
