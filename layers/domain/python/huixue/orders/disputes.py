"""Cases: what a member says against a decision, and what an operator made of it. Values and pure rules.

A case is about a claim (somebody else has the order, or it was refused) or about redemptions that were stopped. There
is one for each claim and one for each freeze; its key is made from what it is about, so the same appeal again finds it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from huixue.kernel.calendar import to_text
from huixue.kernel.errors import HuixueError, MismatchError, RuleError
from huixue.kernel.ids import ClaimId, MemberId, derived_id
from huixue.kernel.terms import Terms
from huixue.orders.model import Claim, Order, Ownership
from huixue.orders.pricing import with_release

CaseStatus = Literal["open", "transferred", "lifted", "upheld", "closed"]
"""`transferred` the order is hers now · `lifted` she can redeem again · `upheld` it stays as it was · `closed` there
was nothing left to decide."""
Verdict = Literal["transfer", "lift", "uphold", "close"]
STATUS_OF: Mapping[Verdict, CaseStatus] = {
    "transfer": "transferred", "lift": "lifted", "uphold": "upheld", "close": "closed",
}  # fmt: skip
APPEALABLE = frozenset({"waiting", "rejected"})
"""Claims of these states may be appealed, whatever lies behind them."""
CLAIM_PREFIX, CASE_OF_CLAIM, CASE_OF_FREEZE = "clm_", "cas_", "frz_"


class NotAppealableError(RuleError):
    """The claim neither waits nor was it rejected."""

    code = "NOT_APPEALABLE"


class NotFrozenError(RuleError):
    """Her redemptions are not stopped."""

    code = "NOT_FROZEN"


class CaseDecidedError(HuixueError):
    """Another verdict was given before; `status` is the case's."""

    code = "CASE_DECIDED"


class VerdictRefusedError(RuleError):
    """The verdict cannot be carried out; `why` says what to do instead."""

    code = "VERDICT_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`subject` is the claim's id, or the id of the freeze."""

    case_id: str
    member_id: MemberId
    """As the claim, or the account, names her."""
    programme_id: str
    claim_id: ClaimId | None
    """None: about frozen redemptions."""
    message: str = field(repr=False)
    """Her own words: personal, in no log."""
    created_at: datetime
    frozen_since: datetime | None = None
    status: CaseStatus = "open"
    note: str | None = None
    """For the member."""
    decided_by: str | None = None
    """For operators alone."""
    decided_at: datetime | None = None


def case_id_of(claim_id: str) -> str:
    return CASE_OF_CLAIM + claim_id.removeprefix(CLAIM_PREFIX)


def claim_case(claim: Claim, message: str, now: datetime) -> Case:
    return Case(
        case_id=case_id_of(claim.claim_id), member_id=claim.member_id,
        programme_id=claim.programme_id, claim_id=claim.claim_id, message=message, created_at=now,
    )  # fmt: skip


def freeze_case(
    member_id: MemberId, programme_id: str, since: datetime, message: str, now: datetime
) -> Case:
    """One case for each freeze: its instant tells it from an earlier one."""
    return Case(
        case_id=derived_id(CASE_OF_FREEZE.rstrip("_"), member_id, to_text(since)),
        member_id=member_id, programme_id=programme_id, claim_id=None, message=message,
        created_at=now, frozen_since=since,
    )  # fmt: skip


def same_appeal(found: Case, message: str) -> Case:
    """The case made before. Raises MismatchError where it was made with other words."""
    if found.message != message:
        raise MismatchError("appealed before with another message", field="message")
    return found


def decided_case(case: Case, verdict: Verdict, by: str, note: str | None, now: datetime) -> Case:
    return replace(
        case, status=STATUS_OF[verdict], decided_by=by, note=note or None, decided_at=now
    )


def found_decided(case: Case, verdict: Verdict) -> bool:
    """Whether this verdict was given already (a reply was lost, or an operator asks twice). Raises
    CaseDecidedError for another one."""
    if case.status == "open":
        return False
    if case.status != STATUS_OF[verdict]:
        raise CaseDecidedError("the case was decided otherwise", status=case.status)
    return True


def owner_to_leave(order: Order | None, hers: Collection[str]) -> Ownership:
    """Whose the order is. Raises VerdictRefusedError where there is nobody to take it from."""
    if order is None or order.first_source is None:
        raise VerdictRefusedError(
            "the order is not in the pool", why="import the order first; it then finds its claim"
        )
    if order.ownership is None:
        raise VerdictRefusedError(
            "nobody owns the order", why="nothing to transfer: ask her to claim it again"
        )
    if order.ownership.member_id in hers:
        raise VerdictRefusedError("the order is hers already", why="close the case instead")
    return order.ownership


def transferred(order: Order, to: MemberId, terms: Terms, case_id: str, now: datetime) -> Order:
    """The order in other hands. `proven` is false: a verdict is no proof of a platform account, so the order never
    serves as one. What is credited, and from which source, stays as it was pinned; `terms` says under which terms."""
    before = order.ownership
    if before is None:
        raise AssertionError("only an owned order is transferred")
    after = replace(before, member_id=to, owned_at=now, via=case_id, proven=False, terms=terms)
    waiting = {key: value for key, value in order.waiting.items() if key != to}
    return with_release(replace(order, ownership=after, waiting=waiting), now)


def terms_for_new_owner(pinned: Terms, multiplier_percent: int, level: str | None) -> Terms:
    """The pinned terms (programme version, rate, campaigns, release: a rate that fell since does not count, nor one
    that rose) with the new owner's verified level, as that version of the programme rewards it."""
    return replace(pinned, multiplier_percent=multiplier_percent, level=level)
