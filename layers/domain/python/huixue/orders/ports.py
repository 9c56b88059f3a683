"""What the order use cases need from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from huixue.kernel.errors import HuixueError
from huixue.kernel.events import (
    ClaimSubmitted,
    ExportUploaded,
    LinePosting,
    LineQuote,
    OrdersChanged,
    OrderSyncRequested,
    RowsPlanned,
)
from huixue.kernel.ids import MemberId
from huixue.kernel.terms import Terms
from huixue.orders.model import Claim, Order, OrderSync, Tries


class OrderChangedError(HuixueError):
    """Nothing was written: somebody else changed the item first. Read again and decide again."""

    code = "ORDER_CHANGED"


class OrderPool(Protocol):
    def orders(self, order_refs: Sequence[str]) -> dict[str, Order]:
        """Consistent; only those that are stored."""
        ...

    def save(self, order: Order) -> Order:
        """Stores the order as revision + 1 if its revision is still what was read; returns it as stored.
        Raises OrderChangedError and writes nothing otherwise."""
        ...

    def orders_of_account(self, account_ref: str, since: datetime) -> Iterator[str]:
        """References of orders with this unmasked account paid (or, unpaid, created) since then; eventually
        consistent."""
        ...


class ClaimBook(Protocol):
    def claim(self, member_id: MemberId, claim_id: str) -> Claim | None: ...

    def claims(self, claims: Sequence[tuple[str, str]]) -> list[Claim]:
        """Those of the (member id, claim id) pairs that are stored."""
        ...

    def claims_of(self, member_id: MemberId) -> Iterator[Claim]: ...

    def claim_and_tries(self, member_id: MemberId, claim_id: str) -> tuple[Claim | None, Tries]:
        """One consistent read of both."""
        ...

    def add_claim(self, claim: Claim) -> Claim:
        """Stores it if absent; returns what is stored now, which may be an earlier one."""
        ...

    def update_claim(self, claim: Claim) -> None:
        """Stores the state of a claim that exists (reason, checks, due index)."""
        ...

    def save_tries(self, tries: Tries) -> None:
        """Raises OrderChangedError if they are no longer as read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What waits in the due index for an instant that has come; keys only, to be read before anything is done."""

    claims: Sequence[tuple[str, str]] = ()
    """(member id, claim id): their next check."""
    orders: Sequence[str] = ()
    """References: their next release."""


class DueIndex(Protocol):
    def due(self, now: datetime, limit: int) -> Due:
        """At most `limit` of each, the longest due first; eventually consistent."""
        ...


class SyncBook(Protocol):
    def sync_and_tries(
        self, member_id: MemberId, sync_id: str
    ) -> tuple[OrderSync | None, Tries]: ...

    def sync(self, member_id: MemberId, sync_id: str) -> OrderSync | None: ...

    def save_sync(self, sync: OrderSync, *, expected_run: int | None) -> None:
        """Stores it if there is none (`expected_run` None) or its run is still the expected one. Raises
        OrderChangedError otherwise."""
        ...

    def bind(self, account_ref: str, member_ids: Sequence[MemberId], sync: OrderSync) -> bool:
        """The account becomes the first member's unless it is somebody's already; True if it is hers now (any
        of her ids, for merged members). For ever."""
        ...


class Rules(Protocol):
    """The programme's word on a room, for one member."""

    def offers(self, programme_id: str, platform: str) -> bool: ...

    def terms_for(
        self,
        programme_id: str,
        room: str,
        platform: str,
        member_id: MemberId,
        *,
        paid_at: datetime | None = None,
    ) -> Terms | None:
        """None where the room is not this programme's or does not sell on the platform. `paid_at` where all that
        is to be priced was paid at one known time: campaigns of other times are left out."""
        ...

    def is_staff(self, programme_id: str, account_ref: str) -> bool:
        """Whether the platform account is on the programme's list of its own people, who earn nothing (OC-M7)."""
        ...

    def paid_within_days(self, programme_id: str, platform: str) -> int:
        """How long ago an order of any room's window can have been paid: more than the window where the window
        counts from the confirmation."""
        ...

    def window_days(self, programme_id: str, platform: str) -> int:
        """The longest window of the programme's rooms on the platform."""
        ...


class Lineage(Protocol):
    def __call__(self, member_id: MemberId) -> Sequence[MemberId]:
        """The member's id, and those of members merged into her. Raises MemberErasedError."""
        ...


class Settlement(Protocol):
    """The ledger: makes a member's points agree with her orders (`points.use_cases.settle`)."""

    def __call__(self, member_id: MemberId, order_refs: Sequence[str]) -> object: ...


class Postings(Protocol):
    """What the ledger holds for a member's lines, by line id; nothing for lines it never posted. Raises
    MemberErasedError."""

    def __call__(
        self, member_id: MemberId, line_ids: Sequence[str]
    ) -> Mapping[str, LinePosting]: ...


class Outbox(Protocol):
    """Queues. A call returns when every message is accepted, and raises UnavailableError otherwise; messages
    may arrive twice, late, and in any order."""

    def match(self, messages: Sequence[ClaimSubmitted]) -> None: ...
    def credit(self, messages: Sequence[OrdersChanged]) -> None: ...
    def sync(self, messages: Sequence[OrderSyncRequested]) -> None: ...
    def plan(self, messages: Sequence[ExportUploaded]) -> None: ...
    def apply(self, messages: Sequence[RowsPlanned]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the walk goes on: inside a round, or, between two rounds, not before `not_before`."""

    start: dict[str, Any] | None = None
    not_before: datetime | None = None


class Cursor(Protocol):
    def load(self) -> Place: ...

    def save(self, place: Place) -> None: ...


class Metrics(Protocol):
    def count(self, name: str, value: int = 1, **dimensions: str) -> None: ...


Quoted = Sequence[LineQuote]
JsonObject = dict[str, Any]
