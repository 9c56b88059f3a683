"""Orders and claims as items of the Orders table; keys are built and parsed only here.

What has its default is not stored: an ordinary owned order stays within one write unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from huixue.dynamodb.items import Item, Key
from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.ids import ClaimId, MemberId, OrderRef
from huixue.kernel.snapshots import Source
from huixue.orders.model import (
    STATEMENTS,
    Claim,
    Line,
    Order,
    Ownership,
    PoolRow,
    Refund,
    RefundRow,
    Row,
)
from huixue.orders.terms_records import short_text, terms_from, terms_map

ORDER = "ORDER"
BINDING = "BINDING"
TRIES = "TRIES"
CLAIM_PREFIX = "C#"
DUE_SHARDS = 8
"""Partitions of the due index: what waits in it is written often and read by the sweep alone."""

_TIMES = ("created_at", "paid_at", "confirmed_at")
_PLAIN = (
    "printed_state", "paid_fen", "refunded_fen", "freight_fen", "account_ref", "room", "title",
    "quantity", "trade_type",
)  # fmt: skip


def order_key(order_ref: str) -> Key:
    return f"O#{order_ref}", ORDER


def order_ref_from(pk: str) -> OrderRef:
    return OrderRef(pk.removeprefix("O#"))


def member_pk(member_id: str) -> str:
    return f"M#{member_id}"


def claim_key(member_id: str, claim_id: str) -> Key:
    return member_pk(member_id), f"{CLAIM_PREFIX}{claim_id}"


def sync_key(member_id: str, sync_id: str) -> Key:
    return member_pk(member_id), f"S#{sync_id}"


def tries_key(member_id: str) -> Key:
    return member_pk(member_id), TRIES


def binding_key(programme_id: str, account_ref: str) -> Key:
    """A member is per programme, so an account is one member's in each of them."""
    return f"B#{programme_id}#{account_ref}", BINDING


def pointer_key(member_id: str, programme_id: str, account_ref: str) -> Key:
    """Where a member's own partition says that an account is bound to her, so that her erasure finds the binding."""
    return member_pk(member_id), binding_key(programme_id, account_ref)[0]


def binding_of_pointer(sk: str) -> Key | None:
    return (sk, BINDING) if sk.startswith("B#") else None


def member_of(pk: str) -> MemberId:
    return MemberId(pk.removeprefix("M#"))


def claim_of(key: Key) -> tuple[str, str]:
    """(member id, claim id) of a claim's key."""
    return key[0].removeprefix("M#"), key[1].removeprefix(CLAIM_PREFIX)


def is_claim(item: Item) -> bool:
    return str(item["sk"]).startswith(CLAIM_PREFIX)


def is_sync(item: Item) -> bool:
    return str(item["sk"]).startswith("S#")


def is_order(item: Item) -> bool:
    return str(item["sk"]) == ORDER


def due_shard(claim_id: str) -> str:
    return f"due#{sum(claim_id.encode()) % DUE_SHARDS}"


def release_shard(order_ref: str) -> str:
    """Apart from claims: those may wait for the matcher and must not hide a release."""
    return f"rel#{sum(order_ref.encode()) % DUE_SHARDS}"


def release_shards() -> list[str]:
    return [f"rel#{shard}" for shard in range(DUE_SHARDS)]


def due_shards() -> list[str]:
    return [f"due#{shard}" for shard in range(DUE_SHARDS)]


def line_map(line: Line) -> dict[str, object]:
    """A line as a map: `at` is when most of it was said, `at_of` what was said at another time."""
    said = {name: getattr(line, name) for name in _PLAIN}
    said |= {name: short_text(getattr(line, name)) for name in _TIMES}
    common = Counter(line.as_of_ms.values()).most_common(1)[0][0] if line.as_of_ms else 0
    others = {name: at for name, at in line.as_of_ms.items() if at != common}
    out: dict[str, object] = {name: value for name, value in said.items() if value is not None}
    out |= {"state": line.state, "at": common}
    return out | {"at_of": others} if others else out


def line_from(content: Mapping[str, Any]) -> Line:
    others = content.get("at_of", {})
    said = [name for name, fields in STATEMENTS.items() if fields[0] in content]
    as_of_ms = {name: others.get(name, content["at"]) for name in said}
    values = {name: content[name] for name in _PLAIN if name in content}
    values |= {name: from_text(content[name]) for name in _TIMES if name in content}
    return Line(state=content["state"], as_of_ms=as_of_ms, **values)


def row_record(row: Row) -> list[object]:
    """A row as JSON can hold it, between planning a chunk and applying it. Only rows of lines: exports print no
    refunds with a number of their own."""
    if isinstance(row, RefundRow):
        raise TypeError("exports print no refunds of their own")
    said: list[object] = [row.order_ref, row.order_hint, row.platform, row.source, row.line_key]
    said.append(line_map(row.line))
    return said if row.part_ref is None else [*said, row.part_ref]


def row_from(content: Sequence[Any]) -> PoolRow:
    order_ref, order_hint, platform, source, line_key, line, *part = content
    return PoolRow(
        order_ref=order_ref, order_hint=order_hint, platform=platform, source=source,
        line_key=line_key, line=line_from(line), part_ref=part[0] if part else None,
    )  # fmt: skip


def order_item(order: Order) -> Item:
    pk, sk = order_key(order.order_ref)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "platform": order.platform,
        "order_hint": order.order_hint,
        "revision": order.revision,
        "sources": {
            source: {key: line_map(line) for key, line in lines.items()}
            for source, lines in order.sources.items()
        },
    }
    account_ref = order.account_ref if order.alias_of is None else None
    optional = {
        "first_source": order.first_source,
        "account_ref": account_ref,
        "paid_at": _text(order.paid_at or order.created_at) if account_ref else None,
        "refunds": {key: _refund_list(each) for key, each in order.refunds.items()} or None,
        "alias_of": order.alias_of,
        "next_check_at": _text(order.release_at),
        "due_shard": release_shard(order.order_ref) if order.release_at else None,
        "expires_at_epoch_s": order.expires_at_epoch_s,
        "waiting": dict(order.waiting) or None,
        "ownership": _ownership_map(order.ownership),
    }
    return item | {name: value for name, value in optional.items() if value is not None}


def order_from(item: Item) -> Order:
    sources: dict[Source, dict[str, Line]] = {
        source: {key: line_from(content) for key, content in lines.items()}
        for source, lines in item["sources"].items()
    }
    return Order(
        order_ref=order_ref_from(item["pk"]),
        platform=item["platform"],
        order_hint=item["order_hint"],
        sources=sources,
        first_source=item.get("first_source"),
        ownership=_ownership_from(item.get("ownership")),
        waiting=item.get("waiting", {}),
        refunds={key: _refund_from(each) for key, each in item.get("refunds", {}).items()},
        release_at=_time(item.get("next_check_at")),
        alias_of=item.get("alias_of"),
        expires_at_epoch_s=item.get("expires_at_epoch_s"),
        revision=item["revision"],
    )


def _ownership_map(ownership: Ownership | None) -> dict[str, object] | None:
    if ownership is None:
        return None
    return {
        "member_id": ownership.member_id,
        "owned_at": to_text(ownership.owned_at),
        "via": ownership.via,
        "proven": ownership.proven,
        "credit_source": ownership.credit_source,
        "terms": terms_map(ownership.terms),
    }


def _ownership_from(content: Mapping[str, Any] | None) -> Ownership | None:
    if content is None:
        return None
    return Ownership(
        member_id=MemberId(content["member_id"]),
        owned_at=from_text(content["owned_at"]),
        via=content["via"],
        proven=content["proven"],
        credit_source=content["credit_source"],
        terms=terms_from(content["terms"]),
    )


def _refund_list(refund: Refund) -> list[object]:
    return [refund.line_key, refund.state, refund.amount_fen, refund.as_of_ms]


def _refund_from(content: Sequence[Any]) -> Refund:
    line_key, state, amount_fen, as_of_ms = content
    return Refund(line_key=line_key, state=state, amount_fen=amount_fen, as_of_ms=as_of_ms)


def claim_item(claim: Claim) -> Item:
    pk, sk = claim_key(claim.member_id, claim.claim_id)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "programme_id": claim.programme_id,
        "platform": claim.platform,
        "order_ref": claim.order_ref,
        "order_hint": claim.order_hint,
        "claimed_at": to_text(claim.claimed_at),
        "submission": claim.submission,
    }
    optional = {
        "account_ref_said": claim.account_ref,
        "room_level": claim.room_level,
        "rejected_reason": claim.rejected_reason,
        "next_check_at": _text(claim.next_check_at),
        "due_shard": due_shard(claim.claim_id) if claim.next_check_at else None,
    }
    return item | {name: value for name, value in optional.items() if value is not None}


def claim_from(item: Item) -> Claim:
    return Claim(
        claim_id=ClaimId(str(item["sk"]).removeprefix(CLAIM_PREFIX)),
        member_id=MemberId(str(item["pk"]).removeprefix("M#")),
        programme_id=item["programme_id"],
        platform=item["platform"],
        order_ref=item["order_ref"],
        order_hint=item["order_hint"],
        account_ref=item.get("account_ref_said"),
        room_level=item.get("room_level"),
        claimed_at=from_text(item["claimed_at"]),
        submission=item["submission"],
        rejected_reason=item.get("rejected_reason"),
        next_check_at=_time(item.get("next_check_at")),
    )


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else to_text(instant)


def _time(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)
