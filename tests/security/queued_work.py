"""Messages about a member as they may still lie in the queues when she is erased."""

from __future__ import annotations

from huixue.edge import bootstrap
from huixue.kernel.events import ClaimSubmitted, OrdersChanged, OrderSyncRequested
from tests.functions.stage import Stage
from tests.security.whole_member import WholeMember


def claim_of(her: WholeMember) -> ClaimSubmitted:
    """Of the order that nobody has, as it may still lie in the queue."""
    (claim,) = [each for each in bootstrap.orders().claims_of(her.member_id) if each.next_check_at]
    return ClaimSubmitted(
        member_id=claim.member_id, programme_id=claim.programme_id, claim_id=claim.claim_id,
        order_ref=claim.order_ref, platform=claim.platform, order_hint=claim.order_hint,
        account_ref=claim.account_ref, room_level=claim.room_level, claimed_at=claim.claimed_at,
        submission=claim.submission, correlation_id=claim.claim_id,
    )  # fmt: skip


def syncs_of(her: WholeMember, stage: Stage) -> list[OrderSyncRequested]:
    items = stage.dynamodb.scan(TableName=stage.tables.orders)["Items"]
    return [
        OrderSyncRequested(
            member_id=her.member_id, sync_id=item["sk"]["S"].removeprefix("S#"), correlation_id="x"
        )
        for item in items
        if item["sk"]["S"].startswith("S#")
    ]


def credit_of(her: WholeMember, stage: Stage) -> OrdersChanged:
    items = stage.dynamodb.scan(TableName=stage.tables.orders)["Items"]
    refs = tuple(item["pk"]["S"].removeprefix("O#") for item in items if "ownership" in item)
    assert refs
    return OrdersChanged(member_id=her.member_id, order_refs=refs, correlation_id="x")
