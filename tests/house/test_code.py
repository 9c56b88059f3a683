"""Rule 12 and what belongs to it: sizes, names, mirrors in the tests, no real order numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.checkout import (
    REPOSITORY,
    RUNTIME_CODE,
    TESTS,
    files,
    named,
    nothing_to_mend,
    sources,
)
from tests.house.rules import code

WITHOUT_TEST = {
    "kernel/terms": "plain values without a rule; the tests of programme and of pricing make and use them",
    "kernel/policies": "plain values; the tests of programme, calendar and points make and use them",
    "edge/erasing": "tests/security, faults and races erase members from end to end",
    "edge/erasure_presenting": "tests/security/test_export_parity holds every value, tests/functions the receipt",
    "edge/erasure_wire": "plain shapes; tests/functions hold every answer to them",
    "edge/exporting": "tests/functions/test_export_me and tests/security/test_export_parity",
    "kernel/check_ins": "plain values; the tests of check_ins make and use them",
    "check_ins/ports": "Protocols and plain values; the contract tests of the stores hold them",
    "members/ports": "Protocols and plain values; the contract tests of the stores hold them",
    "orders/ports": "Protocols and plain values; the contract tests of the stores hold them",
    "points/changes": "plain values; the tests of posting make and use them",
    "points/ports": "Protocols and plain values; the contract tests of the stores hold them",
    "programme/ports": "Protocols and plain values; the contract tests of the stores hold them",
    "seasons/ports": "a Protocol; the contract tests of the stores hold it",
    **{
        f"platforms/exports/{name}": "tests/unit/platforms/exports tests the reading of exports by topic"
        for name in (
            "csv_rows",
            "errors",
            "formats",
            "reading",
            "rows",
            "xlsx_package",
            "xlsx_rows",
            "xlsx_xml",
        )
    },
}
"""Modules of huixue without a test of their own, each with its reason."""

TEXTS = (".py", ".json", ".yaml", ".md", ".toml", ".txt", ".csv")


@pytest.mark.parametrize("path", list(sources()), ids=named)
def test_files_and_functions_stay_small(path: Path) -> None:
    nothing_to_mend(code.sizes(path))


def test_no_module_is_a_grab_bag() -> None:
    nothing_to_mend(problem for path in sources() for problem in code.grab_bag(Path(named(path))))


def test_no_order_number_lies_about() -> None:
    vectors = TESTS / "vectors"
    texts = (path for path in files(*TEXTS) if vectors not in path.parents)

    problems = [
        problem
        for path in texts
        for problem in code.order_numbers(Path(named(path)), path.read_text("utf-8"))
    ]

    nothing_to_mend(problems)


def test_every_module_is_mirrored_by_a_test() -> None:
    modules = [
        path.relative_to(RUNTIME_CODE).with_suffix("").as_posix() for path in sources(RUNTIME_CODE)
    ]
    tests = [named(path) for path in sources(TESTS) if path.name.startswith("test_")]

    nothing_to_mend(code.mirrored(modules, tests, WITHOUT_TEST))


def test_the_checkout_is_looked_at_from_its_top() -> None:
    assert (REPOSITORY / "pyproject.toml").is_file()
