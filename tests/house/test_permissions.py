"""Rule 7: exact actions on exact resources, one role a function, in every partition."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.checkout import (
    DATA,
    OBSERVABILITY,
    TEMPLATE,
    load_template,
    named,
    nothing_to_mend,
)
from tests.house.rules import permissions

OPEN_RESOURCES = {
    '{"Fn::Sub": "arn:${AWS::Partition}:s3:::${ImportsBucketName}/imports/*"}': (
        "the key of an upload is made from its bytes, so only its folder is known beforehand"
    ),
}
"""Resources with a `*`, each with its reason."""

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
