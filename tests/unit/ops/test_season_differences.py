"""What a publication changes for members, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from huixue.kernel.check_ins import CheckInRule, CheckInRules, MakeUp, Milestone, Task
from huixue.seasons.effects import Effect
from infra.ops.season_differences import cut_on, of_rules, of_season, yuan

ZONE = ZoneInfo("Asia/Shanghai")
EIGHT = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
RULE = CheckInRule(
    starts_on=date(2026, 11, 1), base_points=2, consecutive=(Milestone(days=3, points=5),),
    make_up=MakeUp(prices=(10, 20)),
)  # fmt: skip
RULES = CheckInRules(programme_id="demo", versions=(RULE,), revision=1)


def slot(number: int, kind: str = "slot_added", **changes: object) -> Effect:
    effect = Effect(
        kind="slot_added", subject=f"night-1.p{number}", title=f"货 {number}", after=990
    )
    return replace(effect, kind=kind, **changes)  # type: ignore[arg-type]  # a test names what it changes


def test_a_moved_stream_says_from_when_to_when_in_the_seasons_zone() -> None:
    effect = Effect(
        kind="stream_moved", subject="night-1", title="护肤之夜", field="starts_at",
        before=EIGHT, after=EIGHT.replace(day=11),
    )  # fmt: skip

    assert of_season([effect], ZONE) == {
        "calendar and streams": [
            "night-1 护肤之夜 moves from Tue 2026-11-10 20:00 to Wed 2026-11-11 20:00"
        ]
    }


def test_slots_of_a_stream_that_come_together_are_told_together() -> None:
    few = of_season([slot(n) for n in range(2)], ZONE)["slots"]
    many = of_season([slot(n) for n in range(60)], ZONE)["slots"]

    assert few == ["night-1: 2 new: 货 0 ¥9.90, 货 1 ¥9.90"]
    assert len(many) == 1
    assert many[0].startswith("night-1: 60 new: ")
    assert many[0].endswith("and 55 more")


def test_prices_are_told_in_yuan() -> None:
    effect = slot(1, "slot_repriced", field="price_fen", before=19990, after=9)

    assert of_season([effect], ZONE)["slots"] == ["night-1.p1 货 1: price ¥199.90 → ¥0.09"]
    assert yuan(100_000) == "¥1000.00"


def test_a_new_version_says_from_which_day_on_what_differs() -> None:
    later = replace(
        RULE, starts_on=date(2026, 12, 1), consecutive=(), make_up=None, day_starts_min=240
    )

    assert of_rules(RULES, replace(RULES, versions=(RULE, later))) == {
        "check-ins": [
            "from 2026-12-01 on: business day starts 00:00 → 04:00",
            "from 2026-12-01 on: consecutive 3 days 5 points → none",
            "from 2026-12-01 on: make up 3 a month within 7 days for 10/20 points, rewards none → none",
        ]
    }  # fmt: skip


def test_a_version_that_was_to_come_and_does_not_is_told() -> None:
    later = replace(RULE, starts_on=date(2026, 12, 1), base_points=9)

    found = of_rules(replace(RULES, versions=(RULE, later)), RULES)

    assert found == {"check-ins": ["what was to hold from 2026-12-01 on does not come"]}


def test_only_a_new_version_that_ends_a_cycle_cuts_it() -> None:
    cutting = replace(RULE, starts_on=date(2026, 11, 20), ends_cycle=True)
    after = replace(RULES, versions=(RULE, cutting))

    assert cut_on(RULES, after) == date(2026, 11, 20)
    assert cut_on(after, after) is None
    assert "the running cycle ends the day before" in of_rules(RULES, after)["check-ins"][0]


def test_tasks_come_change_and_go() -> None:
    old = Task(task_id="follow", kind="follow", title="关注", points=20)
    gone = Task(task_id="gone", kind="profile", title="资料", points=5)
    new = Task(task_id="read", kind="guide", title="阅读", points=3, period="day")

    found = of_rules(
        replace(RULES, tasks=(old, gone)), replace(RULES, tasks=(replace(old, points=30), new))
    )

    assert found["tasks"] == [
        "follow 关注: points 20 → 30", "read 阅读 is new: 3 points, day", "gone 资料 is gone",
    ]  # fmt: skip
