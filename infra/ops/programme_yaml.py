"""A programme's YAML file: every problem told with its line."""

from __future__ import annotations

from pathlib import Path

from huixue.programme.model import Programme
from huixue.programme.rules import ProgrammeInvalidError, programme_from
from infra.ops.yaml_files import Document, YamlFileError, read_document

MAX_FILE_BYTES = 200_000
"""Well below DynamoDB's 400 KB for one item, which holds the whole programme."""

ProgrammeFileError = YamlFileError


def read_programme(file: Path) -> Programme:
    """The valid programme in this file. Raises ProgrammeFileError that names every problem, in the order of lines."""
    return programme_of(read_document(file, max_bytes=MAX_FILE_BYTES))


def programme_of(document: Document) -> Programme:
    """The valid programme in what was read of a file. Raises ProgrammeFileError."""
    try:
        return programme_from(document.data)
    except ProgrammeInvalidError as error:
        raise document.refused((each.path, str(each)) for each in error.problems) from None
