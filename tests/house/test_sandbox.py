"""The sandbox signs anybody in, so the template refuses its address in every stage but local."""

from __future__ import annotations

import pytest

from tests.house.checkout import RUNTIME_CODE, TEMPLATE, load_template, named, sources
from tests.house.rules import deployment

ENDPOINTS = ("WechatEndpoint", "TaobaoEndpoint")
SANDBOX = "http://127.0.0.1:8787/sandbox"


def parameters(**changed: str) -> dict[str, str]:
    declared = load_template(TEMPLATE)["Parameters"]
    real = {name: body["Default"] for name, body in declared.items() if "Default" in body}
    return real | changed


@pytest.mark.parametrize("stage", ["prod", "test", "dev", "locals", "xlocal"])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_stage_but_local_may_name_another_host(stage: str, endpoint: str) -> None:
    said = deployment.refused(
        load_template(TEMPLATE), parameters(Stage=stage, **{endpoint: SANDBOX})
    )

    assert len(said) == 1
    assert endpoint in said[0]


def test_the_local_stage_may_name_the_sandbox_and_others_the_platforms() -> None:
    template = load_template(TEMPLATE)
    sandbox = dict.fromkeys(ENDPOINTS, SANDBOX)

    assert deployment.refused(template, parameters(Stage="local", **sandbox)) == []
    assert deployment.refused(template, parameters(Stage="prod")) == []


def test_every_endpoint_parameter_is_held_by_the_rule() -> None:
    declared = load_template(TEMPLATE)["Parameters"]

    assert sorted(name for name in declared if name.endswith("Endpoint")) == sorted(ENDPOINTS)


def test_the_runtime_code_knows_no_sandbox() -> None:
    knowing = [named(p) for p in sources(RUNTIME_CODE) if "sandbox" in p.read_text("utf-8").lower()]

    assert knowing == []
