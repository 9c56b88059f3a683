"""YAML as operators write it: plain, and every surprise told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.ops.yaml_files import YamlFileError, document_of

FILE = Path("file.yaml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2\n# \x07\n", "3: not YAML: the character U+0007 is not allowed"),
        ('a: 1\nb: "\\ud83d\\ude00"\n', "2: expected no control character, found U+D83D"),
        ('a: 1\nb:\n  - "a\\0b"\n', "3: expected no control character, found U+0000"),
        ('a: "x\\ry"\n', "1: expected no control character, found U+000D"),
        ('"a\\ab": 1\n', "1: expected no control character, found U+0007"),
        ("a: 1\nb: !foo x\n", "2: expected no tag (!foo)"),
        ("a: 1\nb: !!str 55\n", "2: expected no tag (!!str)"),
        ("a: !!map {b: 1}\n", "1: expected no tag (!!map)"),
        ("a: ! x\n", "1: expected no tag (!)"),
        ("a: &x 1\nb: *x\n", "2: expected no alias (*x)"),
        ("a: 1\na: 2\n", "2: the key a only once"),
    ],
)
def test_what_is_more_than_plain_yaml_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(YamlFileError) as refused:
        document_of(text, FILE)

    assert refused.value.lines == [f"{FILE}:{told}"]


def test_tabs_line_breaks_and_signs_of_several_characters_are_text() -> None:
    text = 'a: |\n  one\n  \ttwo\nb: "x\\ty 👩\u200d🦰 \\U0001F600"\n'

    assert document_of(text, FILE).data == {"a": "one\n\ttwo\n", "b": "x\ty 👩\u200d🦰 😀"}
