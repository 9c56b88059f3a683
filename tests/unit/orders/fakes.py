"""The ports of `orders` in memory; `tests/stores/test_orders.py` holds them to the promises of the real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from huixue.dynamodb.writes import ConditionFailedError
from huixue.kernel.calendar import to_text
from huixue.kernel.events import (
    ClaimSubmitted,
    ExportUploaded,
    Message,
    OrdersChanged,
    OrderSyncRequested,
    RowsPlanned,
)
from huixue.kernel.ids import MemberId
from huixue.kernel.terms import Terms
from huixue.orders.model import Claim, Order, OrderSync, Tries
from huixue.orders.ports import Due, OrderChangedError


class DiedError(Exception):
    """The process ended here, as if its power was cut."""


@dataclass(slots=True)
class Journal:
    """Every call of every fake that shares it, in order; can end the process, or let somebody in, before a call."""

    calls: list[str] = field(default_factory=list)
    die_at: int | None = None
    """Position of the call that is never made."""
    meanwhile: dict[str, list[Callable[[], None]]] = field(default_factory=dict)
    """By name of a call: what somebody else does right before it, once each."""

    def note(self, name: str) -> None:
        if len(self.calls) == self.die_at:
            raise DiedError(name)
        self.calls.append(name)
        if self.meanwhile.get(name):
            self.meanwhile[name].pop(0)()


class FakeOrders:
    """OrderPool, ClaimBook, DueIndex and SyncBook."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.journal = journal or Journal()
        self.by_ref: dict[str, Order] = {}
        self.claim_rows: dict[tuple[str, str], Claim] = {}
        self.tries_rows: dict[str, Tries] = {}
        self.sync_rows: dict[tuple[str, str], OrderSync] = {}
        self.bindings: dict[str, MemberId] = {}

    def orders(self, order_refs: Sequence[str]) -> dict[str, Order]:
        self.journal.note("orders")
        return {ref: self.by_ref[ref] for ref in order_refs if ref in self.by_ref}

    def save(self, order: Order) -> Order:
        self.journal.note("save")
        now = self.by_ref.get(order.order_ref)
        _require((now.revision if now else 0) == order.revision)
        stored = replace(order, revision=order.revision + 1)
        self.by_ref[order.order_ref] = stored
        return stored

    def orders_of_account(self, account_ref: str, since: datetime) -> Iterator[str]:
        self.journal.note("orders_of_account")
        found = []
        for order in self.by_ref.values():
            instant = order.paid_at or order.created_at
            if (
                order.alias_of is None
                and order.account_ref == account_ref
                and instant is not None
                and instant >= since
            ):
                found.append((to_text(instant), order.order_ref))
        return iter([ref for _, ref in sorted(found)])

    def claim(self, member_id: MemberId, claim_id: str) -> Claim | None:
        self.journal.note("claim")
        return self.claim_rows.get((member_id, claim_id))

    def claims(self, claims: Sequence[tuple[str, str]]) -> list[Claim]:
        self.journal.note("claims")
        return [self.claim_rows[key] for key in dict.fromkeys(claims) if key in self.claim_rows]

    def claims_of(self, member_id: MemberId, *, consistent: bool = False) -> Iterator[Claim]:
        del consistent  # memory always is
        self.journal.note("claims_of")
        return iter([claim for (owner, _), claim in self.claim_rows.items() if owner == member_id])

    def claim_and_tries(self, member_id: MemberId, claim_id: str) -> tuple[Claim | None, Tries]:
        self.journal.note("claim_and_tries")
        return self.claim_rows.get((member_id, claim_id)), self._tries(member_id)

    def add_claim(self, claim: Claim) -> Claim:
        self.journal.note("add_claim")
        return self.claim_rows.setdefault((claim.member_id, claim.claim_id), claim)

    def update_claim(self, claim: Claim) -> None:
        self.journal.note("update_claim")
        if (claim.member_id, claim.claim_id) not in self.claim_rows:
            raise ConditionFailedError(0, None)
        self.claim_rows[claim.member_id, claim.claim_id] = claim

    def save_tries(self, tries: Tries) -> None:
        self.journal.note("save_tries")
        _require(self._tries(tries.member_id).version == tries.version)
        self.tries_rows[tries.member_id] = replace(tries, version=tries.version + 1)

    def due(self, now: datetime, limit: int) -> Due:
        self.journal.note("due")
        claims = sorted(
            (each.next_check_at, key)
            for key, each in self.claim_rows.items()
            if each.next_check_at is not None and each.next_check_at <= now
        )
        orders = sorted(
            (each.release_at, ref)
            for ref, each in self.by_ref.items()
            if each.release_at is not None and each.release_at <= now
        )
        return Due(
            claims=[(key[0], key[1]) for _, key in claims[:limit]],
            orders=[ref for _, ref in orders[:limit]],
        )

    def sync_and_tries(self, member_id: MemberId, sync_id: str) -> tuple[OrderSync | None, Tries]:
        self.journal.note("sync_and_tries")
        return self.sync_rows.get((member_id, sync_id)), self._tries(member_id)

    def sync(self, member_id: MemberId, sync_id: str) -> OrderSync | None:
        self.journal.note("sync")
        return self.sync_rows.get((member_id, sync_id))

    def syncs_of(self, member_id: MemberId) -> Iterator[OrderSync]:
        self.journal.note("syncs_of")
        return iter([sync for (owner, _), sync in self.sync_rows.items() if owner == member_id])

    def save_sync(self, sync: OrderSync, *, expected_run: int | None) -> None:
        self.journal.note("save_sync")
        now = self.sync_rows.get((sync.member_id, sync.sync_id))
        _require((now.run if now else None) == expected_run)
        self.sync_rows[sync.member_id, sync.sync_id] = sync

    def bind(self, account_ref: str, member_ids: Sequence[MemberId], sync: OrderSync) -> bool:
        self.journal.note("bind")
        key = account_ref if sync.programme_id == "demo" else f"{sync.programme_id}#{account_ref}"
        return self.bindings.setdefault(key, member_ids[0]) in member_ids

    def _tries(self, member_id: MemberId) -> Tries:
        return self.tries_rows.get(member_id, Tries(member_id=member_id))


class FakeRules:
    """One programme that sells in the rooms of `terms`, each with its terms; the longest window of them all."""

    def __init__(
        self, terms: Mapping[str, Terms], *, platforms: Sequence[str] = ("taobao",),
        staff: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.terms = dict(terms)
        self.platforms = tuple(platforms)
        self.staff = set(staff)
        self.paid_ats: list[datetime | None] = []
        """With what time of payment terms were asked for."""

    def offers(self, programme_id: str, platform: str) -> bool:
        return platform in self.platforms

    def terms_for(
        self, programme_id: str, room: str, platform: str, member_id: MemberId,
        *, paid_at: datetime | None = None,
    ) -> Terms | None:  # fmt: skip
        self.paid_ats.append(paid_at)
        found = self.terms.get(room)
        return found if found is not None and found.programme_id == programme_id else None

    def is_staff(self, programme_id: str, account_ref: str) -> bool:
        return account_ref in self.staff

    def paid_within_days(self, programme_id: str, platform: str) -> int:
        return max((each.window_days for each in self.terms.values()), default=0)

    def window_days(self, programme_id: str, platform: str) -> int:
        return max((each.window_days for each in self.terms.values()), default=0)


class FakeOutbox:
    """Queues that keep what was sent."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.journal = journal or Journal()
        self.sent: list[Message] = []

    def match(self, messages: Sequence[ClaimSubmitted]) -> None:
        self._send("match", messages)

    def credit(self, messages: Sequence[OrdersChanged]) -> None:
        self._send("credit", messages)

    def sync(self, messages: Sequence[OrderSyncRequested]) -> None:
        self._send("send_sync", messages)

    def plan(self, messages: Sequence[ExportUploaded]) -> None:
        self._send("plan", messages)

    def apply(self, messages: Sequence[RowsPlanned]) -> None:
        self._send("apply", messages)

    def _send(self, name: str, messages: Sequence[Message]) -> None:
        self.journal.note(name)
        self.sent.extend(messages)


class FakeMetrics:
    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + value


def _require(condition: bool) -> None:
    if not condition:
        raise OrderChangedError("somebody else changed it first")
