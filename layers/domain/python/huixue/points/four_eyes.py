"""What one operator proposes and another agrees to: the register of adjustments and bulk grants (LG-M14).

Everything is first written to the register under its id, then entered in the ledger under that id. So an id means one
request for ever, whichever member it is about, and what was agreed to is entered exactly once, wherever a process dies.

States: `proposed` waits for a second operator → `agreed` may be entered → `done`; `proposed` → `rejected`. What is
small enough begins `agreed`, and becomes `proposed` where it turns out to be one of several that are large together.
`agreed` → `rejected` only where it is certain that it was never entered and never can be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from huixue.kernel.errors import ContentionError, MismatchError, NotFoundError, RuleError

EXPIRES_AFTER = timedelta(days=7)
MAX_ROUNDS = 8

Kind = Literal["adjustment", "grant"]
State = Literal["proposed", "agreed", "rejected", "done"]
_PERSON = re.compile(r"[a-z0-9\u4e00-\u9fff]+")


class OperatorInvalidError(RuleError):
    """The operator's name cannot be told apart from others for certain."""

    code = "OPERATOR_INVALID"


class SecondOperatorNeededError(RuleError):
    """One operator alone may not do this; `most` is what one alone may, `together` what it comes to."""

    code = "SECOND_OPERATOR_NEEDED"


class SameOperatorError(RuleError):
    """Whoever asked for it cannot be the one who agrees to it."""

    code = "SAME_OPERATOR"


class ProposalRejectedError(RuleError):
    """It was rejected before."""

    code = "PROPOSAL_REJECTED"


class ProposalExpiredError(RuleError):
    """Nobody agreed in time."""

    code = "PROPOSAL_EXPIRED"


class ProposalDecidedError(RuleError):
    """It was agreed to before: it cannot be rejected any more."""

    code = "PROPOSAL_DECIDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One adjustment or bulk grant in the register."""

    proposal_id: str
    programme_id: str
    kind: Kind
    content: Mapping[str, object]
    """What is asked for, as it is compared when the same id comes again."""
    by: str
    at: datetime
    state: State
    decided_by: str | None = None
    """The second operator; None while there is none, and where none is needed."""
    decided_at: datetime | None = None

    @property
    def points(self) -> int:
        points = self.content["points"]
        return points if isinstance(points, int) else 0

    @property
    def expires_at(self) -> datetime:
        return self.at + EXPIRES_AFTER

    def is_expired(self, now: datetime) -> bool:
        return self.state == "proposed" and now >= self.expires_at


class Proposals(Protocol):
    """The register."""

    def add(self, wished: Proposal) -> Proposal:
        """What stands under the id: `wished`, or whatever stood there before. May be repeated."""
        ...

    def load(self, programme_id: str, proposal_id: str) -> Proposal | None:
        """Consistent."""
        ...

    def change(self, before: Proposal, after: Proposal) -> bool:
        """State and decision of `after`; False, and nothing written, where it is no longer as in `before`."""
        ...

    def everything(self, programme_id: str) -> Iterator[Proposal]:
        """Consistent; all of a programme, in the order of their ids."""
        ...


def person(identity: str) -> str:
    """Who somebody is, whatever the spelling: two identities are two people only where this differs.

    Of an ARN its last part (a user, or a role's session), of an address what is before the `@`; without case, accents,
    punctuation and width. Raises OperatorInvalidError for letters that only look like others.
    """
    plain = unicodedata.normalize("NFKC", identity).casefold()
    last = re.split(r"[/:\\]", plain)[-1]
    name = unicodedata.normalize("NFKD", last.partition("@")[0].partition("+")[0])
    letters = "".join(each for each in name if each.isalnum())
    if _PERSON.fullmatch(letters) is None:
        raise OperatorInvalidError("an operator's name has Latin or Chinese letters and digits")
    return letters


def must_be_same(stands: Proposal, wished: Proposal) -> None:
    """Raises MismatchError that names the first field in which two requests under one id differ."""
    if stands.kind != wished.kind:
        raise MismatchError("the same id with another request", field="kind")
    for name in sorted({*stands.content, *wished.content}):
        if stands.content.get(name) != wished.content.get(name):
            raise MismatchError("the same id with another request", field=name)
    if person(stands.by) != person(wished.by):
        raise MismatchError("the same id was used by another operator", field="by")


def agreed(stands: Proposal, by: str, now: datetime) -> Proposal:
    """The proposal with a second operator's yes. Raises ProposalRejectedError, SameOperatorError,
    ProposalExpiredError."""
    if stands.state == "rejected":
        raise ProposalRejectedError("it was rejected before", by=stands.decided_by)
    if person(stands.by) == person(by):
        raise SameOperatorError("who asked for it cannot agree to it", by=stands.by)
    if stands.is_expired(now):
        raise ProposalExpiredError("nobody agreed within seven days", at=stands.at.isoformat())
    return replace(stands, state="agreed", decided_by=by, decided_at=now)


def reject(
    programme_id: str, proposal_id: str, by: str, now: datetime, *, proposals: Proposals,
    is_void: Callable[[Proposal], bool] = lambda _: False,
) -> Proposal:  # fmt: skip
    """Anybody's no, also of the one who asked: nothing will be entered. May be repeated. Raises NotFoundError,
    ProposalDecidedError where it was agreed to before, unless it `is_void`: was not and can never be entered."""
    person(by)
    for _ in range(MAX_ROUNDS):
        stands = found(programme_id, proposal_id, proposals)
        if stands.state == "rejected":
            return stands
        if stands.state != "proposed" and not (stands.state == "agreed" and is_void(stands)):
            raise ProposalDecidedError("it was agreed to before", by=stands.decided_by)
        rejected = replace(stands, state="rejected", decided_by=by, decided_at=now)
        if proposals.change(stands, rejected):
            return rejected
    raise ContentionError("the proposal kept changing", proposal_id=proposal_id)


def found(programme_id: str, proposal_id: str, proposals: Proposals) -> Proposal:
    """Raises NotFoundError."""
    stands = proposals.load(programme_id, proposal_id)
    if stands is None:
        raise NotFoundError("there is no such proposal in this programme")
    return stands
