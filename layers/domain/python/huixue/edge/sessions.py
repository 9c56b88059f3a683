"""Whose request it is. A room of its own, so that routes without a session never load AWS clients."""

from __future__ import annotations

from huixue.edge import bootstrap
from huixue.edge.clients import session_keys
from huixue.edge.requests import Request
from huixue.edge.session_tokens import Session, UnauthenticatedError, verified
from huixue.kernel.calendar import SystemClock
from huixue.members.model import MAX_MERGES_FOLLOWED, BrokenMergeError, Member


def session_of(request: Request, *, consistent: bool = True) -> Session:
    """The session of the request's bearer token, asked before anything else; costs one read of her row.

    `consistent=False` for what everybody may read anyway: half the price, and an erasure of this very second may be
    missed. An id without a row is taken at its token's word. Raises UnauthenticatedError, also for the token of a
    member who was erased since.
    """
    return member_of(request, consistent=consistent)[0]


def member_of(request: Request, *, consistent: bool = True) -> tuple[Session, Member]:
    """The session, and the member that its id means today (merges are followed, so her id may be another one).

    An id without a row gives a member of that id who signed in just now and said nothing; her `revision` is 0.
    Raises UnauthenticatedError, BrokenMergeError.
    """
    session = signed_session(request)
    step = session.member_id
    for _ in range(1 + MAX_MERGES_FOLLOWED):
        member = bootstrap.members().member(step, consistent=consistent)
        if member is None:
            return session, _unknown(session)
        if member.erased_at is not None:
            raise UnauthenticatedError("erased")
        if member.merged_into is None:
            return session, member
        step = member.merged_into
    raise BrokenMergeError("the merges of this member do not end", member_id=session.member_id)


def signed_session(request: Request) -> Session:
    """The session by its token alone: for whoever reads something of the member that an erasure marks as well, and
    looks at that mark. Raises UnauthenticatedError."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("no bearer token")
    return verified(token.strip(), keys=session_keys(), now=SystemClock().now())


def _unknown(session: Session) -> Member:
    return Member(
        member_id=session.member_id,
        programme_id=session.programme_id,
        openids={},
        created_at=SystemClock().now(),
        revision=0,
    )
