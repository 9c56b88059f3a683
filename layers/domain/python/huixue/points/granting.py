"""Running a bulk grant: what was previewed is what is entered, or nothing is (LG-E6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from huixue.kernel.calendar import business_date
from huixue.kernel.errors import ContentionError, RuleError
from huixue.kernel.ids import MemberId, derived_id
from huixue.kernel.policies import LedgerPolicy
from huixue.points.four_eyes import MAX_ROUNDS, Proposal, Proposals, person
from huixue.points.grants import (
    Grant,
    GrantDesk,
    Preview,
    RowResult,
    posting,
    preview,
    result_of,
    shares_a_cap,
)
from huixue.points.ports import LedgerChangedError, LedgerDesk


class PreviewStaleError(RuleError):
    """What would be entered is no longer what was previewed."""

    code = "PREVIEW_STALE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    preview: Preview
    proposal: Proposal
    entered: int | None
    """Rows that this run entered; None while a second operator is waited for, or where none agreed."""


def run(
    grant: Grant, expected: str, *, at: GrantDesk, entered: Callable[[RowResult], None]
) -> Granted:
    """Enters every row of the grant that is not entered yet, if it comes to what was previewed under the hash
    `expected` and, above the threshold, a second operator agreed. `entered` hears of each row. May be repeated, run
    twice at once and die anywhere: the next run enters what is missing, and no row is entered twice.

    Raises PreviewStaleError before anything is written; where something changes while it runs, at the first row that
    would come to anything else, so that whatever was entered is as it was previewed.
    """
    seen = preview(grant, at=at)
    if seen.hash != expected:
        raise PreviewStaleError("this is no longer what was previewed", preview=seen.hash)
    stands = _registered(grant, seen, at)
    if stands.state not in {"agreed", "done"}:
        return Granted(preview=seen, proposal=stands, entered=None)

    def enter(results: Sequence[RowResult]) -> list[RowResult]:
        return [each for each in results if _enter(grant, each, at.desk)]

    count = 0
    for done in at.in_parallel(enter, _in_turn(grant, seen.missing, at.desk)):
        for each in done:
            count += 1
            entered(each)
    finished = replace(stands, state="done")
    if stands.state != "done":
        at.proposals.change(stands, finished)
    return Granted(preview=seen, proposal=finished, entered=count)


def _in_turn(grant: Grant, rows: Sequence[RowResult], desk: LedgerDesk) -> list[list[RowResult]]:
    """Rows that must follow one another as they were previewed, together: those that merges brought to one account,
    and all of them where they share a cap."""
    if shares_a_cap(desk.policy_of(grant.programme_id)):
        return [list(rows)]
    groups: dict[MemberId, list[RowResult]] = {}
    for each in rows:
        groups.setdefault(each.member_id, []).append(each)
    return list(groups.values())


def _enter(grant: Grant, expected: RowResult, desk: LedgerDesk) -> bool:
    """False where it was there already."""
    row, key = expected.row, grant.source_key(expected.row)
    for lost in range(MAX_ROUNDS):
        now, policy = desk.now(), desk.policy_of(grant.programme_id)
        seat = desk.ledger.seat(row.member_id, [key])
        if key in seat.entries:
            return False
        today = business_date(now, policy.zone)
        shared = desk.ledger.shared_caps(policy, seat.account.member_id, today)
        after, entries, entry = posting(grant, row, seat.account, policy, now, shared)
        would = result_of(row, entry, expected.member_id, policy, is_entered=False)
        if would != expected:
            raise PreviewStaleError("a member's caps or terms changed", member_id=row.member_id)
        try:
            desk.ledger.post(seat.account, after, entries, policy=policy, shared=shared)
        except LedgerChangedError:
            desk.pause(lost)
            continue
        return True
    raise ContentionError("the member's ledger kept changing", member_id=row.member_id)


def _registered(grant: Grant, seen: Preview, at: GrantDesk) -> Proposal:
    """The grant in the register, under an id of this very preview: a second operator agrees to what was seen."""
    policy = at.desk.policy_of(grant.programme_id)
    wished = Proposal(
        proposal_id=derived_id("gra", grant.grant_id, seen.hash),
        programme_id=grant.programme_id, kind="grant",
        content={
            "grant_id": grant.grant_id, "preview": seen.hash, "points": seen.asked,
            "members": len(seen.results), "reason": grant.reason, "member_note": grant.member_note,
        },
        by=grant.by, at=at.desk.now(),
        state="proposed" if seen.asked > policy.four_eyes_above_points else "agreed",
    )  # fmt: skip
    stands = at.proposals.add(wished)
    if stands.state != "agreed" or stands.decided_by is not None:
        return stands
    if _granted_alone(stands, policy, at.proposals) <= policy.four_eyes_above_points:
        return stands
    waits = replace(stands, state="proposed")
    at.proposals.change(stands, waits)
    return waits


def _granted_alone(stands: Proposal, policy: LedgerPolicy, proposals: Proposals) -> int:
    """Points of all grants that the same operator ran alone on that business day, this one among them: a large one
    in small files. Each is in the register before this is read, so of two at once at least one sees both."""
    day, who = business_date(stands.at, policy.zone), person(stands.by)
    alone = {
        each.content["grant_id"]: each.points
        for each in proposals.everything(stands.programme_id)
        if each.kind == "grant"
        and each.state in {"agreed", "done"}
        and each.decided_by is None
        and person(each.by) == who
        and business_date(each.at, policy.zone) == day
    }
    return sum(alone.values())
