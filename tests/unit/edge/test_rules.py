from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from huixue.edge import bootstrap
from huixue.edge.rules import ProgrammeRules
from huixue.kernel.ids import MemberId
from huixue.kernel.terms import Terms, WindowClock
from huixue.members.levels import set_verified_level
from huixue.members.ports import MemberStore
from huixue.programme.model import ProgrammeNotFoundError, RoomPlatform
from huixue.programme.policy import paid_within_days
from tests.functions.http import call
from tests.functions.stage import Stage, running_stage
from tests.unit.sandbox.running import running_sandbox


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with (
        running_sandbox() as sandbox,
        running_stage(wechat_endpoint=sandbox.url("/wechat")) as running,
    ):
        yield running


@pytest.mark.usefixtures("stage")
def test_platforms_are_those_of_any_room() -> None:
    rules = bootstrap.rules()

    offered = [each for each in ("taobao", "douyin", "kuaishou", "jd", "", "Taobao")
               if rules.offers("demo", each)]  # fmt: skip

    assert offered == ["taobao", "douyin", "kuaishou"]


@pytest.mark.usefixtures("stage")
def test_the_window_is_the_longest_of_its_rooms_on_the_platform() -> None:
    windows = [bootstrap.rules().window_days("demo", each) for each in ("taobao", "douyin", "jd")]

    assert windows == [90, 30, 0]


@pytest.mark.usefixtures("stage")
@pytest.mark.parametrize(
    "room", ["other/main", "demo/none", "demo/", "main", "", "demo/guest", "demo/main/x"]
)
def test_a_room_that_is_not_of_the_programme_or_sells_elsewhere_has_no_terms(room: str) -> None:
    assert bootstrap.rules().terms_for("demo", room, "taobao", MemberId("mem_a")) is None


@pytest.mark.usefixtures("stage")
def test_terms_name_the_version_they_are_of() -> None:
    terms = bootstrap.rules().terms_for("demo", "demo/main", "taobao", MemberId("mem_a"))

    assert terms == Terms(
        programme_id="demo", programme_version=1, room_id="main", rule="main/taobao",
        rate_milli=1000, multiplier_percent=100, level=None, window_days=90, window_clock="paid_at",
    )  # fmt: skip
    assert terms is not None
    assert {each.name for each in fields(Terms)} == set(Terms.__dataclass_fields__)


def test_a_verified_level_multiplies_and_a_level_of_another_room_does_not(stage: Stage) -> None:
    body = {"code": "sandbox-alice-1"}
    member_id = MemberId(call(stage, "sign_in", body=body).body["member"]["member_id"])
    for room, level in (("main", "gold"), ("guest", "gold")):
        set_verified_level(
            member_id, room, level, "operator", "test", datetime.now(UTC), store=bootstrap.members()
        )

    terms = [
        bootstrap.rules().terms_for("demo", f"demo/{room}", platform, member_id)
        for room, platform in (("main", "taobao"), ("guest", "douyin"))
    ]

    assert [(each.level, each.multiplier_percent) for each in terms if each] == [
        ("gold", 120),
        ("gold", 120),
    ]


@pytest.mark.usefixtures("stage")
def test_a_programme_that_is_not_there_is_told() -> None:
    rules = bootstrap.rules()

    with pytest.raises(ProgrammeNotFoundError):
        rules.offers("none", "taobao")
    with pytest.raises(ProgrammeNotFoundError):
        rules.window_days("none", "taobao")


@pytest.mark.usefixtures("stage")
def test_who_only_asks_for_a_platform_needs_no_members() -> None:
    def no_members() -> MemberStore:
        raise AssertionError("a function without a members table asked for it")

    assert ProgrammeRules(bootstrap.programmes, no_members).offers("demo", "taobao")


@pytest.mark.parametrize(("clock", "days"), [("paid_at", 90), ("confirmed_at", 150)])
def test_a_window_from_the_confirmation_reaches_further_back_by_payment(
    clock: WindowClock, days: int
) -> None:
    selling = RoomPlatform(platform="taobao", window_days=90, window_clock=clock, rate_milli=1000)

    assert paid_within_days(selling) == days


@pytest.mark.usefixtures("stage")
def test_a_platform_without_rooms_has_no_window_at_all() -> None:
    assert [bootstrap.rules().paid_within_days("demo", each) for each in ("taobao", "jd")] == [
        90,
        0,
    ]
