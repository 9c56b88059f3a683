"""Members and what follows from an edit of theirs."""

from __future__ import annotations

from huixue.edge import bootstrap
from huixue.edge.member_presenting import edit_of, rooms_named
from huixue.edge.member_wire import MeRequest
from huixue.edge.session_tokens import Session, UnauthenticatedError
from huixue.kernel.events import TaskDone
from huixue.members.consents import Consents
from huixue.members.editing import edit_profile
from huixue.members.model import Member, MemberNotFoundError
from huixue.members.profiles import is_complete

PROFILE = "profile"
"""The one subject of a task of this kind."""


def edited(session: Session, body: MeRequest, *, consents: Consents, correlation_id: str) -> Member:
    """The member after her edit; `consents` is what she decided before. Every edit that leaves the profile complete
    tells the tasks so; whether one is rewarded, and that it is rewarded once, is decided there. May be repeated.

    Raises FieldsInvalidError, ConsentRequiredError, ContentionError, UnavailableError (ask again), and
    UnauthenticatedError for a session of nobody: whoever signed in has a row.
    """
    now = bootstrap.now()
    room_ids: list[str] = []
    if rooms_named(body):
        _, programme = bootstrap.programmes().current(session.programme_id)
        room_ids = [room.room_id for room in programme.rooms]
    former = {each.room_id for each in consents.values() if each.room_id is not None}
    edit = edit_of(body, room_ids, former)
    try:
        member = edit_profile(session.member_id, edit, now, store=bootstrap.members())
    except MemberNotFoundError:
        raise UnauthenticatedError("no member has this id") from None
    if is_complete(member, now):
        done = TaskDone(
            member_id=member.member_id, programme_id=member.programme_id, kind="profile",
            subject=PROFILE, done_at=now, correlation_id=correlation_id,
        )  # fmt: skip
        bootstrap.outbox().reward([done])
    return member
