"""When a ban ended: what a new one may count."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from huixue.points.bans import Ban, ended_at, is_in_force
from huixue.points.model import Account, Frozen
from tests.unit.points.fakes import ANNA, NOW

SINCE, UNTIL = NOW - timedelta(days=10), NOW + timedelta(days=20)
BAN = Ban(member_id=ANNA, since=SINCE, until=UNTIL, paid=5, refunded=4, preview="p")
BANNED = Account(member_id=ANNA, frozen=BAN.frozen)


def test_a_ban_is_in_force_while_the_account_is_stopped_by_it() -> None:
    assert is_in_force(BAN, BANNED, NOW)
    assert ended_at(BAN, BANNED, NOW) is None


@pytest.mark.parametrize(
    ("account", "now", "expected"),
    [
        (BANNED, UNTIL, UNTIL),
        (BANNED, UNTIL + timedelta(days=9), UNTIL),
        (replace(BANNED, frozen=None), NOW, NOW),
        (replace(BANNED, frozen=Frozen(reason="audit", since=NOW)), NOW, NOW),
        (replace(BANNED, frozen=None), UNTIL + timedelta(days=9), UNTIL),
    ],
    ids=["at its end", "long ago", "lifted without a word", "another freeze", "lifted, and over"],
)
def test_a_ban_that_is_over_ended_at_its_time_or_now(
    account: Account, now: datetime, expected: datetime
) -> None:
    assert ended_at(BAN, account, now) == expected


def test_the_word_that_was_left_says_when_it_was_lifted() -> None:
    noted = replace(BAN, lifted_at=SINCE + timedelta(days=1))

    assert ended_at(noted, replace(BANNED, frozen=None), NOW) == SINCE + timedelta(days=1)
