"""Rules 1 and 2: one folder, one short file, one resource, one runtime."""

from __future__ import annotations

import pytest

from infra.ops.project import LAMBDA_PYTHON
from tests.house.checkout import FUNCTIONS, TEMPLATE, function_names, load_template, nothing_to_mend
from tests.house.rules import functions


def test_folders_and_function_resources_match_one_to_one() -> None:
    nothing_to_mend(functions.pairs(load_template(TEMPLATE), function_names()))


def test_there_is_one_lambda_runtime() -> None:
    nothing_to_mend(functions.one_runtime(load_template(TEMPLATE), LAMBDA_PYTHON))


@pytest.mark.parametrize("name", function_names())
def test_a_function_is_one_short_file(name: str) -> None:
    nothing_to_mend(functions.one_short_file(FUNCTIONS / name))
