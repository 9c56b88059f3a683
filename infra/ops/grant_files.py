"""Files of bulk grants: CSV with the columns member_id and points."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from huixue.kernel.ids import MemberId
from huixue.points.adjusting import MAX_POINTS
from huixue.points.grants import GrantRow
from infra.ops.errors import OperatorError
from infra.ops.text_files import text_of

COLUMNS = ("member_id", "points")
SHOWN = 10
_MEMBER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_POINTS = re.compile(r"[0-9]{1,9}")


def read_grant(file: Path) -> tuple[GrantRow, ...]:
    """The rows, in the order of the file. Raises OperatorError, with the lines that are wrong, for a file that is no
    list of points for members: nothing is granted in part."""
    reader = csv.reader(io.StringIO(text_of(file, _refused), newline=""), strict=True)
    rows: dict[str, GrantRow] = {}
    wrong: list[str] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        if not set(COLUMNS) <= set(header):
            raise _refused(file, f"its first line must name the columns {', '.join(COLUMNS)}")
        places = [header.index(name) for name in COLUMNS]
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            values = [cells[at].strip() if at < len(cells) else "" for at in places]
            problems = list(_problems(values, rows))
            wrong += [f"line {reader.line_num}: {problem}" for problem in problems]
            if not problems:
                rows[values[0]] = GrantRow(member_id=MemberId(values[0]), points=int(values[1]))
    except csv.Error as error:
        raise _refused(file, f"line {reader.line_num} is no CSV: {error}") from None
    if wrong:
        more = f"\n… and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise _refused(file, "\n".join(wrong[:SHOWN]) + more)
    if not rows:
        raise _refused(file, "it has no rows")
    return tuple(rows.values())


def _problems(values: list[str], rows: dict[str, GrantRow]) -> Iterator[str]:
    member_id, points = values
    if _MEMBER_ID.fullmatch(member_id) is None:
        yield "member_id must be a member's id"
    elif member_id in rows:
        yield f"{member_id} has a row already: give her one"
    if _POINTS.fullmatch(points) is None or not 0 < int(points) <= MAX_POINTS:
        yield f"points must be a whole number from 1 to {MAX_POINTS}"


def _refused(file: Path, why: str) -> OperatorError:
    return OperatorError(
        f"{file} is no grant: {why}",
        next_step="Correct the file and run the command again; nothing was granted.",
    )
