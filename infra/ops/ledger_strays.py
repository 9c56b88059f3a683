"""Points that the ledger holds for order lines for which no order, or another member's, stands in the pool: the other
direction of `huixue reconcile`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item
from huixue.kernel.ids import MemberId
from huixue.orders.amounts import facts_of
from huixue.orders.model import Order
from huixue.points.model import Account, Entry
from huixue.points.records import ACCOUNT, entry_from, is_entry
from huixue.points.store import LedgerStore
from infra.ops.deployment import Deployment
from infra.ops.order_walk import Advance, walked

Held = tuple[int, int]
"""Points and pending points."""
_NOTHING: Held = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    line_id: str
    member_id: str
    """Whose account holds it today."""
    points: int
    pending_points: int
    owner: str | None
    """Whose order it is; None where no order has such a line."""


@dataclass(slots=True)
class Posted:
    """All entries of order lines, added up by line and account."""

    lines: dict[str, dict[MemberId, Held]] = field(default_factory=dict)
    merged_into: dict[MemberId, MemberId] = field(default_factory=dict)

    def add(self, item: Item) -> None:
        if item["sk"] == ACCOUNT and "merged_into" in item:
            self.merged_into[item["pk"]] = item["merged_into"]
        if not is_entry(item) or item["source"].get("kind") != "order_line":
            return
        self.enter(entry_from(item))

    def enter(self, entry: Entry) -> None:
        of_line = self.lines.setdefault(str(entry.source["line_id"]), {})
        points, pending = of_line.get(entry.member_id, _NOTHING)
        # what she was let off when the line was taken back is hers to keep
        kept = entry.points - entry.written_off
        of_line[entry.member_id] = points + kept, pending + entry.pending

    def living(self, member_id: MemberId) -> MemberId:
        seen: set[MemberId] = set()
        while member_id in self.merged_into and member_id not in seen:
            seen.add(member_id)
            member_id = self.merged_into[member_id]
        return member_id

    def held(self, line_id: str) -> Mapping[MemberId, Held]:
        """What is left of the line, by the accounts that are open today: an account that was merged and the one it
        went into are one."""
        sums: dict[MemberId, Held] = {}
        for member_id, (points, pending) in self.lines.get(line_id, {}).items():
            living = self.living(member_id)
            before = sums.get(living, _NOTHING)
            sums[living] = before[0] + points, before[1] + pending
        return {member_id: each for member_id, each in sums.items() if each != _NOTHING}


def strays(deployment: Deployment, database: Database, advance: Advance) -> list[Stray]:
    """Reads the whole ledger, then the whole pool (so that no line is seen before its order), then once more, and
    consistently, whatever seems astray: an order may have changed hands meanwhile. Keeps one number pair per credited
    line in memory."""
    ledger = LedgerStore(database, deployment.output("PointsTableName"))
    posted = Posted()
    for item in ledger.everything():
        posted.add(item)
    pages = walked(database, deployment.output("OrdersTableName"), advance)
    found = list(astray(posted, (order for page in pages for order in page)))
    return [each for each in found if _is_still_held(each, posted, ledger)]


def astray(posted: Posted, orders: Iterable[Order]) -> Iterator[Stray]:
    """What is held by anybody but the owner of the line's order. Pure."""
    owners = {
        line_id: order.ownership.member_id
        for order in orders
        if order.ownership is not None
        for line_id in [str(order.line_id(facts.line_key)) for facts in facts_of(order)]
        if line_id in posted.lines
    }
    for line_id in posted.lines:
        owner = owners.get(line_id)
        for member_id, (points, pending) in posted.held(line_id).items():
            if owner is None or member_id != posted.living(owner):
                yield Stray(
                    line_id=line_id, member_id=member_id, points=points, pending_points=pending,
                    owner=owner,
                )  # fmt: skip


def _is_still_held(stray: Stray, posted: Posted, ledger: LedgerStore) -> bool:
    again = Posted(merged_into=posted.merged_into)
    for member_id in posted.lines[stray.line_id]:
        for entry in ledger.entries_beginning(
            Account(member_id=member_id), f"line#{stray.line_id}#"
        ):
            again.enter(entry)
    now = again.held(stray.line_id).get(MemberId(stray.member_id), _NOTHING)
    return now == (stray.points, stray.pending_points)
