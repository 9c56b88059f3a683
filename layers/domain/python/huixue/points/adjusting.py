"""Manual adjustments: a reason, two notes, and a second operator above the programme's threshold (LG-M14, LG-E5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from huixue.kernel.calendar import business_date
from huixue.kernel.errors import ContentionError, NotFoundError, RuleError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points import movements
from huixue.points.changes import Change
from huixue.points.four_eyes import (
    MAX_ROUNDS,
    Proposal,
    Proposals,
    SecondOperatorNeededError,
    agreed,
    found,
    must_be_same,
    person,
)
from huixue.points.four_eyes import reject as rejected
from huixue.points.model import Entry
from huixue.points.moving import Moved, moved
from huixue.points.ports import LedgerDesk, Seat
from huixue.points.posting import must_not_be_erased

REASONS: Mapping[str, str] = {
    "correction": "puts a wrong entry right, and names it",
    "compensation": "makes up for a fault of ours",
    "goodwill": "a kindness without a fault",
    "campaign": "a promise that no rule of the programme pays",
    "migration": "points brought from another system",
    "fraud": "takes back what was got by deceit",
    "test": "trying the ledger out; taken back again",
}
"""Reason codes of adjustments and grants, for people."""
MAX_NOTE_CHARS = 128
MAX_POINTS = 100_000_000
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class AdjustmentInvalidError(RuleError):
    """A field of the request is not what it must be; `field` names it."""

    code = "ADJUSTMENT_INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What an operator asks for. Raises AdjustmentInvalidError where a field is not what it must be."""

    adjustment_id: str
    programme_id: str
    member_id: MemberId
    points: int
    reason: str
    member_note: str
    internal_note: str
    by: str
    corrects: str | None = None
    """Source key of the wrong entry."""

    def __post_init__(self) -> None:
        if _ID.fullmatch(self.adjustment_id) is None:
            raise _invalid("id", "1 to 64 letters, digits, or any of _ . -")
        if not 0 < abs(self.points) <= MAX_POINTS:
            raise _invalid("points", f"a whole number other than 0, at most {MAX_POINTS}")
        must_be_reasoned(self.reason, self.member_note)
        _must_be_note("internal_note", self.internal_note)
        if (self.reason == "correction") != (self.corrects is not None):
            raise _invalid("corrects", "the entry that a correction corrects, and none otherwise")
        person(self.by)

    def content(self) -> dict[str, object]:
        said: dict[str, object] = {
            "member_id": str(self.member_id), "points": self.points, "reason": self.reason,
            "member_note": self.member_note, "internal_note": self.internal_note,
        }  # fmt: skip
        return said if self.corrects is None else said | {"corrects": self.corrects}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    proposal: Proposal
    moved: Moved | None
    """None while a second operator is waited for, and for ever where none agreed."""


def must_be_reasoned(reason: str, member_note: str) -> None:
    """Raises AdjustmentInvalidError."""
    if reason not in REASONS:
        raise _invalid("reason", f"one of {', '.join(REASONS)}")
    _must_be_note("member_note", member_note)


def _must_be_note(field: str, text: str) -> None:
    if not text.strip() or len(text) > MAX_NOTE_CHARS or not text.isprintable():
        raise _invalid(field, f"1 to {MAX_NOTE_CHARS} characters on one line")


def _invalid(field: str, expected: str) -> AdjustmentInvalidError:
    return AdjustmentInvalidError(f"{field} must be {expected}", field=field)


def adjust(asked: Adjustment, *, desk: LedgerDesk, proposals: Proposals) -> Adjusted:
    """Enters the adjustment, or leaves it for a second operator. The same again changes nothing and tells how it
    stands; the same id with another request is a MismatchError that names the field. Raises NotFoundError where the
    entry to be corrected is not hers, MemberErasedError before anything is written."""
    before = proposals.load(asked.programme_id, asked.adjustment_id)
    if before is None:
        _must_be_possible(asked, desk)
    wished = proposed(asked, desk.policy_of(asked.programme_id), desk.now())
    stands = before or proposals.add(wished)
    must_be_same(stands, wished)
    return _gone_on(stands, desk, proposals)


def proposed(asked: Adjustment, policy: LedgerPolicy, now: datetime) -> Proposal:
    """How it is written down at first."""
    return Proposal(
        proposal_id=asked.adjustment_id, programme_id=asked.programme_id, kind="adjustment",
        content=asked.content(), by=asked.by, at=now,
        state="proposed" if abs(asked.points) > policy.four_eyes_above_points else "agreed",
    )  # fmt: skip


def _must_be_possible(asked: Adjustment, desk: LedgerDesk) -> None:
    wrong = asked.corrects
    seat = desk.ledger.seat(asked.member_id, [] if wrong is None else [wrong])
    must_not_be_erased(seat.account)
    if wrong is not None and wrong not in seat.entries:
        raise NotFoundError("she has no such entry to correct")


def approve(
    programme_id: str, proposal_id: str, by: str, *, desk: LedgerDesk, proposals: Proposals
) -> Adjusted:
    """The second operator's yes: an adjustment is entered, exactly once; a grant may be run from now on. May be
    repeated, by anybody once it is agreed to: what died in between is finished.
    Raises NotFoundError, SameOperatorError, ProposalRejectedError, ProposalExpiredError, MemberErasedError."""
    for _ in range(MAX_ROUNDS):
        stands = found(programme_id, proposal_id, proposals)
        if stands.state in {"agreed", "done"}:
            done = _gone_on(stands, desk, proposals)
            if done.proposal.state != "proposed":
                return done
            continue
        decided = agreed(stands, by, desk.now())
        if stands.kind == "adjustment":
            must_not_be_erased(_seat(stands, desk).account)
        if proposals.change(stands, decided):
            return _gone_on(decided, desk, proposals)
    raise ContentionError("the proposal kept changing", proposal_id=proposal_id)


def reject(
    programme_id: str, proposal_id: str, by: str, *, desk: LedgerDesk, proposals: Proposals
) -> Proposal:
    """As `four_eyes.reject`; what was agreed to can be rejected too where its member was erased before it was entered:
    her account takes no entry any more, so nobody can be entering it meanwhile."""

    def is_void(stands: Proposal) -> bool:
        if stands.kind != "adjustment":
            return False
        seat = _seat(stands, desk)
        return seat.account.erased_at is not None and not seat.entries

    return rejected(
        programme_id, proposal_id, by, desk.now(), proposals=proposals, is_void=is_void
    )  # fmt: skip


def _seat(stands: Proposal, desk: LedgerDesk) -> Seat:
    return desk.ledger.seat(MemberId(str(stands.content["member_id"])), [_key(stands)])


def _key(stands: Proposal) -> str:
    return f"adjust#{stands.proposal_id}"


def _gone_on(stands: Proposal, desk: LedgerDesk, proposals: Proposals) -> Adjusted:
    if stands.kind == "grant" or stands.state in {"proposed", "rejected"}:
        return Adjusted(proposal=stands, moved=None)
    try:
        entered = _entered(stands, desk)
    except SecondOperatorNeededError:
        waits = replace(stands, state="proposed")
        proposals.change(stands, waits)
        return Adjusted(proposal=waits, moved=None)
    done = replace(stands, state="done")
    if stands.state != "done":
        proposals.change(stands, done)
    return Adjusted(proposal=done, moved=entered)


def _entered(stands: Proposal, desk: LedgerDesk) -> Moved:
    request = {name: stands.content[name] for name in stands.content if name != "member_id"}
    request["by"] = stands.by
    decided = {} if stands.decided_by is None else {"approved_by": stands.decided_by}

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Change:
        if stands.decided_by is None:
            # read after the account: whoever adds to these meanwhile makes the posting fail, and this is asked again
            earlier = desk.ledger.entries_beginning(seat.account, "adjust#")
            one_is_enough(stands, earlier, policy)
        today = business_date(now, policy.zone)
        return movements.adjustment(
            stands.proposal_id, stands.points, today, policy, request | decided
        )

    member_id = MemberId(str(stands.content["member_id"]))
    return moved(member_id, stands.programme_id, _key(stands), request, plan, desk=desk)


def one_is_enough(asked: Proposal, earlier: Sequence[Entry], policy: LedgerPolicy) -> None:
    """Raises SecondOperatorNeededError where the adjustments that one operator alone makes to one member from the
    business day on, this one among them, come to more than the threshold: a large one in small pieces."""
    since, who = business_date(asked.at, policy.zone), person(asked.by)
    alone = [entry.source for entry in earlier if _made_alone(entry, who, since)]
    together = abs(asked.points) + sum(_size(source) for source in alone)
    if together > policy.four_eyes_above_points:
        raise SecondOperatorNeededError(
            "one operator alone may not do this",
            together=together, most=policy.four_eyes_above_points,
        )  # fmt: skip


def _made_alone(entry: Entry, who: str, since: date) -> bool:
    by = entry.source.get("by")
    is_his = isinstance(by, str) and person(by) == who
    return is_his and "approved_by" not in entry.source and entry.business_date >= since


def _size(source: Mapping[str, object]) -> int:
    points = source.get("points")
    return abs(points) if isinstance(points, int) else 0
