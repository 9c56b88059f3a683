"""Signing in: a WeChat code for a session of ours."""

from __future__ import annotations

import re

from huixue.edge import bootstrap, clients, presenting, wire
from huixue.edge.session_tokens import issue
from huixue.edge.settings import settings
from huixue.kernel.errors import MisconfiguredError
from huixue.kernel.ids import ProgrammeId
from huixue.members.model import SignInIdentity
from huixue.members.use_cases import sign_in
from huixue.programme.model import Programme
from huixue.wechat.code_exchange import CodeExchange

_REFERER = re.compile(r"https://servicewechat\.com/(wx[0-9a-zA-Z]+)/")
"""What WeChat itself sets on every request of a mini-program; a page cannot set its own."""


def signed_in(body: wire.SessionRequest, *, referer: str) -> wire.Session:
    """A session for whoever WeChat says sent the code. Repeatable only with a new code: WeChat takes each once.
    Raises ProgrammeNotFoundError, LoginCodeInvalidError, UnavailableError, MisconfiguredError."""
    programme_id = body.programme_id or settings().need("default_programme_id").default_programme_id
    _, programme = bootstrap.programmes().current(programme_id)
    app_id = app_of(programme, referer)
    found = CodeExchange(
        pool=clients.http_pool(),
        base_url=settings().need("wechat_endpoint").wechat_endpoint,
        app_id=app_id,
        app_secret=clients.platform_secret(f"wechat:{app_id}"),
    ).exchange(body.code)
    identity = SignInIdentity(
        programme_id=ProgrammeId(programme_id),
        app_id=app_id,
        openid=found.openid,
        unionid=found.unionid,
    )
    now = bootstrap.now()
    member = sign_in(
        identity, store=bootstrap.members(), hashes=clients.keyed_hash(), now=now,
        new_member_id=bootstrap.new_member_id,
        ledger=bootstrap.MergingLedger(programme_id=programme_id),
    )  # fmt: skip
    token, expires_at = issue(
        member.member_id, identity.programme_id, keys=clients.session_keys(), now=now
    )
    return wire.Session(
        token=token,
        expires_at=presenting.local(expires_at),
        member=wire.SessionMember(member_id=member.member_id, is_new=member.is_new),
    )


def app_of(programme: Programme, referer: str) -> str:
    """The mini-program that asks, where the programme has several; else its first."""
    named = _REFERER.match(referer)
    if named and named[1] in programme.wechat_app_ids:
        return named[1]
    if not programme.wechat_app_ids:
        raise MisconfiguredError("the programme names no WeChat app")
    return programme.wechat_app_ids[0]
