"""CloudFormation's YAML, and what the project's own templates promise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from infra.ops import project, templates

WECHAT = "https://api.weixin.qq.com"
TAOBAO = "https://eco.taobao.com/router/rest"
SANDBOX = "http://127.0.0.1:8789/sandbox"


def test_short_tags_become_their_long_form() -> None:
    text = """
    A: !Ref Table
    B: !GetAtt Table.Arn
    C: !Sub "${Table}-x"
    D: !If [IsLocal, !Ref X, 2]
    E: !GetAtt [Table, Arn]
    """

    assert templates.parse(text) == {
        "A": {"Ref": "Table"},
        "B": {"Fn::GetAtt": ["Table", "Arn"]},
        "C": {"Fn::Sub": "${Table}-x"},
        "D": {"Fn::If": ["IsLocal", {"Ref": "X"}, 2]},
        "E": {"Fn::GetAtt": ["Table", "Arn"]},
    }


def test_a_text_that_is_no_map_is_refused() -> None:
    with pytest.raises(ValueError, match="map of sections"):
        templates.parse("- one\n- two\n")


def test_tags_that_would_build_objects_are_refused() -> None:
    with pytest.raises(yaml.YAMLError):
        templates.parse("A: !!python/object/apply:os.getcwd []\n")


def test_every_parameter_without_a_default_is_put_out_by_an_earlier_stack() -> None:
    data, main, watching = (
        templates.read(path)
        for path in (
            project.DATA_TEMPLATE,
            project.MAIN_TEMPLATE,
            project.OBSERVABILITY_TEMPLATE,
        )
    )
    known = {"Stage"}

    for earlier, template in ((None, data), (data, main), (main, watching)):
        known |= set(earlier["Outputs"]) if earlier else set()
        needed = {name for name, value in template["Parameters"].items() if "Default" not in value}
        assert needed <= known


def value_of(expression: Any, parameters: Mapping[str, str]) -> Any:
    """The few functions the Rules section of the template uses, as CloudFormation defines them."""
    match expression:
        case {"Ref": name}:
            return parameters[name]
        case {"Fn::Equals": [left, right]}:
            return value_of(left, parameters) == value_of(right, parameters)
        case {"Fn::Not": [inner]}:
            return not value_of(inner, parameters)
        case str():
            return expression
    raise AssertionError(f"a function this test does not know: {expression}")


def broken_rules(**parameters: str) -> list[str]:
    broken: list[str] = []
    for rule in templates.read(project.MAIN_TEMPLATE)["Rules"].values():
        if value_of(rule["RuleCondition"], parameters):
            broken += [
                assertion["AssertDescription"]
                for assertion in rule["Assertions"]
                if not value_of(assertion["Assert"], parameters)
            ]
    return broken


@pytest.mark.parametrize("stage", ["prod", "test", "localx"])
@pytest.mark.parametrize(
    ("wechat", "taobao"),
    [
        (f"{SANDBOX}/wechat", TAOBAO),
        (WECHAT, f"{SANDBOX}/taobao/router/rest"),
        ("http://api.weixin.qq.com", TAOBAO),
        (f"{WECHAT}.example.com", TAOBAO),
    ],
)
def test_no_stage_but_local_may_name_another_host_than_the_platforms(
    stage: str, wechat: str, taobao: str
) -> None:
    assert broken_rules(Stage=stage, WechatEndpoint=wechat, TaobaoEndpoint=taobao)


def test_the_platforms_own_hosts_are_taken_everywhere() -> None:
    for stage in ("local", "prod"):
        assert not broken_rules(Stage=stage, WechatEndpoint=WECHAT, TaobaoEndpoint=TAOBAO)


def test_the_stage_local_may_name_the_sandbox() -> None:
    assert not broken_rules(
        Stage="local", WechatEndpoint=f"{SANDBOX}/wechat", TaobaoEndpoint=f"{SANDBOX}/taobao"
    )


def test_the_defaults_of_the_template_are_the_platforms_own_hosts() -> None:
    parameters = templates.read(project.MAIN_TEMPLATE)["Parameters"]

    assert parameters["WechatEndpoint"]["Default"] == WECHAT
    assert parameters["TaobaoEndpoint"]["Default"] == TAOBAO
