from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huixue.programme.model import PointsRules
from huixue.programme.policy import terms_for
from infra.ops.programme_yaml import MAX_FILE_BYTES, ProgrammeFileError, read_programme
from infra.ops.project import CHECKOUT
from infra.sandbox.server import ADZONE_ID, APP_ID, TAOBAO_APP_KEY

DEMO = CHECKOUT / "infra" / "demo" / "programme.yaml"
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TEXT = DEMO.read_text("utf-8")


def refused(tmp_path: Path, content: str | bytes) -> list[str]:
    file = tmp_path / "programme.yaml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ProgrammeFileError) as error:
        read_programme(file)
    assert error.value.next_step
    return [line.replace(f"{file}:", "") for line in error.value.lines]


def line_of(text: str) -> int:
    return TEXT[: TEXT.index(text)].count("\n") + 1


def test_the_demo_programme_is_the_sandboxs() -> None:
    programme = read_programme(DEMO)

    assert programme.programme_id == "demo"
    assert programme.wechat_app_ids == (APP_ID,)
    assert [feed.app_key for feed in programme.feeds] == [TAOBAO_APP_KEY]
    assert programme.rooms[0].platforms[0].affiliate_positions == (ADZONE_ID,)


def test_the_demo_programme_has_the_windows_and_rates_it_is_known_for() -> None:
    programme = read_programme(DEMO)

    found = {}
    for room, platform in (("main", "taobao"), ("guest", "douyin"), ("guest", "kuaishou")):
        terms = terms_for(programme, 1, room, platform, "gold", paid_at=None, now=NOW)
        assert terms is not None
        found[terms.rule] = (terms.window_days, terms.window_clock, terms.rate_milli)
        assert terms.multiplier_percent == 120
    assert found == {
        "main/taobao": (90, "paid_at", 1000),
        "guest/douyin": (30, "paid_at", 1000),
        "guest/kuaishou": (30, "paid_at", 1000),
    }


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("window_days: 90", "window_days: 9000", "expected a whole number from 1 to 366"),
        ("window_days: 90", "window_days: 1:30", "expected a whole number from 1 to 366"),
        ("window_days: 90", "window_days: 0x5A", "expected a whole number from 1 to 366"),
        ("points_per_yuan: 1", "points_per_yuan: 0.00001", "expected points per yuan"),
        ("points_per_yuan: 1", "points_per_yuan: .inf", "expected points per yuan"),
        ("window_clock: paid_at", "window_clock: on", "expected one of paid_at, confirmed_at"),
        ("title: 林未晚直播间", "title: no", "expected a title"),
        ("title: 林未晚直播间", "title:", "expected a title"),
        ("title: 林未晚直播间", "titel: x", "expected one of the keys room_id, title, platforms"),
        ('["110595300001"]', "[110595300001]", "expected an id"),
    ],
)
def test_a_wrong_value_is_told_with_its_line_and_what_was_expected(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    lines = refused(tmp_path, TEXT.replace(before, after, 1))

    assert any(each.startswith(f"{line_of(before)}: ") and said in each for each in lines)


def test_several_problems_come_in_the_order_of_lines(tmp_path: Path) -> None:
    spoilt = TEXT.replace("window_days: 30", "window_days: 0").replace("zone: Asia", "zone: Mars")

    lines = refused(tmp_path, spoilt)

    numbers = [int(each.split(":")[0]) for each in lines]
    assert len(numbers) == 3
    assert numbers == sorted(numbers)


def test_a_decimal_rate_is_read_exactly_with_or_without_quotes(tmp_path: Path) -> None:
    file = tmp_path / "programme.yaml"
    for written in ("0.1", '"0.1"', "0.100"):
        file.write_text(TEXT.replace("points_per_yuan: 1", f"points_per_yuan: {written}"), "utf-8")

        assert read_programme(file).rooms[0].platforms[0].rate_milli == 100


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "programme.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())

    assert read_programme(file) == read_programme(DEMO)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "1: top level: expected a map"),
        ("- a\n", "1: top level: expected a map"),
        ("a: [1\nb: 2", "not YAML"),
        ("a: 1\n---\nb: 2", "not YAML"),
        ("a: 1\na: 2", "2: the key a only once"),
        ("a: &x 1\nb: *x", "2: expected no alias (*x)"),
        ("? [a]\n: 1", "1: expected a plain key"),
        ("a: \x00", "1: not YAML"),
        ("a: !!python/object:os.system x", "1: expected no tag (!!python/object:os.system)"),
        ("[" * 5000, "1: expected at most 20 levels"),
        ("\n" + "- " * 50, "2: expected at most 20 levels"),
        (b"a: 1\nb: \xc8\xcb", "2: not UTF-8 text"),
        (b"#" * (MAX_FILE_BYTES + 1), "larger than"),
    ],
)
def test_a_file_that_is_no_programme_is_refused(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    assert any(said in each for each in refused(tmp_path, content))


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ProgrammeFileError, match="cannot be read"):
            read_programme(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.integers(0, len(TEXT)),
    st.integers(0, 40),
    st.text(alphabet=":-[]{}#&*!|>'\"%@`, \n\t0a\x07é\u2028", max_size=6),
)
def test_a_damaged_file_is_read_or_refused_and_nothing_worse(
    tmp_path: Path, at: int, length: int, put_in: str
) -> None:
    file = tmp_path / "programme.yaml"
    file.write_bytes((TEXT[:at] + put_in + TEXT[at + length :]).encode())

    try:
        read_programme(file)
    except ProgrammeFileError as error:
        refusal = error
    else:
        return
    assert refusal.lines


def test_the_demo_programme_shows_every_part_and_changes_no_number() -> None:
    programme = read_programme(DEMO)

    shown = msgspec.structs.replace(programme.points, caps=(), tiers=None)
    assert shown == PointsRules()
    assert programme.points.tiers is not None
    assert min(cap.points for cap in programme.points.caps) == 100_000_000
    for room, platform in (("main", "taobao"), ("guest", "douyin")):
        for paid_at in (None, datetime(2020, 2, 1, tzinfo=UTC), NOW):
            terms = terms_for(programme, 1, room, platform, None, paid_at=paid_at, now=NOW)
            assert terms is not None
            assert (terms.release_after_days, terms.credited_types, terms.campaigns) == (0, (), ())


def test_what_the_demo_only_mentions_is_valid_too(tmp_path: Path) -> None:
    """The lines that are commented out, with their first `# ` taken away."""
    text = TEXT
    for line in ("refund_ban: ", "staff_accounts:", "  - {platform: taobao, account: "):
        assert text.count(f"# {line}") == 1
        text = text.replace(f"# {line}", line)
    file = tmp_path / "programme.yaml"
    file.write_text(text, "utf-8")

    programme = read_programme(file)

    assert programme.points.refund_ban is not None
    assert len(programme.staff_accounts) == 1


def test_dates_and_times_of_a_file_stay_what_is_written(tmp_path: Path) -> None:
    assert refused(
        tmp_path, TEXT.replace("starts_at: 2019-11-10 20:00", "starts_at: 2019-11-10 25:00")
    ) == [
        (
            f"{line_of('starts_at: ')}: campaigns.0.starts_at: expected a date, or a date and time of "
            "Asia/Shanghai such as 2026-11-10 20:00, found '2019-11-10 25:00'"
        )
    ]
    assert refused(tmp_path, TEXT.replace("ends_at: 2019-11-11", "ends_at: 2019-11-01")) == [
        (
            f"{line_of('ends_at: ')}: campaigns.0.ends_at: expected a time after starts_at, "
            "found '2019-11-01'"
        )
    ]
    assert refused(tmp_path, TEXT.replace("from_points: 5000", "from_points: 500")) == [
        (
            f"{line_of('from_points: 5000')}: points.tiers.tiers.1.from_points: expected more points "
            "than the 1000 of the tier before it, found 500"
        )
    ]
