"""Erasing a member at once (PR-M2), and once more when all work that was under way has ended.

    living ── 1 message ──▶ announced ── 2 tombstones and marks ──▶ nobody ── 3 purged ──▶ gone
                                                                again, 15 minutes later ──▶ gone

1. `MemberErased`, with all her ids, goes to the erasures queue, which holds it back for 900 s: longer than any function
   that writes about members may run.
2. One transaction: her row, under its revision, becomes a tombstone (ids and an instant), so do those of members merged
   into her, every identity row goes, and her accounts are marked: nothing is posted to them but expiries, and balances
   and entries stay, so every sum does. From here on her tokens are dead (also where the account is read instead of her
   row), her WeChat identity signs in a new member, and work that begins finds the tombstone and is void. If she signed
   in, or her first points came, meanwhile: 1 again, with all her ids.
3. Whatever lies in her partitions is removed, and the bindings and marks on orders that are found from there.

| dies | then |
|---|---|
| before 2 | nothing happened: her token is good, she asks again; `erase_again` finds no tombstone and does nothing |
| after 2, or between any two calls of 3 | she gets no receipt and 401 from then on; `erase_again` does 3 |
| `erase_again` | its message comes again, at last as a dead letter, which rings; every step may be repeated |

`erase_again` also marks the accounts where they are not: the Points table may have been restored to a moment before 2.
So completion never depends on her: a tombstone is only ever written with its message in the queue. What a function that
was running at 2 wrote afterwards (a claim, a sync, a binding with its pointer, a level) lies in her partitions again,
and is removed by `erase_again`. The purge needs nothing but ids: all keys are made of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from huixue.dynamodb.database import Database
from huixue.edge import bootstrap
from huixue.edge.session_tokens import Session
from huixue.edge.settings import settings
from huixue.kernel.events import MemberErased
from huixue.kernel.ids import MemberId, derived_id
from huixue.members.erasing import Erased, ErasureStore, buried, erase_member
from huixue.members.erasure_store import MemberErasure
from huixue.orders.belongings import BelongingsStore
from huixue.points.store import LedgerStore

Send = Callable[[Sequence[MemberErased]], None]
Removed = Mapping[str, Mapping[str, int]]
"""Store → kind → how many."""
_POINTS_KINDS = {"N": "notices", "BAN": "bans"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureDesk:
    members: ErasureStore
    belongings: BelongingsStore
    ledger: LedgerStore
    database: Database
    points_table: str
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What was done (PR-E1). The id is made of hers, which is all that is kept: the same for ever."""

    receipt_id: str
    erased_at: datetime
    removed: Removed


@cache
def erasure_desk() -> ErasureDesk:
    names = settings().need("members_table_name", "orders_table_name", "points_table_name")
    database = bootstrap.database()
    return ErasureDesk(
        members=MemberErasure(database, names.members_table_name),
        belongings=BelongingsStore(database, names.orders_table_name),
        ledger=bootstrap.ledger(), database=database, points_table=names.points_table_name,
        now=bootstrap.now,
    )  # fmt: skip


def erase(session: Session, *, desk: ErasureDesk, send: Send) -> Certificate:
    """Erases the member of this session, under all her ids. Raises MemberErasedError where she was erased before,
    UnavailableError (asked again, it goes on; where she is nobody by then, the queue does)."""

    def announce(member_ids: tuple[MemberId, ...]) -> None:
        send([
            MemberErased(
                member_ids=member_ids, programme_id=session.programme_id,
                correlation_id=member_ids[0],
            )
        ])  # fmt: skip

    done = erase_member(
        session.member_id, session.programme_id, store=desk.members, ledger=desk.ledger,
        now=desk.now(), announce=announce,
    )  # fmt: skip
    return Certificate(
        receipt_id=derived_id("ers", done.member_ids[0]),
        erased_at=done.erased_at,
        removed=_counted(done, purge(done.member_ids, desk=desk)),
    )


def erase_again(message: MemberErased, *, desk: ErasureDesk) -> str:
    """Does, or completes, or repeats the purge for those of the ids that are tombstones. May be repeated."""
    member_ids = buried([MemberId(each) for each in message.member_ids], store=desk.members)
    if not member_ids:
        return "never erased"
    for each in member_ids:
        desk.ledger.erase(each, desk.now())
    removed = purge(member_ids, desk=desk)
    return f"removed {sum(sum(kinds.values()) for kinds in removed.values())} items"


def purge(member_ids: Sequence[MemberId], *, desk: ErasureDesk) -> Removed:
    """Removes all that is about these members, of whom only tombstones are left. May be repeated and run twice at
    once. Raises ContentionError, UnavailableError."""
    orders = desk.belongings.remove(member_ids, desk.now())
    members = desk.members.remove(member_ids)
    keys = [key for each in member_ids for key in desk.ledger.personal_keys(each)]
    desk.database.remove(desk.points_table, keys)
    points = Counter(_POINTS_KINDS.get(sk.partition("#")[0], "others") for _, sk in keys)
    return {"members": members, "orders": orders, "points": points}


def _counted(done: Erased, removed: Removed) -> Removed:
    """With what the tombstones took the place of."""
    rows = {"profiles": len(done.member_ids), "identities": done.identities}
    return {**removed, "members": {**rows, **removed["members"]}}
