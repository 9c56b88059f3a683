"""A member with an item of every kind, made through the doors that the product has, and what is hers by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from huixue.edge import bootstrap, clients, ledger_jobs
from huixue.edge.settings import settings
from huixue.kernel.calendar import business_date
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.editing import set_tag
from huixue.members.levels import set_verified_level
from huixue.members.model import SignInIdentity
from huixue.members.tags import Tag
from huixue.members.use_cases import sign_in
from huixue.orders.claims import order_hint
from huixue.points.ban_store import BanStore
from huixue.points.bans import Ban
from huixue.points.model import Frozen
from huixue.points.moving import adjust, open_hold
from huixue.points.notices import Notice
from infra.sandbox.server import APP_ID
from infra.sandbox.wechat import session
from tests.functions.check_ins import published
from tests.functions.http import call
from tests.functions.ledgers import given
from tests.functions.orders import bring, number, order, pump
from tests.functions.stage import Stage, running_stage
from tests.unit.sandbox.running import running_sandbox

CODE = "sandbox-xiaomei-{}"
OTHER_APP, OTHER_OPENID = "wx00000000000000aa", "o-of-the-other-app-0123456789"
ACCOUNT = "tb_xiaomei_private"
WAITED_FOR = number(987_654)
"""An order number she claimed and nobody knows."""
NICKNAME, GROUP_NICKNAME = "小美今天也要美", "上海+干皮"
APPEAL, FREEZE_APPEAL = "这单是我妈妈帮我下的，请核对", "我没有频繁退款，请恢复兑换"
TAG = "爱买口红"


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeMember:
    member_id: MemberId
    gone_id: MemberId
    """Who became her."""
    token: str
    gone_token: str
    private: Mapping[str, str]
    """Texts that must be nowhere once she is erased, by what they are."""


@contextmanager
def stage_with_wechat() -> Iterator[Stage]:
    with (
        running_sandbox() as sandbox,
        running_stage(wechat_endpoint=sandbox.url("/wechat")) as stage,
    ):
        yield stage


def signed_in(stage: Stage, nonce: str) -> tuple[MemberId, str]:
    answer = call(stage, "sign_in", body={"code": CODE.format(nonce)})
    assert answer.status == 200, answer.text
    return MemberId(answer.body["member"]["member_id"]), answer.body["token"]


def whole_member(stage: Stage) -> WholeMember:
    published(first=business_date(datetime.now(UTC)) - timedelta(days=20))
    wechat = session(APP_ID, "xiaomei", CODE.format(1))
    gone_id = _other_app(None)
    gone_token = stage.token(gone_id)
    bring([order(number(1)), order(number(2), account=ACCOUNT)])
    _claimed(stage, gone_token, number(1))
    member_id, token = signed_in(stage, "1")
    assert _other_app(wechat["unionid"]) == member_id
    _profile(stage, member_id, token)
    _orders(stage, token)
    _points(stage, member_id, token)
    hashes = clients.keyed_hash()
    account_ref = hashes.account_ref("taobao", ACCOUNT)
    private = {
        "openid": wechat["openid"],
        "unionid": wechat["unionid"],
        "openid of the other app": OTHER_OPENID,
        "identity of the openid": hashes.identity_ref("openid", f"{APP_ID}|{wechat['openid']}"),
        "identity of the unionid": hashes.identity_ref("unionid", wechat["unionid"]),
        "identity of the other openid": hashes.identity_ref(
            "openid", f"{OTHER_APP}|{OTHER_OPENID}"
        ),
        "nickname": NICKNAME,
        "name in the group": GROUP_NICKNAME,
        "region": "上海",
        "skin type": "acne_prone",
        "tag": TAG,
        "appeal": APPEAL,
        "appeal of a freeze": FREEZE_APPEAL,
        "binding": f"B#demo#{account_ref}",
        "hint of an order that nobody has": order_hint(WAITED_FOR),
        "order that nobody has": hashes.order_ref("taobao", WAITED_FOR),
    }
    return WholeMember(
        member_id=member_id, gone_id=gone_id, token=token, gone_token=gone_token, private=private
    )


def _other_app(unionid: str | None) -> MemberId:
    """The same person in another mini-program of the programme; without a unionid, or, later, with it."""
    identity = SignInIdentity(
        programme_id=ProgrammeId("demo"), app_id=OTHER_APP, openid=OTHER_OPENID, unionid=unionid
    )
    return sign_in(
        identity, store=bootstrap.members(), hashes=clients.keyed_hash(),
        now=bootstrap.now() - timedelta(days=9),
        new_member_id=bootstrap.new_member_id, ledger=bootstrap.MergingLedger(programme_id="demo"),
    ).member_id  # fmt: skip


def _claimed(stage: Stage, token: str, order_number: str) -> str:
    body = {"platform": "taobao", "order_number": order_number, "room_level": "gold"}
    answer = call(stage, "submit_order", token=token, body=body)
    assert answer.status == 202, answer.text
    pump(stage)
    return str(answer.body["claim_id"])


def _profile(stage: Stage, member_id: MemberId, token: str) -> None:
    said = {
        "nickname": NICKNAME, "region": "上海", "skin_type": "acne_prone", "group_nickname": GROUP_NICKNAME,
        "consents": [
            {"purpose": "skin_type", "granted": True},
            {"purpose": "marketing", "room_id": "main", "granted": False},
        ],
    }  # fmt: skip
    answer = call(stage, "put_me", token=token, body=said)
    assert answer.status == 200, answer.text
    now = bootstrap.now()
    for value in (TAG, TAG + "2"):
        tag = Tag(
            group="interests", value=value, source="operator", set_at=now, set_by="an operator",
            expires_at=now + timedelta(days=30),
        )  # fmt: skip
        set_tag(member_id, tag, store=bootstrap.members())
    set_verified_level(
        member_id, "main", "gold", "operator", "an operator", now, store=bootstrap.members()
    )


def _orders(stage: Stage, token: str) -> None:
    """A bound account with its order, one order that nobody has, and what she says about that."""
    sync = {
        "platform": "taobao", "account": ACCOUNT, "order_number": number(2),
        "paid_amount_fen": 17_880,
    }  # fmt: skip
    assert call(stage, "start_order_sync", token=token, body=sync).status == 202
    wrong = sync | {"order_number": number(3)}
    assert call(stage, "start_order_sync", token=token, body=wrong).status == 202
    pump(stage)
    path = {"claim_id": _claimed(stage, token, WAITED_FOR)}
    answer = call(stage, "appeal_order", token=token, path=path, body={"message": APPEAL})
    assert answer.status == 202, answer.text


def _points(stage: Stage, member_id: MemberId, token: str) -> None:
    """A check-in, a make-up and a task, a hold, a notice of an expiry, and a ban that she objects to."""
    now, desk = datetime.now(UTC), bootstrap.ledger_desk()
    today = business_date(now)
    given(member_id, 30, f"{date(today.year + 1, 1, 31)}|adjust", at=now)
    assert call(stage, "check_in", token=token).status == 201
    yesterday = {"date": str(today - timedelta(days=1))}
    assert call(stage, "make_up", token=token, path=yesterday).status == 201
    asked = {
        "reason": "goodwill", "member_note": "感谢反馈", "internal_note": "called twice", "by": "an operator",
    }  # fmt: skip
    adjust(member_id, "demo", "adjustment-1", 11, asked, desk=desk)
    open_hold(member_id, "demo", "hold-1", 7, now + timedelta(hours=1), {"for": "test"}, desk=desk)
    ledger_jobs.notices().record(
        Notice(
            member_id=member_id, expires_on=today + timedelta(days=7), days_before=7, points=30,
            created_at=now,
        )
    )  # fmt: skip
    points = settings().points_table_name
    bans = BanStore(bootstrap.database(), points, bootstrap.ledger().posting)
    ban = Ban(
        member_id=member_id, since=now, until=now + timedelta(days=30), paid=9, refunded=8,
        preview="a preview",
    )  # fmt: skip
    bans.impose(bootstrap.ledger().standing(member_id, []).account, ban)
    assert Frozen(reason="refunds", since=ban.since, until=ban.until) == ban.frozen
    answer = call(stage, "appeal_freeze", token=token, body={"message": FREEZE_APPEAL})
    assert answer.status == 202, answer.text
