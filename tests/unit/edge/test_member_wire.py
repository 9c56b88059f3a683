"""The words of the wire are those of the room of members."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from msgspec import UNSET

from huixue.edge.member_wire import MeRequest, SkinType
from huixue.members.model import UNDISCLOSED
from huixue.members.tags import SKIN_TYPES


def test_the_skin_types_on_the_wire_are_those_of_tags_and_the_wish_not_to_say() -> None:
    assert set(get_args(SkinType)) == {*SKIN_TYPES, UNDISCLOSED}


def test_absent_and_null_are_told_apart() -> None:
    body = msgspec.json.decode(b'{"nickname": null}', type=MeRequest)

    assert body.nickname is None
    assert body.region is UNSET


@pytest.mark.parametrize("text", [b'{"consents": null}', b'{"skin_type": "green"}'])
def test_what_no_member_can_mean_is_refused(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=MeRequest)
