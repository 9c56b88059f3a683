"""Two accounts of one person become one: everything goes to the survivor, the other points on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from huixue.kernel.policies import LedgerPolicy
from huixue.points import movements
from huixue.points.model import Account, Entry
from huixue.points.posting import as_of, posted

JoinSheets = Callable[[str, str], str]
"""What the check-ins of two people who turn out to be one come to; neither text is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    closed: Account
    out_entries: Sequence[Entry]
    survivor: Account
    in_entries: Sequence[Entry]


def merged(
    old: Account, new: Account, *, policy: LedgerPolicy, now: datetime, join_sheets: JoinSheets
) -> Merged:
    """Both accounts after the merger, and their entries. What was due in either has happened first; of two open holds
    under one id the one that would come along is released: a hold is known by its id. Raises MemberErasedError."""
    present = as_of(old, policy, now)
    twice = [each for each in present.holds if each in as_of(new, policy, now).holds]
    freed = [movements.resolution(present, each, 0, "release", {}) for each in twice]
    settled, late = posted(old, freed, policy=policy, now=now)
    out = movements.merge_out(settled, new.member_id)
    emptied, out_entries = posted(settled, [out], policy=policy, now=now)
    sheet = _sheet_of_both(new, settled, join_sheets)
    come = [movements.merge_in(settled, check_in_sheet=sheet)]
    survivor, in_entries = posted(new, come, policy=policy, now=now)
    return Merged(
        closed=replace(emptied, merged_into=new.member_id, due_at=None),
        out_entries=[*late, *out_entries],
        survivor=replace(survivor, merged_from=(*new.merged_from, *old.merged_from, old.member_id)),
        in_entries=in_entries,
    )


def _sheet_of_both(new: Account, old: Account, join_sheets: JoinSheets) -> str | None:
    """None where nothing comes along: the survivor's stays as it is."""
    if not old.check_in_sheet or not new.check_in_sheet:
        return old.check_in_sheet or None
    return join_sheets(new.check_in_sheet, old.check_in_sheet)
