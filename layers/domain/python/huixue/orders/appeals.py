"""Appeals: a member opens a case about a claim of hers, or about redemptions that were stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from huixue.kernel.errors import NotFoundError
from huixue.kernel.ids import MemberId
from huixue.orders.claims import ClaimDesk
from huixue.orders.disputes import (
    APPEALABLE,
    Case,
    NotAppealableError,
    NotFrozenError,
    case_id_of,
    claim_case,
    freeze_case,
    same_appeal,
)
from huixue.orders.ports import Postings
from huixue.orders.reading import read_claim


class CaseBook(Protocol):
    def case(self, member_id: MemberId, case_id: str) -> Case | None:
        """Consistent."""
        ...

    def cases(self, member_ids: Sequence[MemberId], case_id: str) -> list[Case]:
        """Those that these members have under the id; one consistent read."""
        ...

    def open_case(self, case: Case) -> Case:
        """Stores it if absent; returns what is stored now, which may be an earlier one."""
        ...

    def open_cases(self, limit: int) -> list[Case]:
        """Cases nobody has decided, oldest first; eventually consistent."""
        ...


class Taken(NamedTuple):
    case: Case
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """What is told of redemptions that are stopped now, and of whom."""

    member_id: MemberId
    since: datetime


def appeal_claim(
    member_id: MemberId, claim_id: str, message: str, *, desk: ClaimDesk, cases: CaseBook,
    postings: Postings,
) -> Taken:  # fmt: skip
    """Opens the case of a claim, or finds it. Only a claim that waits or was rejected can be appealed; what lies
    behind it (somebody else's order, or none) changes neither the answer nor the calls. Repeatable, for ever. Raises
    NotFoundError for a claim that is not hers, NotAppealableError, MismatchError for another message."""
    hers = desk.lineage(member_id)
    found = cases.cases(hers, case_id_of(claim_id))
    if found:
        return Taken(same_appeal(found[0], message), is_new=False)
    view = read_claim(member_id, claim_id, desk=desk, postings=postings)
    if view.status not in APPEALABLE:
        raise NotAppealableError("the claim neither waits nor was rejected", status=view.status)
    return _opened(claim_case(view.claim, message, desk.now()), cases)


def appeal_freeze(
    freeze: Freeze | None, programme_id: str, message: str, *, cases: CaseBook, now: datetime
) -> Taken:
    """Opens the case of a freeze, or finds it. Raises NotFrozenError, MismatchError for another message."""
    if freeze is None:
        raise NotFrozenError("her redemptions are not stopped")
    case = freeze_case(freeze.member_id, programme_id, freeze.since, message, now)
    return _opened(case, cases)


def _opened(case: Case, cases: CaseBook) -> Taken:
    stored = cases.open_case(case)
    is_new = stored == case
    return Taken(same_appeal(stored, case.message), is_new=is_new)


def find_case(case_id: str, *, member_id: MemberId | None, cases: CaseBook, limit: int) -> Case:
    """A case by its id: of the member, or, where nobody is named, among the open ones. Raises NotFoundError."""
    if member_id is not None:
        found = cases.case(member_id, case_id)
    else:
        found = next((each for each in cases.open_cases(limit) if each.case_id == case_id), None)
    if found is None:
        raise NotFoundError("no such case; decided ones are found with their member's id")
    return found
