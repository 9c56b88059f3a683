from __future__ import annotations

from pathlib import Path

import pytest

from huixue.kernel.ids import MemberId
from huixue.members.levels import level_of
from huixue.programme.use_cases import CachedProgrammes, publish
from infra.ops.errors import OperatorError
from infra.ops.levels import Doors, LevelRow, apply_levels, read_rows, set_level
from infra.ops.text_files import MAX_BYTES
from tests.engines.clock import FrozenClock
from tests.unit.members.fakes import FakeMembers
from tests.unit.members.signing_in import NOW, Door, identity
from tests.unit.programme.fakes import FakeProgrammes
from tests.unit.programme.programmes import demo


@pytest.fixture
def members() -> FakeMembers:
    store = FakeMembers()
    door = Door(store)
    for number in range(1, 4):
        door.sign_in(identity(f"o{number}"))
    return store


@pytest.fixture
def doors(members: FakeMembers) -> Doors:
    programmes = FakeProgrammes()
    publish(demo(), store=programmes, now=NOW)
    return Doors(members=members, programmes=CachedProgrammes(programmes, FrozenClock(NOW)))


def rows(*values: tuple[str, str, str]) -> list[LevelRow]:
    return [
        LevelRow(line_number=number, member_id=member_id, room=room, level=level)
        for number, (member_id, room, level) in enumerate(values, start=2)
    ]


def problems(doors: Doors, rows: list[LevelRow], *, dry_run: bool = False) -> list[tuple[int, str]]:
    errors = apply_levels(
        rows, doors=doors, source="import", set_by="ann", now=NOW, dry_run=dry_run
    )
    return [(error.line_number, error.column) for error in errors]


def test_good_rows_are_set_and_bad_ones_reported_by_line_and_column(
    doors: Doors, members: FakeMembers
) -> None:
    asked = rows(
        ("m1", "main", "gold"),
        ("m9", "main", "gold"),
        ("m2", "nowhere", "gold"),
        ("m2", "main", "wood"),
        ("", "main", "gold"),
        ("m" * 3000, "main", "gold"),
        ("m2", "guest", "gold"),
        ("m3", "main", ""),
        ("m3", "main", "diamond"),
    )

    found = problems(doors, asked)

    assert found == [
        (3, "member_id"), (4, "room"), (5, "level"), (6, "member_id"), (7, "member_id"),
        (8, "level"), (9, "level"),
    ]  # fmt: skip
    assert {key[0]: row.level for key, row in members.level_rows.items()} == {
        "m1": "gold",
        "m3": "diamond",
    }


def test_two_different_levels_for_one_member_and_room_are_a_contradiction(
    doors: Doors, members: FakeMembers
) -> None:
    asked = rows(("m1", "main", "gold"), ("m1", "main", "gold"), ("m1", "main", "diamond"))

    assert problems(doors, asked) == [(4, "level")]
    assert level_of(MemberId("m1"), "main", store=members) == "gold"


def test_a_level_is_withdrawn_by_the_word_none(doors: Doors, members: FakeMembers) -> None:
    problems(doors, rows(("m1", "main", "gold")))

    assert problems(doors, rows(("m1", "main", "none"))) == []
    assert level_of(MemberId("m1"), "main", store=members) is None


def test_a_dry_run_reports_the_same_and_writes_nothing(doors: Doors, members: FakeMembers) -> None:
    asked = rows(("m1", "main", "gold"), ("m9", "main", "gold"))

    assert problems(doors, asked, dry_run=True) == problems(doors, asked) == [(3, "member_id")]
    members.level_rows.clear()
    problems(doors, asked, dry_run=True)
    assert members.level_rows == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_with_columns_in_any_order_and_others_beside(
    tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "levels.csv"
    file.write_text(" level,备注,room,member_id\ngold , 小满,main,m1\n", encoding)

    assert read_rows(file) == rows(("m1", "main", "gold"))


def test_short_rows_and_line_breaks_in_cells_keep_their_line_numbers(tmp_path: Path) -> None:
    file = tmp_path / "levels.csv"
    file.write_text('member_id,room,level,note\nm1\n\nm2,main,gold,"a\nb"\nm3,main,gold\n', "utf-8")

    found = [(row.line_number, row.member_id, row.level) for row in read_rows(file)]

    assert found == [(2, "m1", ""), (5, "m2", "gold"), (6, "m3", "gold")]


@pytest.mark.parametrize(
    "content",
    [b"", b"member_id,room\nm1,main\n", b"\xff\xff\xff", b'member_id,room,level\n"m1'
     b"\x00" * 3, b'member_id,room,level\nm1,"a"b,c\n', b"x" * (MAX_BYTES + 1)],
)  # fmt: skip
def test_a_file_that_is_no_list_of_levels_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "levels.csv"
    file.write_bytes(content)

    with pytest.raises(OperatorError) as refused:
        read_rows(file)

    assert "nothing was changed" in refused.value.next_step


def test_the_command_needs_either_one_member_or_a_file(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="either"):
        set_level()
    with pytest.raises(OperatorError, match="either"):
        set_level("m1", "main")
    with pytest.raises(OperatorError, match="either"):
        set_level("m1", "main", "gold", file=tmp_path / "levels.csv")
    with pytest.raises(OperatorError, match="cannot be read"):
        set_level(file=tmp_path / "levels.csv")
