"""What a member may take with her (PR-M1): everything that is kept about her, in one document, or in a few parts.

Every attribute of every item in her partitions is in it, or stands in a table of what is left out, with the reason
(PR-E2): `tests/security/test_export_parity.py` builds a member with an item of each kind and fails for any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain

import msgspec

from huixue.edge import bootstrap, erasure_presenting, erasure_wire, presenting
from huixue.edge.session_tokens import Session
from huixue.edge.settings import settings
from huixue.kernel.errors import CursorInvalidError
from huixue.kernel.ids import MemberId
from huixue.members.editing import history
from huixue.members.lineages import lineage_of
from huixue.members.model import Member
from huixue.members.store import DynamoDbMembers
from huixue.orders.belongings import BelongingsStore
from huixue.orders.claims import ClaimDesk
from huixue.orders.ports import Postings
from huixue.orders.reading import list_claims
from huixue.points.ban_store import BanStore
from huixue.points.model import Account, Entry
from huixue.points.ports import PolicyOf
from huixue.points.posting import as_of
from huixue.points.run_store import NoticeStore
from huixue.points.store import LedgerStore

MAX_BYTES = 4_000_000
"""Of one part: as text in the answer of a function it grows by a quarter, and 6 MB is the platform's limit."""
MAX_CLAIMS = 1_000
MAX_ENTRIES = 5_000
_CLAIMS, _ENTRIES = "claims", "entries"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDesk:
    members: DynamoDbMembers
    claims: ClaimDesk
    postings: Postings
    belongings: BelongingsStore
    ledger: LedgerStore
    notices: NoticeStore
    bans: BanStore
    policy_of: PolicyOf
    now: Callable[[], datetime]
    max_bytes: int = MAX_BYTES
    max_claims: int = MAX_CLAIMS
    max_entries: int = MAX_ENTRIES


@cache
def export_desk() -> ExportDesk:
    names = settings().need("orders_table_name", "points_table_name")
    database, ledger = bootstrap.database(), bootstrap.ledger()
    return ExportDesk(
        members=bootstrap.members(), claims=bootstrap.claim_desk(), postings=bootstrap.postings,
        belongings=BelongingsStore(database, names.orders_table_name), ledger=ledger,
        notices=NoticeStore(database, names.points_table_name),
        bans=BanStore(database, names.points_table_name, ledger.posting),
        policy_of=bootstrap.policy_of, now=bootstrap.now,
    )  # fmt: skip


@dataclass(slots=True)
class _Part:
    """What fits into one answer."""

    left_bytes: int
    is_empty: bool = True

    def takes(self, row: msgspec.Struct) -> bool:
        """At least one row, however large: the next part would find it no smaller."""
        self.left_bytes -= len(msgspec.json.encode(row))
        fits = self.left_bytes >= 0 or self.is_empty
        self.is_empty = False
        return fits


def export(
    session: Session, *, start: str | None, english: bool, desk: ExportDesk
) -> tuple[erasure_wire.Export, str | None]:
    """One part of everything about her, and where the next one begins. Reads only; what happens between two parts is
    in neither or in the second. Raises CursorInvalidError, MemberErasedError."""
    member_ids = lineage_of(session.member_id, store=desk.members)
    kind, _, place = (start or f"{_CLAIMS}:").partition(":")
    if kind not in {_CLAIMS, _ENTRIES} or (start is not None and kind == _CLAIMS and not place):
        raise CursorInvalidError("no part of an export begins there")
    books = [desk.ledger.whole(each) for each in member_ids]
    entries = sorted(chain.from_iterable(found for _, found in books), key=_place, reverse=True)
    part = _Part(desk.max_bytes)
    made = erasure_wire.Export(exported_at=presenting.local(desk.now()), claims=[], entries=[])
    if start is None:
        accounts = [account for account, _ in books]
        made = _about(made, session, member_ids, accounts, entries, english, desk)
        part.left_bytes -= len(msgspec.json.encode(made))
    claims, more_at = made.claims, None
    if kind == _CLAIMS:
        claims, more_at = _claims(member_ids[0], place or None, english, part, desk)
    if more_at is not None:
        return msgspec.structs.replace(made, claims=claims), f"{_CLAIMS}:{more_at}"
    rows, more_at = _entries(entries, place if kind == _ENTRIES else "", part, desk)
    found = msgspec.structs.replace(made, claims=claims, entries=rows)
    return found, None if more_at is None else f"{_ENTRIES}:{more_at}"


def _claims(
    member_id: MemberId, after: str | None, english: bool, part: _Part, desk: ExportDesk
) -> tuple[list[erasure_wire.ExportedClaim], str | None]:
    page = list_claims(
        member_id, limit=desk.max_claims, after=after, desk=desk.claims, postings=desk.postings
    )
    taken: list[erasure_wire.ExportedClaim] = []
    for each in page.claims:
        row = erasure_presenting.claim(each, english=english)
        if not part.takes(row):
            return taken, taken[-1].claim_id if taken else after
        taken.append(row)
    return taken, page.next_claim_id


def _entries(
    entries: Sequence[Entry], after: str, part: _Part, desk: ExportDesk
) -> tuple[list[erasure_wire.ExportedEntry], str | None]:
    """From behind that place, or, where it is empty, from the newest on."""
    start = 0
    if after:
        places = [_place_text(each) for each in entries]
        if after not in places:
            raise CursorInvalidError("she has no such entry")
        start = places.index(after) + 1
    taken: list[erasure_wire.ExportedEntry] = []
    for each in entries[start:]:
        row = erasure_presenting.entry(each)
        if len(taken) == desk.max_entries or not part.takes(row):
            return taken, _place_text(entries[start + len(taken) - 1]) if taken else after
        taken.append(row)
    return taken, None


def _place(entry: Entry) -> tuple[datetime, MemberId, int]:
    return entry.recorded_at, entry.member_id, entry.number


def _place_text(entry: Entry) -> str:
    return f"{entry.member_id}:{entry.number}"


def _about(
    made: erasure_wire.Export, session: Session, member_ids: Sequence[MemberId],
    accounts: Sequence[Account], entries: Sequence[Entry], english: bool, desk: ExportDesk,
) -> erasure_wire.Export:  # fmt: skip
    """With all that is in the first part alone."""
    now = desk.now()
    present = [
        as_of(each, desk.policy_of(each.programme_id), now) for each in accounts if each.version
    ]
    belongings = desk.belongings.of(member_ids)
    bans = [ban for each in member_ids if (ban := desk.bans.newest([each])) is not None]
    return msgspec.structs.replace(
        made,
        profile=_profile(session, member_ids, desk),
        syncs=[erasure_presenting.exported_sync(each) for each in belongings.syncs],
        bound_accounts=[
            erasure_wire.ExportedAccount(
                sync_id=each.sync_id, bound_at=presenting.local(each.bound_at)
            )
            for each in belongings.accounts
        ],
        tries=[erasure_presenting.tries(each) for each in belongings.tries],
        cases=[presenting.case(each) for each in belongings.cases],
        points=[erasure_presenting.points(each, now=now, english=english) for each in present],
        check_in_days=erasure_presenting.check_in_days(entries),
        notices=[
            erasure_presenting.notice(notice)
            for each in member_ids
            for notice in desk.notices.notices_of(each)
        ],
        bans=[erasure_presenting.ban(each) for each in bans],
    )


def _profile(
    session: Session, member_ids: Sequence[MemberId], desk: ExportDesk
) -> erasure_wire.ExportedProfile:
    member = desk.members.members(member_ids[:1]).get(member_ids[0]) or Member(
        member_id=member_ids[0], programme_id=session.programme_id, openids={},
        created_at=desk.now(), revision=0,
    )  # fmt: skip
    told = history(member, store=desk.members)
    return erasure_presenting.profile(
        member,
        tag_history=told.tags,
        consent_history=told.consents,
        levels=[level for each in member_ids for level in desk.members.levels(each)],
    )
