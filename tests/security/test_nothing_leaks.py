"""Order numbers, accounts, amounts of proofs, codes, keys and ids of WeChat: in no log and in no table."""

from __future__ import annotations

import json

import pytest

from infra.sandbox.server import APP_ID, CREDENTIALS
from infra.sandbox.wechat import session
from tests.functions.http import asked, call, request
from tests.functions.orders import bring, number, order, pump, sqs_event
from tests.functions.stage import ORDER_KEY, QUEUES, SESSION_KEYS, running_stage
from tests.unit.sandbox.running import running_sandbox

ACCOUNT = "tb_a_very_private_buyer"
AMOUNT_FEN = 7_654_321
WORDS = "我的电话在快递单上，请核对"
CODE = "sandbox-alice-a.private.code"


def test_a_whole_life_leaves_nothing_private_behind(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        running_sandbox() as sandbox,
        running_stage(wechat_endpoint=sandbox.url("/wechat")) as stage,
    ):
        bring([order(number(n), account=ACCOUNT, paid_fen=AMOUNT_FEN) for n in (1, 2)])
        wechat = session(APP_ID, "alice", CODE)
        signed_in = call(stage, "sign_in", body={"code": CODE})
        token = signed_in.body["token"]
        sync = {
            "platform": "taobao", "account": ACCOUNT, "order_number": number(1),
            "paid_amount_fen": AMOUNT_FEN,
        }  # fmt: skip
        answers = [
            signed_in.text,
            call(stage, "start_order_sync", token=token, body=sync).text,
            call(stage, "sign_in", body={"code": CODE}).text,
        ]
        for wanted in (number(2), number(3), number(1)[:-1] + "x", number(1) * 9):
            body = {"platform": "taobao", "order_number": wanted, "account": ACCOUNT}
            answers.append(call(stage, "submit_order", token=token, body=body).text)
        claim_id = call(stage, "list_orders", token=token, query={}).body["items"][0]["claim_id"]
        for said in (WORDS, WORDS + "！", " "):
            path, body = {"claim_id": claim_id}, {"message": said}
            call(stage, "appeal_order", token=token, path=path, body=body)
            call(stage, "appeal_freeze", token=token, body=body)
        for function in QUEUES.values():
            stage.invoke(function, sqs_event([json.dumps(sync), f"{number(1)} {ACCOUNT}"]))
        event = request("answer_unknown_route")
        event["rawPath"] = f"/v1/order/{number(1)}"
        answers.append(asked(stage, "answer_unknown_route", event).text)
        pump(stage)
        stored = json.dumps(stage.contents(), ensure_ascii=False)
        written = stage.log.getvalue() + capsys.readouterr().out

    assert "refused" in written
    assert "failed" in written
    secrets = [CODE, wechat["session_key"], *CREDENTIALS.values(), ORDER_KEY["key"]]
    secrets += [key.decode() for key in SESSION_KEYS.keys.values()]
    private = [
        *secrets,
        number(1),
        number(2),
        number(3),
        ACCOUNT,
        wechat["openid"],
        wechat["unionid"],
    ]
    shown = (*private, token, str(AMOUNT_FEN), WORDS, json.dumps(WORDS)[1:-1])
    assert [each for each in shown if each in written] == []
    assert WORDS in stored
    assert [each for each in private if each in "".join(answers)] == []
    assert [each for each in private[:-2] if each in stored] == []
