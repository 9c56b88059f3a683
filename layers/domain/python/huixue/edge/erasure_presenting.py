"""Receipts of erasures and exports of members: domain values → the shapes of `erasure_wire.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Literal

import msgspec

from huixue.edge import erasure_wire, presenting
from huixue.edge.erasing import Certificate
from huixue.edge.presenting import local
from huixue.members.consents import ConsentChange
from huixue.members.model import Member, VerifiedLevel
from huixue.members.tags import Tag, TagChange
from huixue.orders.model import OrderSync, Tries
from huixue.orders.views import ClaimView
from huixue.points.bans import Ban
from huixue.points.model import Account, Entry
from huixue.points.notices import Notice

_STORES: tuple[Literal["members", "orders", "points"], ...] = ("members", "orders", "points")
REMAINS = (
    "随机会员编号和注销时间会保留，用来让你的旧登录失效、让还在处理中的操作作废；它们不含任何身份信息。",
    "积分流水和余额只记在这个随机编号名下保留（包括流水里的订单号提示、任务和等级名称、签到日期），这样总账才对得上；积分不能再使用，也不会转给新的会员。",
    "你认领过的订单和当时适用的积分规则仍记在这个随机编号名下，同一笔订单不会再次积分；订单本身的信息是店铺自己的记录。",
    "客服对积分调整写下的理由和备注，作为账目的一部分，保留在流水和调整登记里。",
    "只有你在等的订单，仅留下订单号的加密摘要，大约一天后自动删除。",
    "还在排队的消息已经作废，最迟 14 天后自动删除。",
    "备份会在 35 天内自动过期。",
)
"""What is kept, and why. Backups are those of point-in-time recovery, which reach back 35 days."""


def receipt(made: Certificate) -> erasure_wire.ErasureReceipt:
    return erasure_wire.ErasureReceipt(
        receipt_id=made.receipt_id,
        erased_at=local(made.erased_at),
        removed=[
            erasure_wire.RemovedItems(store=store, kind=kind, items=items)
            for store in _STORES
            for kind, items in sorted(made.removed[store].items())
            if items
        ],
        remains=list(REMAINS),
    )


def profile(
    member: Member, *, tag_history: Iterable[TagChange], consent_history: Iterable[ConsentChange],
    levels: Iterable[VerifiedLevel],
) -> erasure_wire.ExportedProfile:  # fmt: skip
    said = member.profile
    return erasure_wire.ExportedProfile(
        member_id=member.member_id,
        other_member_ids=list(member.merged_from),
        programme_id=member.programme_id,
        joined_at=local(member.created_at) if member.revision else None,
        nickname=said.nickname,
        region=said.region,
        skin_type=said.skin_type,
        group_nickname=said.group_nickname,
        unionid=member.unionid,
        openids=[
            erasure_wire.ExportedIdentity(app_id=app_id, openid=openid)
            for app_id, openid in sorted(member.openids.items())
        ],
        tags=[_tag(each) for group in sorted(member.tags) for each in member.tags[group]],
        tag_history=[_tag_change(each) for each in tag_history],
        consents=[
            erasure_wire.ExportedConsent(
                purpose=each.purpose, room_id=each.room_id, granted=each.granted,
                at=local(each.decided_at),
            )
            for each in member.consents.values()
        ],
        consent_history=[
            erasure_wire.ExportedConsent(
                purpose=each.purpose, room_id=each.room_id, granted=each.granted, at=local(each.at)
            )
            for each in consent_history
        ],
        levels=[
            erasure_wire.ExportedLevel(
                room_id=each.room_id, level=each.level, source=each.source, set_at=local(each.set_at)
            )
            for each in levels
        ],
    )  # fmt: skip


def _tag(tag: Tag) -> erasure_wire.ExportedTag:
    return erasure_wire.ExportedTag(
        group=tag.group, value=tag.value, source=tag.source, confidence=tag.confidence,
        set_at=local(tag.set_at), expires_at=_local(tag.expires_at),
    )  # fmt: skip


def _tag_change(change: TagChange) -> erasure_wire.ExportedTagChange:
    return erasure_wire.ExportedTagChange(
        group=change.group, source=change.source, value=change.value, former=change.former,
        confidence=change.confidence, at=local(change.at), expires_at=_local(change.expires_at),
    )  # fmt: skip


def claim(view: ClaimView, *, english: bool) -> erasure_wire.ExportedClaim:
    return erasure_wire.ExportedClaim(
        **msgspec.structs.asdict(presenting.claim(view, english=english)),
        room_level=view.claim.room_level,
        asked_under=view.claim.member_id,
    )


def exported_sync(made: OrderSync) -> erasure_wire.ExportedSync:
    return erasure_wire.ExportedSync(
        sync_id=made.sync_id, platform=made.platform, paid_amount_fen=made.paid_amount_fen,
        requested_at=local(made.requested_at), finished_at=_local(made.finished_at),
        runs=made.run, status=made.status, lines_found=made.lines_found,
        lines_credited=made.lines_credited, lines_pending=made.lines_pending,
        lines_skipped=made.lines_skipped, reason=made.reason,
    )  # fmt: skip


def tries(counted: Tries) -> erasure_wire.ExportedTries:
    return erasure_wire.ExportedTries(
        claims={key: _of_epoch(at) for key, at in counted.numbers.items()},
        syncs={key: _of_epoch(at) for key, at in counted.proofs.items()},
    )


def points(account: Account, *, now: datetime, english: bool) -> erasure_wire.ExportedPoints:
    standing = account.standing
    return erasure_wire.ExportedPoints(
        member_id=account.member_id,
        programme_id=account.programme_id,
        summary=presenting.points(account, now=now, english=english),
        balance=account.balance,
        lots=dict(account.lots),
        holds=[
            erasure_wire.ExportedHold(hold_id=key, until=local(each.until), lots=dict(each.lots))
            for key, each in account.holds.items()
        ],
        qualifying=dict(account.qualifying),
        tier_period=standing.period if standing is not None else None,
        tier_kept=standing.floor if standing is not None else None,
        caps={cap_id: list(each) for cap_id, each in account.caps.items()},
        in_debt_since=account.in_debt_since,
        looked_after_at=_local(account.due_at),
        entry_count=account.entry_count,
        changes=account.version,
        merged_into=account.merged_into,
        merged_from=list(account.merged_from),
    )


def entry(found: Entry) -> erasure_wire.ExportedEntry:
    return erasure_wire.ExportedEntry(
        **msgspec.structs.asdict(presenting.entry(found)),
        member_id=found.member_id,
        key=found.source_key,
        lots=dict(found.lots),
        lot=found.lot,
        lifetime_points=found.earned,
        written_off_points=found.written_off,
        qualifying=dict(found.qualifying),
        caps=dict(found.caps),
        repays=found.repays,
        check_in_sheet=found.check_in_sheet,
    )


def check_in_days(entries: Sequence[Entry]) -> list[erasure_wire.ExportedDay]:
    """The days of a calendar are the entries that were made for them."""
    days: dict[date, Literal["checked_in", "made_up"]] = {}
    for each in entries:
        kind, _, day = each.source_key.partition("#")
        if kind == "check_in" and "#" not in day:
            days[date.fromisoformat(day)] = "made_up" if each.scene == "make_up" else "checked_in"
    return [erasure_wire.ExportedDay(date=day, kind=days[day]) for day in sorted(days)]


def notice(found: Notice) -> erasure_wire.ExportedNotice:
    return erasure_wire.ExportedNotice(
        expires_on=found.expires_on, days_before=found.days_before, points=found.points,
        created_at=local(found.created_at), state=found.state,
    )  # fmt: skip


def ban(found: Ban) -> erasure_wire.ExportedBan:
    return erasure_wire.ExportedBan(
        since=local(found.since), until=local(found.until), paid=found.paid,
        refunded=found.refunded, lifted_at=_local(found.lifted_at),
    )  # fmt: skip


def _local(instant: datetime | None) -> datetime | None:
    return None if instant is None else local(instant)


def _of_epoch(second: int) -> datetime:
    return local(datetime.fromtimestamp(second, UTC))
