"""What contexts tell each other: an envelope around plain values, and the quotes of order lines.

Messages name things, they do not carry state: a receiver reads the present state and makes its own agree
with it. So a duplicate, a delay or another order of messages changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from huixue.kernel.check_ins import TaskKind
from huixue.kernel.ids import LineId, MemberId, OrderRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSubmitted:
    """A member says an order is hers. Carries the whole claim, so that it survives whoever sent it."""

    member_id: str
    programme_id: str
    claim_id: str
    order_ref: str
    platform: str
    order_hint: str
    account_ref: str | None
    room_level: str | None
    claimed_at: datetime
    submission: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersChanged:
    """Orders of one member need settling with her ledger (claimed, confirmed, refunded …)."""

    member_id: str
    order_refs: tuple[str, ...]
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSyncRequested:
    member_id: str
    sync_id: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportUploaded:
    """An object lies in the imports bucket; `import_id` is derived from its bytes and its options."""

    import_id: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPlanned:
    """One chunk of an import is ready to be applied."""

    import_id: str
    chunk: int
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsDue:
    """Accounts of one shard have something to enter by `due_by`: an expiry, a timeout, a notice."""

    shard: str
    due_by: datetime
    after: tuple[datetime, str] | None = None
    """Where an earlier walk stopped: the instant and the member it had looked at last."""
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPlanned:
    """One segment of the ledger is to be audited; continued as the next `part` behind `after`."""

    run: str
    segment: int
    segments: int
    part: int = 0
    after: tuple[str, str] | None = None
    """Key of the last item of the last account that was judged."""
    accounts: int = 0
    """Judged so far, as are `entries`, `violations` and `left_out`."""
    entries: int = 0
    violations: int = 0
    left_out: int = 0
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone:
    """A member did what a task may be for. Whether one is, and whether it was entered before, the receiver decides."""

    member_id: str
    programme_id: str
    kind: TaskKind
    subject: str
    """The guide, stream, account … it was done with."""
    done_at: datetime
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberErased:
    """A member was erased: what work under way wrote about her since is removed as well."""

    member_ids: tuple[str, ...]
    """Hers, and those of members merged into her."""
    programme_id: str
    correlation_id: str


Message = (
    ClaimSubmitted
    | OrdersChanged
    | OrderSyncRequested
    | ExportUploaded
    | RowsPlanned
    | AccountsDue
    | AuditPlanned
    | TaskDone
    | MemberErased
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineQuote:
    """What one order line is worth to its owner now: the order pool's word to the ledger.

    `explanation` holds every input of the amount; `huixue.orders.worth.points_of(explanation)` gives
    `points` again (OC-E3). `points` includes `bonus`, the part that campaigns add. `status` is `pending` (not
    confirmed, or confirmed a moment ago), `due` (to be credited), `void` (worth nothing) or `parked` (a state we
    do not know: the ledger stays as it is).
    """

    line_id: LineId
    order_ref: OrderRef
    owner: MemberId
    order_revision: int
    status: Literal["pending", "due", "void", "parked"]
    points: int
    order_hint: str
    platform: str
    explanation: Mapping[str, object]
    programme_id: str
    rule: str
    """`main/taobao`: for caps on what a rule may earn."""
    bonus: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePosting:
    """What the ledger holds for one order line: the ledger's word to the order pool."""

    points: int = 0
    pending: int = 0
    peak: int = 0
    """The most points it ever had: below it, something was clawed back."""
    capped: int = 0
    """Points of its worth that a cap kept back."""
    written_off: int = 0
    """Points that were to be taken back and were given up (policy `write_off`)."""

    @property
    def settled(self) -> int:
        """The worth that is taken care of; equal to the quote's points where nothing is left to do."""
        return self.points + self.capped - self.written_off
