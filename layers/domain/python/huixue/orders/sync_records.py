"""Account syncs and budgets of tries as items of the Orders table."""

from __future__ import annotations

from huixue.dynamodb.items import Item
from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.ids import MemberId
from huixue.orders.model import OrderSync, Tries
from huixue.orders.records import sync_key, tries_key

_SYNC_PLAIN = (
    "programme_id", "platform", "order_ref", "paid_amount_fen", "run", "status",
    "lines_found", "lines_credited", "lines_pending", "lines_skipped", "reason",
)  # fmt: skip


def sync_item(sync: OrderSync) -> Item:
    pk, sk = sync_key(sync.member_id, sync.sync_id)
    item: Item = {"pk": pk, "sk": sk, "account_ref_said": sync.account_ref}
    said = {name: getattr(sync, name) for name in _SYNC_PLAIN}
    said |= {
        "requested_at": to_text(sync.requested_at),
        "finished_at": to_text(sync.finished_at) if sync.finished_at else None,
    }
    return item | {name: value for name, value in said.items() if value is not None}


def sync_from(item: Item) -> OrderSync:
    return OrderSync(
        sync_id=str(item["sk"]).removeprefix("S#"),
        member_id=MemberId(str(item["pk"]).removeprefix("M#")),
        account_ref=item["account_ref_said"],
        requested_at=from_text(item["requested_at"]),
        finished_at=from_text(item["finished_at"]) if "finished_at" in item else None,
        **{name: item[name] for name in _SYNC_PLAIN if name in item},
    )


def tries_item(tries: Tries) -> Item:
    pk, sk = tries_key(tries.member_id)
    return {
        "pk": pk,
        "sk": sk,
        "numbers": dict(tries.numbers),
        "proofs": dict(tries.proofs),
        "version": tries.version,
    }


def tries_from(member_id: MemberId, item: Item | None) -> Tries:
    if item is None:
        return Tries(member_id=member_id)
    return Tries(
        member_id=member_id,
        numbers=item["numbers"],
        proofs=item["proofs"],
        version=item["version"],
    )
