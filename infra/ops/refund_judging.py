"""Who gives back too much of what she buys: every order of the pool, member by member, for `huixue ban-refunders`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from huixue.kernel.errors import ContentionError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy, RefundBan
from huixue.orders.model import Order
from huixue.orders.refund_ratios import PaidOrder, RefundRatio, paid_order_of, ratio_of, verdict
from huixue.points.ban_store import BanStore
from huixue.points.bans import Ban, ended_at, is_in_force
from huixue.points.model import Account
from huixue.points.ports import Ledger, LedgerChangedError

MAX_ROUNDS = 8
Standing = Literal["ban", "near", "fine", "banned", "frozen", "no_account"]
"""`banned` by this rule, in force · `frozen` stopped for another reason, which is left as it is · `no_account` nothing
was ever posted for her, so there is nothing to redeem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    member_id: MemberId
    """The id that holds her points today."""
    standing: Standing
    ratio: RefundRatio
    ban: Ban | None = None
    """Her newest, in force or over."""
    is_lifted_early: bool = False
    """It was ended before its time, and nobody has written down when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BanDesk:
    ledger: Ledger
    bans: BanStore
    policy: LedgerPolicy
    rule: RefundBan


def judged(orders: Iterable[Order], now: datetime, *, desk: BanDesk) -> list[Judged]:
    """Everybody who gave back an order inside the window, most refunds first; reads only."""
    paid = _paid_orders(orders, desk.policy.programme_id)
    refunders = [who for who, hers in paid.items() if any(each.kept == "refunded" for each in hers)]
    accounts = [desk.ledger.standing(each, []).account for each in refunders]
    by_id = {account.member_id: account for account in accounts}
    found = [_judge(account, paid, now, desk) for account in by_id.values()]
    seen = [
        each
        for each in found
        if each.ratio.refunded or each.standing == "banned" or each.is_lifted_early
    ]
    return sorted(seen, key=lambda each: (-each.ratio.refunded, each.member_id))


def _paid_orders(orders: Iterable[Order], programme_id: str) -> dict[MemberId, list[PaidOrder]]:
    found: dict[MemberId, list[PaidOrder]] = {}
    for order in orders:
        if order.ownership is None or order.ownership.terms.programme_id != programme_id:
            continue
        paid = paid_order_of(order)
        if paid is not None:
            found.setdefault(paid.owner, []).append(paid)
    return found


def _judge(
    account: Account, paid: dict[MemberId, list[PaidOrder]], now: datetime, desk: BanDesk
) -> Judged:
    ids = (account.member_id, *account.merged_from)
    hers = [order for each in ids for order in paid.get(each, ())]
    ban = desk.bans.newest(ids)
    ended = ended_at(ban, account, now) if ban is not None else None
    ratio = ratio_of(hers, desk.rule.window_days, now=now, zone=desk.policy.zone, relief_at=ended)
    early = ban is not None and ended is not None and ban.lifted_at is None and now < ban.until
    return Judged(
        member_id=account.member_id, standing=_standing(account, ban, ratio, now, desk.rule),
        ratio=ratio, ban=ban, is_lifted_early=early,
    )  # fmt: skip


def _standing(
    account: Account, ban: Ban | None, ratio: RefundRatio, now: datetime, rule: RefundBan
) -> Standing:
    if ban is not None and is_in_force(ban, account, now):
        return "banned"
    said = verdict(ratio, rule)
    if said != "ban":
        return said
    if account.version == 0 or account.erased_at is not None:
        return "no_account"
    return "frozen" if account.is_frozen(now) else "ban"


def preview_of(found: Sequence[Judged], rule: RefundBan, *, seen: str = "") -> str:
    """Names exactly who is to be banned, for what, under which rule. Those whom the run that was announced as `seen`
    has banned already are as they were then: a run that died half way may be repeated."""
    listed = [(each.member_id, each.ratio.paid, each.ratio.refunded) for each in to_ban(found)]
    listed += [
        (each.member_id, each.ban.paid, each.ban.refunded)
        for each in found
        if each.standing == "banned" and each.ban is not None and each.ban.preview == seen
    ]
    text = json.dumps([asdict(rule), sorted(listed)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def to_ban(found: Sequence[Judged]) -> list[Judged]:
    return [each for each in found if each.standing == "ban"]


def impose(each: Judged, preview: str, now: datetime, *, desk: BanDesk) -> bool:
    """Stops her redemptions until the ban's days are over; False where they are stopped by now for another reason,
    or she was erased.
    May be repeated. Raises ContentionError."""
    ban = Ban(
        member_id=each.member_id, since=now, until=now + timedelta(days=desk.rule.ban_days),
        paid=each.ratio.paid, refunded=each.ratio.refunded, preview=preview,
    )  # fmt: skip
    for _ in range(MAX_ROUNDS):
        account = desk.ledger.standing(each.member_id, []).account
        if account.is_frozen(now) or account.erased_at is not None:
            return False
        try:
            desk.bans.impose(account, replace(ban, member_id=account.member_id))
        except LedgerChangedError:
            continue
        return True
    raise ContentionError("her account kept changing", member_id=each.member_id)


def note_ends(found: Sequence[Judged], now: datetime, *, desk: BanDesk) -> None:
    """Writes down when bans ended that somebody lifted without a word: from here on refunds count again."""
    for each in found:
        if each.is_lifted_early and each.ban is not None:
            desk.bans.note_end(each.ban, now)
