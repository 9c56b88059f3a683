"""What can be done with points: settle order lines, read the balance, list entries. Movements are in `moving.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from huixue.kernel.calendar import business_date
from huixue.kernel.errors import ContentionError, CursorInvalidError
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.caps import SHARDS
from huixue.points.lines import changes_for
from huixue.points.model import Account, Entry
from huixue.points.ports import Ledger, LedgerChangedError, LedgerDesk, Quotes
from huixue.points.posting import as_of, posted

MAX_ROUNDS = 8
"""Attempts against others who post to the same account; beyond it the message comes again later."""
LINES_PER_POSTING = 25
"""2 × (25 + 1) WCU at once at the most; far below the 100 items of a transaction."""
_ITEMS_PER_TRANSACTION = 100
_ITEMS_ASIDE = 41  # the account, and events that were due before the lines


def lines_per_posting(policy: LedgerPolicy) -> int:
    """How many lines surely fit into one transaction. Under caps that a whole programme shares, credits touch at most
    all counters of each, and every line that falls may touch the counter of another day."""
    shared = sum(cap.per == "programme" for cap in policy.caps)
    room = _ITEMS_PER_TRANSACTION - _ITEMS_ASIDE - SHARDS * shared
    # a line is an entry, perhaps one of her tier, and a counter of each cap
    return max(1, min(LINES_PER_POSTING, room // (2 + shared)))


def settle(
    member_id: MemberId, order_refs: Sequence[str], *, quotes: Quotes, desk: LedgerDesk
) -> list[Entry]:
    """Makes the ledger agree with what the member's order lines are worth now; returns what it posted.

    May be repeated, run twice at once, or die anywhere: the next call posts only what is missing. When it
    returns, no order had changed since the price that was posted was read. After losing round n to somebody else it
    pauses; raises ContentionError when others won MAX_ROUNDS times. Nothing is posted for who was erased.
    """

    # named twice, an order's lines would be entered twice in one posting, which DynamoDB refuses for ever
    refs = list(dict.fromkeys(order_refs))

    def quoted_now() -> list[LineQuote]:
        return [quote for quote in quotes(refs) if quote.owner == member_id]

    done: list[Entry] = []
    for lost in range(MAX_ROUNDS):
        quoted = quoted_now()
        before = len(done)
        try:
            # one by one: what was posted before a later posting failed counts
            for entry in _post_missing(member_id, quoted, desk):
                done.append(entry)
        except LedgerChangedError:
            desk.pause(lost)
            continue
        if len(done) == before or quoted_now() == quoted:
            return done
    raise ContentionError("the member's ledger or orders kept changing", member_id=member_id)


def _post_missing(
    member_id: MemberId, quoted: Sequence[LineQuote], desk: LedgerDesk
) -> Iterator[Entry]:
    rest = list(quoted)
    while rest:
        lines = rest[:LINES_PER_POSTING]
        standing = desk.ledger.standing(member_id, [quote.line_id for quote in lines])
        policy = desk.policy_of(standing.account.programme_id or lines[0].programme_id)
        lines, rest = rest[: lines_per_posting(policy)], rest[lines_per_posting(policy) :]
        now = (
            desk.now()
        )  # not before the account was read: whoever posted meanwhile may have turned a day
        today = business_date(now, policy.zone)
        changes = changes_for(lines, standing.postings, policy=policy, today=today)
        if not changes:
            continue
        account = standing.account
        if account.erased_at is not None:
            return
        shared = desk.ledger.shared_caps(policy, account.member_id, today)
        after, entries = posted(account, changes, policy=policy, now=now, shared=shared)
        desk.ledger.post(account, after, entries, policy=policy, shared=shared)
        yield from entries


def open_account(member_id: MemberId, *, ledger: Ledger) -> Account:
    """The account that holds her points, as it is stored; an empty one before her first entry. 0.5 RCU; a session
    from before a merge costs one more read for each account merged since."""
    account = ledger.account(member_id)
    for _ in range(MAX_ROUNDS):
        if account.merged_into is None:
            return account
        account = ledger.account(account.merged_into)
    raise ContentionError("accounts are merged in a loop", member_id=member_id)


def balance(member_id: MemberId, *, desk: LedgerDesk) -> Account:
    """Her account as of now: what expired this instant is gone, though nobody has entered it yet."""
    account = open_account(member_id, ledger=desk.ledger)
    return as_of(account, desk.policy_of(account.programme_id), desk.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    entries: list[Entry]
    next_place: str | None


def list_entries(
    member_id: MemberId, *, limit: int, start: str | None, ledger: Ledger
) -> EntryPage:
    """A page of entries, newest first. Each entry names those before it, so no index is needed; `start` is the
    source key a previous page ended with. Raises CursorInvalidError for a key she has no entry for."""
    account = open_account(member_id, ledger=ledger)
    wanted: Sequence[str] = (start,) if start else account.recent
    entries: list[Entry] = []
    while wanted and len(entries) <= limit:
        found = ledger.entries(account.member_id, wanted)
        if start in wanted and not found:
            raise CursorInvalidError("she has no such entry")
        entries += [found[key] for key in wanted]
        wanted = entries[-1].previous
    following = entries[limit].source_key if len(entries) > limit else None
    return EntryPage(entries=entries[:limit], next_place=following)
