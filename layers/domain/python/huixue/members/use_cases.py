"""What can be done with members: sign in, find one by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from huixue.dynamodb.writes import ConditionFailedError
from huixue.kernel.errors import ContentionError, MemberErasedError
from huixue.kernel.ids import KeyedHash, MemberId
from huixue.members.model import (
    MAX_MERGES_FOLLOWED,
    BrokenMergeError,
    IdentityRefs,
    Member,
    MemberNotFoundError,
    SignedIn,
    SignInIdentity,
    attached,
    merged,
)
from huixue.members.ports import LedgerMerge, MemberRows, MemberStore

MAX_SIGN_IN_TRIES = 8
"""A condition fails only because somebody else's sign-in of the same person came first; each leaves less to do."""


def identity_refs(identity: SignInIdentity, hashes: KeyedHash) -> IdentityRefs:
    """An openid means nothing without its app: both are hashed together. App ids never hold a `|`."""
    unionid = identity.unionid
    return IdentityRefs(
        openid=hashes.identity_ref("openid", f"{identity.app_id}|{identity.openid}"),
        unionid=None if unionid is None else hashes.identity_ref("unionid", unionid),
    )


def sign_in(
    identity: SignInIdentity,
    *,
    store: MemberStore,
    hashes: KeyedHash,
    now: datetime,
    new_member_id: Callable[[], MemberId],
    ledger: LedgerMerge,
) -> SignedIn:
    """The one living member behind a WeChat identity: found, made, given a further identity, or merged from two.

    What one of two members withdrew is forgotten in the history of both before this returns; where that fails, the next
    sign-in does it. May be repeated; a known identity costs no write. Sign-ins at the same time end in the same member.
    Raises ContentionError (nothing of this call was written), BrokenMergeError, UnavailableError.
    """
    refs = identity_refs(identity, hashes)
    made: MemberId | None = None
    for _ in range(MAX_SIGN_IN_TRIES):
        pointers = store.pointers(identity.programme_id, refs.all())
        try:
            if pointers:
                member_id = _settled(identity, refs, pointers, store=store, now=now, ledger=ledger)
            else:
                member_id = made = new_member_id()
                store.create(_new_member(made, identity, refs, now))
        except (ConditionFailedError, MemberNotFoundError, MemberErasedError):
            continue  # somebody changed what was read, or was erased: read everything again
        return SignedIn(member_id=member_id, is_new=member_id == made)
    raise ContentionError("this member's identities kept changing in every attempt")


def _new_member(
    member_id: MemberId, identity: SignInIdentity, refs: IdentityRefs, now: datetime
) -> Member:
    return Member(
        member_id=member_id,
        programme_id=identity.programme_id,
        openids={identity.app_id: identity.openid},
        unionid=identity.unionid,
        identity_refs=refs.all(),
        created_at=now,
    )


def _settled(
    identity: SignInIdentity,
    refs: IdentityRefs,
    pointers: Mapping[str, MemberId],
    *,
    store: MemberStore,
    now: datetime,
    ledger: LedgerMerge,
) -> MemberId:
    """At least one row is there: brings the others in line with it. The unionid's member survives."""
    living = {each: living_member(each, store=store) for each in set(pointers.values())}
    by_ref = {ref: living[member_id] for ref, member_id in pointers.items()}
    survivor = by_ref.get(refs.unionid or refs.openid) or by_ref[refs.openid]
    missing = [ref for ref in refs.all() if ref not in pointers]
    if missing:
        store.attach(attached(survivor, identity, refs), new_refs=missing)
    elif (gone := by_ref[refs.openid]).member_id != survivor.member_id:
        survivor = merged(gone, survivor, identity, refs)
        store.merge(
            gone=gone,
            survivor=survivor,
            ref=refs.openid,
            pointed_to=pointers[refs.openid],
            ledger=ledger.merge_writes(gone.member_id, survivor.member_id, now),
        )
    if survivor.to_forget:  # of this merger, or of whatever died before it had forgotten
        store.forget_values(survivor)
    return survivor.member_id


def find_member(member_id: MemberId, *, store: MemberRows) -> Member:
    """The row of this very id, merged or not. Raises MemberNotFoundError, for one that was erased too."""
    member = store.members([member_id]).get(member_id)
    if member is None or member.erased_at is not None:
        raise MemberNotFoundError("there is no member with this id", member_id=member_id)
    return member


def living_member(member_id: MemberId, *, store: MemberRows) -> Member:
    """The member this id means today: merges are followed. Raises MemberNotFoundError, BrokenMergeError."""
    step = member_id
    for _ in range(1 + MAX_MERGES_FOLLOWED):
        member = find_member(step, store=store)
        if member.merged_into is None:
            return member
        step = member.merged_into
    raise BrokenMergeError("the merges of this member do not end", member_id=member_id)
