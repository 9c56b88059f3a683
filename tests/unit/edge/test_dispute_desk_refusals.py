from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.dynamodb.writes import ConditionFailedError, Write
from huixue.edge.dispute_desk import MAX_ITEMS, decide
from huixue.kernel.errors import ContentionError, NotFoundError
from huixue.orders.appeals import Freeze, appeal_freeze
from huixue.orders.disputes import Verdict, VerdictRefusedError
from huixue.points.model import Frozen
from tests.engines.tables import TableNames
from tests.unit.edge.disputing import MESSAGE, Disputing
from tests.unit.orders.world import HER, OTHER

BY, NOTE = "operator-1", "已核对付款记录"


@pytest.fixture
def dispute(dynamodb: Any, tables: TableNames) -> Disputing:
    return Disputing(dynamodb, tables)


class LosingReplies(Database):
    """Commits, and then tells the caller what a repeated write of our own would tell: the condition fails."""

    lost = 0

    def transact(self, writes: Sequence[Write]) -> None:
        super().transact(writes)
        self.lost += 1
        raise ConditionFailedError(0, None)


@pytest.mark.parametrize("verdict", ["transfer", "uphold"])
def test_a_lost_reply_is_found_done(dispute: Disputing, dynamodb: Any, verdict: Verdict) -> None:
    dispute.has()
    dispute.settle(HER)
    losing = LosingReplies(dynamodb)
    case = dispute.appealed()

    decided = decide(case, verdict, BY, NOTE, desk=replace(dispute.desk, database=losing))

    assert losing.lost == 1
    assert decided == dispute.cases.case(OTHER, case.case_id)
    assert decided.status == ("transferred" if verdict == "transfer" else "upheld")
    assert dispute.account(HER).balance + dispute.account(OTHER).balance == 178
    dispute.assert_sound()


def test_who_keeps_losing_writes_nothing(dispute: Disputing, dynamodb: Any) -> None:
    class Losing(Database):
        def transact(self, writes: Sequence[Write]) -> None:
            raise ConditionFailedError(len(writes) - 1, None)

    dispute.has()
    case = dispute.appealed()

    with pytest.raises(ContentionError):
        decide(case, "uphold", BY, NOTE, desk=replace(dispute.desk, database=Losing(dynamodb)))

    assert dispute.cases.case(OTHER, case.case_id) == case


def test_an_order_without_owner_or_of_her_own_is_not_transferred(dispute: Disputing) -> None:
    order = dispute.has()
    case = dispute.appealed()
    dispute.orders.save(replace(order, ownership=None))
    with pytest.raises(VerdictRefusedError, match="nobody owns"):
        decide(case, "transfer", BY, NOTE, desk=dispute.desk)

    dispute.merged_ids = {OTHER: (OTHER, HER)}
    dispute.orders.save(replace(dispute.order(), ownership=order.ownership))

    with pytest.raises(VerdictRefusedError, match="hers already"):
        decide(case, "transfer", BY, NOTE, desk=dispute.desk)
    assert decide(case, "close", BY, NOTE, desk=dispute.desk).status == "closed"


def test_an_order_of_too_many_lines_is_refused_before_anything_is_written(
    dispute: Disputing,
) -> None:
    dispute.has(*[10_000] * (MAX_ITEMS // 2))
    dispute.settle(HER)
    case = dispute.appealed()

    with pytest.raises(VerdictRefusedError, match="too many lines"):
        decide(case, "transfer", BY, NOTE, desk=dispute.desk)

    assert dispute.owner() == HER
    assert dispute.account(OTHER).version == 0


def frozen_case(dispute: Disputing) -> tuple[Frozen, Any]:
    dispute.has()
    dispute.settle(HER)
    frozen = Frozen(reason="refunds", since=dispute.clock.now())
    dispute.ledger.freeze(HER, frozen)
    freeze = Freeze(member_id=HER, since=frozen.since)
    taken = appeal_freeze(freeze, "demo", MESSAGE, cases=dispute.cases, now=dispute.clock.now())
    return frozen, taken.case


def test_lifting_a_freeze_ends_it_with_the_case(dispute: Disputing) -> None:
    _, case = frozen_case(dispute)

    decided = decide(case, "lift", BY, NOTE, desk=dispute.desk)

    assert decided.status == "lifted"
    assert dispute.account(HER).frozen is None
    assert decide(case, "lift", BY, NOTE, desk=dispute.desk) == decided
    dispute.assert_sound()


def test_a_newer_freeze_is_not_lifted_by_an_older_case(dispute: Disputing) -> None:
    frozen, case = frozen_case(dispute)
    newer = replace(frozen, since=frozen.since + timedelta(days=1))
    dispute.ledger.freeze(HER, newer)

    with pytest.raises(VerdictRefusedError, match="freeze is over"):
        decide(case, "lift", BY, NOTE, desk=dispute.desk)

    assert dispute.account(HER).frozen == newer


@pytest.mark.parametrize("verdict", ["transfer", "lift"])
def test_a_verdict_of_the_other_kind_is_refused(dispute: Disputing, verdict: Verdict) -> None:
    _, freeze = frozen_case(dispute)
    case = freeze if verdict == "transfer" else dispute.appealed()

    with pytest.raises(VerdictRefusedError):
        decide(case, verdict, BY, NOTE, desk=dispute.desk)


def test_a_case_that_is_not_there_is_not_found(dispute: Disputing) -> None:
    dispute.has()
    case = replace(dispute.appealed(), member_id=HER)

    with pytest.raises(NotFoundError):
        decide(case, "uphold", BY, NOTE, desk=dispute.desk)


def test_points_of_an_erased_owner_go_to_nobody(dispute: Disputing) -> None:
    dispute.has()
    dispute.settle(HER)
    case = dispute.appealed()
    dispute.erased.add(HER)

    with pytest.raises(VerdictRefusedError, match="owner was erased") as refused:
        decide(case, "transfer", BY, NOTE, desk=dispute.desk)

    assert "never counted again" in str(refused.value.facts["why"])
    assert dispute.account(HER).balance == 178
    assert dispute.account(OTHER).balance == 0
    assert decide(case, "uphold", BY, NOTE, desk=dispute.desk).status == "upheld"


@pytest.mark.parametrize("verdict", ["transfer", "uphold", "close"])
def test_a_case_of_an_erased_member_is_nobodys(dispute: Disputing, verdict: Verdict) -> None:
    dispute.has()
    case = dispute.appealed()
    dispute.erased.add(OTHER)

    with pytest.raises(VerdictRefusedError, match="member of this case was erased"):
        decide(case, verdict, BY, NOTE, desk=dispute.desk)

    assert dispute.cases.case(OTHER, case.case_id) == case
