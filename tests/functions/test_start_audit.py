from __future__ import annotations

from huixue.points.audit_runs import GROUPS, SEGMENTS
from tests.functions.http import event_of
from tests.functions.orders import pump
from tests.functions.stage import Stage


def test_the_first_day_judges_everything_and_every_later_start_of_it_only_what_is_left(
    shared_stage: Stage,
) -> None:
    first = shared_stage.invoke("start_audit", event_of("start_audit/accepted"))
    handled = pump(shared_stage)
    again = shared_stage.invoke("start_audit", event_of("start_audit/accepted"))
    pump(shared_stage)

    assert first == {"segments": SEGMENTS}
    assert handled == SEGMENTS
    assert again == {"segments": SEGMENTS // GROUPS}
