"""What one of two members withdrew is forgotten in the history of both when they turn out to be one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huixue.kernel.errors import UnavailableError
from huixue.members.editing import edit_profile
from huixue.members.model import (
    Member,
)
from huixue.members.profiles import ProfileEdit
from tests.unit.members.fakes import FakeMembers
from tests.unit.members.signing_in import Door, identity
from tests.unit.members.telling import YES, at, consent

PERSON = (
    identity("o1"), identity("o1", "u"),
    identity("o2", app_id="wx2"), identity("o2", "u", app_id="wx2"),
)  # fmt: skip


class ForgettingLate(FakeMembers):
    """Whoever forgets for the first time dies before."""

    has_died = False

    def forget_values(self, member: Member) -> None:
        if not self.has_died:
            self.has_died = True
            raise UnavailableError("nobody answers")
        super().forget_values(member)


@pytest.mark.parametrize("store", [FakeMembers(), ForgettingLate()])
def test_what_a_merger_leaves_to_forget_is_forgotten_at_once_or_at_the_next_sign_in(
    store: FakeMembers,
) -> None:
    """One of the two allowed what the other has withdrawn since."""
    door = Door(store)
    gone, survivor = (door.sign_in(each).member_id for each in (PERSON[0], PERSON[3]))
    asked = [
        (gone, ProfileEdit(skin_type="dry", decisions=(YES,))),
        (survivor, ProfileEdit(decisions=(YES,))), (survivor, ProfileEdit(nickname="小美")),
    ]  # fmt: skip
    for minute, (member_id, edit) in enumerate(asked):
        edit_profile(member_id, edit, at(minute), store=store)
    withdrawn = {"skin_type": consent("skin_type", False, minute=9)}
    store.by_id[survivor] = replace(store.by_id[survivor], consents=withdrawn)

    if isinstance(store, ForgettingLate):
        with pytest.raises(UnavailableError):
            door.sign_in(PERSON[1])
        assert store.by_id[survivor].to_forget
    assert door.sign_in(PERSON[1]).member_id == survivor

    assert store.by_id[survivor].to_forget == ()
    (told,) = store.tag_rows[gone]
    assert (told.value, told.former) == (None, None)
