"""Text that operators hand in as a file: bounded, in the encodings their spreadsheets write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from infra.ops.errors import OperatorError

MAX_BYTES = 20_000_000
ENCODINGS = ("utf-8-sig", "gb18030")


def text_of(file: Path, refused: Callable[[Path, str], OperatorError]) -> str:
    """The whole text of a file. Raises what `refused` makes of a reason: the caller knows what the file should be and
    what was not done."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise refused(file, f"it cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise refused(file, f"it is larger than {MAX_BYTES} bytes; split it")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refused(file, "it is neither UTF-8 nor GB18030 text")
