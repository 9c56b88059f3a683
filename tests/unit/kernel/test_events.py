"""Messages: values that compare, and cannot be changed on their way."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import get_args

import pytest

from huixue.kernel.events import LineQuote, Message, OrdersChanged

KINDS = get_args(Message)


@pytest.mark.parametrize("kind", KINDS)
def test_every_message_can_be_followed_and_says_everything_by_name(kind: type) -> None:
    names = {each.name for each in fields(kind)}

    assert "correlation_id" in names
    assert all(each.kw_only for each in fields(kind))
    assert not names & {"order_number", "account", "paid_amount_fen", "openid"}


def test_messages_are_values() -> None:
    one = OrdersChanged(member_id="m", order_refs=("a", "b"), correlation_id="c")

    assert one == OrdersChanged(member_id="m", order_refs=("a", "b"), correlation_id="c")
    assert len({one, one}) == 1
    with pytest.raises(FrozenInstanceError):
        one.member_id = "x"  # type: ignore[misc]  # what is tried here


def test_a_quote_names_nobody_but_its_owner() -> None:
    names = {each.name for each in fields(LineQuote)}

    assert "owner" in names
    assert not names & {"account", "order_number"}
