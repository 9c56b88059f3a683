from __future__ import annotations

from tests.functions.http import asked, event_of
from tests.functions.stage import Stage


def test_health_answers_without_touching_anything(shared_stage: Stage) -> None:
    shared_stage.calls.clear()

    found = asked(shared_stage, "get_health", event_of("get_health/accepted"))

    assert (found.status, found.body) == (200, {"status": "ok"})
    assert found.headers["cache-control"] == "no-store"
    assert shared_stage.calls == []
