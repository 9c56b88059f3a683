"""Rule 7: exact actions on exact resources, one role a function, in every partition."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.checkout import (
    DATA,
    OBSERVABILITY,
    TEMPLATE,
    function_names,
    load_template,
    named,
    nothing_to_mend,
    runtime_sources,
    syntax_of,
)
from tests.house.rules import permissions
from tests.house.rules.functions import logical_id_of
from tests.house.rules.reach import reached_from, read_module

OPEN_RESOURCES = {
    '{"Fn::Sub": "arn:${AWS::Partition}:s3:::${ImportsBucketName}/imports/*"}': (
        "the key of an upload is made from its bytes, so only its folder is known beforehand"
    ),
}
"""Resources with a `*`, each with its reason."""

WITHOUT_CALL = {
    "s3:ListBucket": "without it S3 answers 403 instead of 404 where an upload has expired",
}
"""Actions that no code calls, each with its reason."""

CLIENT_ROOMS = ("huixue.dynamodb.", "huixue.edge.")
NO_CLIENT = ("huixue.edge.requests",)
"""Its `query` is the query string of a URL."""
TEMPLATES = [DATA, TEMPLATE, OBSERVABILITY]


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_permissions_name_exact_actions_and_resources(path: Path) -> None:
    nothing_to_mend(permissions.wildcards(load_template(path), OPEN_RESOURCES))


def test_every_open_resource_on_the_list_is_still_needed() -> None:
    without_list = " ".join(permissions.wildcards(load_template(TEMPLATE), {}))

    assert [resource for resource in OPEN_RESOURCES if resource not in without_list] == []


def test_every_function_has_a_role_of_its_own() -> None:
    nothing_to_mend(permissions.roles(load_template(TEMPLATE)))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_arns_are_right_in_every_partition(path: Path) -> None:
    nothing_to_mend(permissions.partitions(named(path), path.read_text("utf-8")))


def test_no_function_may_do_what_its_code_never_does() -> None:
    paths = runtime_sources()
    modules = {name: read_module(syntax_of(path), paths) for name, path in paths.items()}
    calls = {
        logical_id_of(name): {
            attribute
            for module, attribute in reached_from(
                modules, (f"functions.{name}", "handler")
            ).attributes
            if module.startswith(CLIENT_ROOMS) and module not in NO_CLIENT
        }
        for name in function_names()
    }

    nothing_to_mend(permissions.unused(load_template(TEMPLATE), calls, WITHOUT_CALL))
