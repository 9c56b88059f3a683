"""Order lines that turn out to belong to somebody else: out of one ledger and into another (OC-E2).

Where an operator decides so, both ledgers change in one transaction with the order's owner (`planned`). A settlement
that read the price before that and posts after it gives up again what it posted (`settled`), so that no line counts for
two members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from huixue.kernel.calendar import business_date, window_key
from huixue.kernel.errors import ContentionError
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.caps import Piece, Shared
from huixue.points.changes import Change
from huixue.points.lines import changes_for, transfer_out
from huixue.points.model import Account, Entry, LinePostings
from huixue.points.ports import LedgerChangedError, LedgerDesk, Quotes, Standing
from huixue.points.posting import posted
from huixue.points.use_cases import lines_per_posting, settle

MAX_ROUNDS = 8
SharedOf = Callable[[date], Shared]
"""What is left, for the getter, of the caps a whole programme shares, on a business day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One account's part of a unit of work."""

    before: Account
    after: Account
    entries: Sequence[Entry]

    @property
    def changes(self) -> bool:
        return self.after.version != self.before.version


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    giving: Step
    getting: Step
    shared: Shared
    """What shared caps had left for the getter."""

    @property
    def entries(self) -> list[Entry]:
        return [*self.giving.entries, *self.getting.entries]


def planned(
    quotes: Sequence[LineQuote], giver: Standing, getter: Standing, *, policy: LedgerPolicy,
    now: datetime, shared_of: SharedOf, source: Mapping[str, object],
) -> Transfer:  # fmt: skip
    """Both sides of a transfer: all that the giver holds for the lines goes, and the getter is credited what the
    quotes, which name her as owner, say now. Pure.

    Points the giver has spent become her debt, or what the programme says of clawbacks. Capacity of shared caps that
    comes free counts for the getter at once. The giver's account gets a new version even where she holds nothing for
    the lines: a settlement of hers that is on its way then fails and reads again."""
    changes = list(_given_up(quotes, giver.postings, source))
    after, gone = posted(giver.account, changes, policy=policy, now=now)
    if not gone:
        after = replace(giver.account, version=giver.account.version + 1)
    today = business_date(now, policy.zone)
    shared = shared_of(today)
    wider = _widened(shared, gone, policy, today)
    wished = changes_for(
        quotes, getter.postings, policy=policy, today=today, credit_scene="transfer_in"
    )
    wished = [
        replace(each, scene="transfer_in") if each.scene == "order_pending" else each
        for each in wished
    ]
    reached, came = posted(getter.account, wished, policy=policy, now=now, shared=wider)
    return Transfer(
        giving=Step(before=giver.account, after=after, entries=gone),
        getting=Step(before=getter.account, after=reached, entries=came),
        shared=shared,
    )


def _given_up(
    quotes: Sequence[LineQuote], held: Mapping[str, LinePostings], source: Mapping[str, object]
) -> Iterator[Change]:
    for quote in quotes:
        postings = held.get(quote.line_id, LinePostings())
        if _holds_something(postings):
            told = {"platform": quote.platform, "order_hint": quote.order_hint, **source}
            yield transfer_out(quote.line_id, postings, told)


def _holds_something(held: LinePostings) -> bool:
    return any((held.settled, held.pending, held.bonus, held.capped))


def _widened(
    shared: Shared, gone: Sequence[Entry], policy: LedgerPolicy, today: date
) -> dict[str, Piece]:
    """What the whole programme's caps have left once the giver's points are out of their present windows."""
    wider = dict(shared)
    for cap in policy.caps:
        if cap.cap_id in wider:
            use = f"{cap.cap_id}|{window_key(today, cap.window)}"
            free = -sum(entry.caps.get(use, 0) for entry in gone)
            piece = wider[cap.cap_id]
            wider[cap.cap_id] = replace(piece, remaining=piece.remaining + max(0, free))
    return wider


def settled(
    member_id: MemberId, order_refs: Sequence[str], *, quotes: Quotes, desk: LedgerDesk
) -> list[Entry]:
    """`settle`, and then nothing is left with her of what is somebody else's: also where the owner changed between
    the price that was read and the entry that was posted. May be repeated, run at once, or die anywhere. No read more
    than `settle` has where every order is hers. Nothing for who was erased. Raises ContentionError."""
    newest: list[LineQuote] = []

    def remembered(order_refs: Sequence[str]) -> Sequence[LineQuote]:
        newest[:] = quotes(order_refs)
        return tuple(newest)

    entries = settle(member_id, order_refs, quotes=remembered, desk=desk)
    foreign = [quote for quote in newest if quote.owner != member_id]
    return [*entries, *(_give_up(member_id, foreign, desk) if foreign else ())]


def _give_up(member_id: MemberId, foreign: Sequence[LineQuote], desk: LedgerDesk) -> list[Entry]:
    """Takes out what her account holds for lines of another account's orders."""
    owners = {quote.owner for quote in foreign}
    accounts = {each: desk.ledger.standing(each, []).account.member_id for each in owners}
    for lost in range(MAX_ROUNDS):
        standing = desk.ledger.standing(member_id, [quote.line_id for quote in foreign])
        account = standing.account
        if account.erased_at is not None:
            return []
        lines = [quote for quote in foreign if accounts[quote.owner] != account.member_id]
        policy = desk.policy_of(account.programme_id)
        size = lines_per_posting(policy)
        changes = list(_given_up(lines, standing.postings, {}))[:size]
        if not changes:
            return []
        after, entries = posted(account, changes, policy=policy, now=desk.now())
        try:
            desk.ledger.post(account, after, entries, policy=policy, shared={})
        except LedgerChangedError:
            desk.pause(lost)
            continue
        if len(changes) < size:
            return entries
        return [*entries, *_give_up(member_id, foreign, desk)]
    raise ContentionError("the member's ledger kept changing", member_id=member_id)
