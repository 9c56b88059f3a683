"""An erasure that gets no further than its tombstone: everything is closed already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from huixue.edge import bootstrap, erasing
from huixue.edge.session_tokens import Session
from huixue.kernel.errors import UnavailableError
from huixue.kernel.ids import MemberId, ProgrammeId
from tests.functions.http import WITH_SESSION, asked, assert_problem, request
from tests.functions.orders import bring, failed, names, number, order, sqs_event, waiting
from tests.functions.stage import Stage
from tests.security.test_erasure import sums
from tests.security.whole_member import (
    stage_with_wechat,
    whole_member,
)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with stage_with_wechat() as running:
        yield running


def test_from_the_tombstone_on_no_token_opens_anything_and_no_credit_is_posted(
    stage: Stage,
) -> None:
    """The queue delivers a credit before the purge has begun."""
    her = whole_member(stage)
    desk = replace(erasing.erasure_desk(), belongings=Unreachable())  # type: ignore[arg-type]  # as good as dead
    session = Session(member_id=her.member_id, programme_id=ProgrammeId("demo"))
    with pytest.raises(UnavailableError):
        erasing.erase(session, desk=desk, send=bootstrap.outbox().erase_later)
    before = sums(stage)

    bring([order(number(1), state="closed", refunded_fen=17_880)])
    credited = waiting(stage, "points_credit_queue_url")
    assert failed(stage.invoke("credit_points", sqs_event(credited))) == []

    assert names(credited) == ["OrdersChanged"]
    assert sums(stage) == before
    for function in WITH_SESSION:
        for token in (her.token, her.gone_token):
            found = asked(stage, function, request(function, token=token))
            assert_problem(found, 401, "UNAUTHENTICATED")


class Unreachable:
    def remove(self, member_ids: Sequence[MemberId], now: datetime) -> Counter[str]:
        raise UnavailableError("nobody answers", member_ids=member_ids, now=now)
