from __future__ import annotations

from pathlib import Path

import pytest

from infra.ops.errors import OperatorError
from infra.ops.text_files import MAX_BYTES, text_of


def refused(file: Path, why: str) -> OperatorError:
    return OperatorError(f"{file.name} is no list: {why}", next_step="Correct it.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_text_is_read_as_spreadsheets_write_it(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes("会员,积分".encode(encoding))

    assert text_of(file, refused) == "会员,积分"


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\xff\xff\xff", "neither UTF-8 nor GB18030"), (b"x" * (MAX_BYTES + 1), "larger than")],
    ids=["bytes", "large"],
)
def test_what_is_no_text_is_refused_in_the_words_of_the_caller(
    tmp_path: Path, content: bytes, why: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)

    with pytest.raises(OperatorError, match=why) as refusal:
        text_of(file, refused)

    assert "list.csv is no list" in str(refusal.value)
    assert refusal.value.next_step == "Correct it."


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        text_of(tmp_path / "missing.csv", refused)
