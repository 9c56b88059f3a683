"""SAM → what the local engine takes: a template in, a template out."""

from __future__ import annotations

import copy
import json
import os
from typing import Any

import pytest

from infra.ops import lowering, project, templates

RUNTIME = "python3.11"


def sam_routes() -> set[str]:
    """`METHOD /path` of every HttpApi event of the real template."""
    routes: set[str] = set()
    for resource in templates.read(project.MAIN_TEMPLATE)["Resources"].values():
        events = resource["Properties"].get("Events", {})
        for event in events.values():
            if event["Type"] == "HttpApi":
                wanted = event["Properties"]
                routes.add(
                    f"{wanted['Method'].upper()} {wanted['Path']}"
                    if "Path" in wanted
                    else "$default"
                )
    return routes


def expanded() -> dict[str, Any]:
    template = templates.read(project.MAIN_TEMPLATE)
    for resource in template["Resources"].values():
        for key in {"CodeUri", "ContentUri"} & set(resource["Properties"]):
            resource["Properties"][key] = "s3://artifacts/code/x.zip"
    return lowering.expand(template, {"Stage": "local"}, region="us-east-1")


@pytest.fixture(scope="module")
def lowered() -> dict[str, Any]:
    return lowering.lower(expanded(), runtime=RUNTIME, max_concurrency=2)


def of_type(template: dict[str, Any], resource_type: str) -> dict[str, Any]:
    return {
        logical_id: resource.get("Properties", {})
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == resource_type
    }


def test_nothing_of_sam_is_left(lowered: dict[str, Any]) -> None:
    assert "Transform" not in lowered
    assert "Globals" not in lowered
    assert "AWS::Serverless" not in json.dumps(lowered["Resources"])


def test_every_http_event_becomes_a_route_with_its_integration(lowered: dict[str, Any]) -> None:
    routes = of_type(lowered, "AWS::ApiGatewayV2::Route")
    integrations = of_type(lowered, "AWS::ApiGatewayV2::Integration")

    assert {route["RouteKey"] for route in routes.values()} == sam_routes()
    targets = [route["Target"]["Fn::Join"][1][1]["Ref"] for route in routes.values()]
    assert sorted(targets) == sorted(integrations)


def test_a_route_leads_to_the_function_its_event_belongs_to(lowered: dict[str, Any]) -> None:
    routes = of_type(lowered, "AWS::ApiGatewayV2::Route")
    integrations = of_type(lowered, "AWS::ApiGatewayV2::Integration")
    by_key = {
        route["RouteKey"]: route["Target"]["Fn::Join"][1][1]["Ref"] for route in routes.values()
    }

    integration = integrations[by_key["POST /v1/sessions"]]

    assert "${SignInFunction.Arn}" in integration["IntegrationUri"]["Fn::Sub"]
    assert integration["IntegrationType"] == "AWS_PROXY"
    assert integration["PayloadFormatVersion"] == "2.0"


def test_the_api_keeps_its_stage_and_loses_its_body(lowered: dict[str, Any]) -> None:
    (api,) = of_type(lowered, "AWS::ApiGatewayV2::Api").values()
    (stage,) = of_type(lowered, "AWS::ApiGatewayV2::Stage").values()

    assert api["ProtocolType"] == "HTTP"
    assert api["Name"]
    assert "Body" not in api
    assert "FailOnWarnings" not in api
    assert stage["StageName"] == "$default"


def test_everything_runs_on_the_interpreter_of_this_machine(lowered: dict[str, Any]) -> None:
    functions = of_type(lowered, "AWS::Lambda::Function")
    layers = of_type(lowered, "AWS::Lambda::LayerVersion")

    assert functions
    assert {function["Runtime"] for function in functions.values()} == {RUNTIME}
    assert [layer["CompatibleRuntimes"] for layer in layers.values()] == [[RUNTIME]] * 2


def test_no_queue_gets_more_workers_than_the_machine_can_bear(lowered: dict[str, Any]) -> None:
    mappings = of_type(lowered, "AWS::Lambda::EventSourceMapping")

    assert mappings
    assert all(
        mapping["ScalingConfig"] == {"MaximumConcurrency": 2} for mapping in mappings.values()
    )


def test_targets_of_rules_lose_what_the_engine_ignores(lowered: dict[str, Any]) -> None:
    rules = of_type(lowered, "AWS::Events::Rule")

    targets = [target for rule in rules.values() for target in rule["Targets"]]

    assert len(targets) == len(rules) > 0
    assert all(set(target) == {"Arn", "Id"} for target in targets)


def test_every_reference_of_the_lowered_template_has_a_target(lowered: dict[str, Any]) -> None:
    known = set(lowered["Resources"]) | set(lowered["Parameters"])

    def references(value: object) -> set[str]:
        if isinstance(value, dict):
            own = {value["Ref"]} if set(value) == {"Ref"} else set()
            if set(value) == {"Fn::GetAtt"}:
                own = {value["Fn::GetAtt"][0]}
            return own.union(*(references(inner) for inner in value.values()))
        if isinstance(value, list):
            return set().union(*(references(inner) for inner in value))
        return set()

    used = {name for name in references(lowered["Resources"]) if not name.startswith("AWS::")}

    assert used <= known


def test_lowering_changes_nothing_it_was_given() -> None:
    template = expanded()
    before = copy.deepcopy(template)

    lowering.lower(template, runtime=RUNTIME, max_concurrency=2)

    assert template == before


def test_expanding_leaves_the_environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    expanded()

    assert "AWS_DEFAULT_REGION" not in os.environ


def test_expiry_is_taken_out_and_told_apart() -> None:
    data = templates.read(project.DATA_TEMPLATE)

    lowered = lowering.lower(data, runtime=RUNTIME, max_concurrency=2)

    assert lowering.time_to_live(data) == {"OrdersTable": "expires_at_epoch_s"}
    assert lowering.time_to_live(lowered) == {}


def test_a_change_of_outputs_alone_is_a_change_of_resources() -> None:
    data = templates.read(project.DATA_TEMPLATE)
    more = {**data, "Outputs": {**data["Outputs"], "New": {"Value": "x"}}}

    lowered, again, changed = (
        lowering.lower(each, runtime=RUNTIME, max_concurrency=2) for each in (data, data, more)
    )

    assert set(lowered["Resources"]) == set(again["Resources"])
    assert set(lowered["Resources"]) != set(changed["Resources"])
