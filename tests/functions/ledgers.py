"""Points in the ledger of a stage, without orders: what the jobs find."""

from __future__ import annotations

from datetime import datetime

from huixue.edge import bootstrap
from huixue.kernel.ids import MemberId
from huixue.points.changes import Change
from huixue.points.model import Account
from huixue.points.posting import posted


def given(member_id: str, points: int, lot: str, *, at: datetime) -> Account:
    """Points put into one lot at an instant, as an adjustment would."""
    ledger, policy = bootstrap.ledger(), bootstrap.policy_of("demo")
    account = ledger.account(MemberId(member_id))
    change = Change(
        source_key=f"adjust#{account.entry_count + 1}", scene="adjustment", points=points,
        lots_in={lot: points}, source={"kind": "adjustment"},
    )  # fmt: skip
    after, entries = posted(account, [change], policy=policy, now=at)
    ledger.post(account, after, entries, policy=policy, shared={})
    return after
