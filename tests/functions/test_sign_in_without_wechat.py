from __future__ import annotations

from tests.functions.http import assert_problem, call
from tests.functions.stage import Stage


def test_wechat_out_of_reach_is_503_with_a_time_to_come_back(shared_stage: Stage) -> None:
    before = shared_stage.contents()

    found = call(shared_stage, "sign_in", body={"code": "sandbox-kira-1"})

    assert_problem(found, 503, "UNAVAILABLE")
    assert shared_stage.contents() == before
