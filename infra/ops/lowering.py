"""One template, two targets: what AWS takes as it is, rewritten for the local engine (ministack 1.5.33, stock).

Pure: template in, template out. Each rewrite names the defect it meets; when the engine loses a defect, its
rewrite goes. What the engine ignores altogether (encryption at rest, backups, IAM) is left as it stands.

| the engine | so here |
|---|---|
| ignores `Body` of an HTTP API: every route is 404 | one Route and Integration for each path and method |
| runs every Python function on its own interpreter | functions and layers say that version |
| drops TimeToLiveSpecification of a table | taken out; `infra.ops.local` switches it on after deployment |
| ignores retries and dead letters of a rule's target | taken out (the function's own are kept) |
| sees no change where only outputs changed | a handle named after the outputs, which does change |
| has no cost for workers, but this machine does | at most `max_concurrency` workers for each queue |
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from infra.ops.templates import Template

_ANY_METHOD = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"


def expand(template: Template, parameters: Mapping[str, str], *, region: str) -> Template:
    """SAM → CloudFormation. Raises `samtranslator`'s InvalidDocumentException where the template is wrong."""
    # The translator takes a second to import: only who expands pays for it.
    from samtranslator.translator.transform import transform  # noqa: PLC0415

    before = os.environ.get("AWS_DEFAULT_REGION")
    os.environ["AWS_DEFAULT_REGION"] = region  # the translator learns the partition nowhere else
    try:
        managed_policies = SimpleNamespace(load=dict)  # the template names none
        expanded: Template = transform(copy.deepcopy(template), dict(parameters), managed_policies)
    finally:
        if before is None:
            del os.environ["AWS_DEFAULT_REGION"]
        else:
            os.environ["AWS_DEFAULT_REGION"] = before
    return expanded


def lower(template: Template, *, runtime: str, max_concurrency: int) -> Template:
    """An expanded template → one the local engine takes. The argument is not changed."""
    lowered = copy.deepcopy(template)
    resources: dict[str, Any] = {}
    for logical_id, resource in lowered.get("Resources", {}).items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::ApiGatewayV2::Api" if "Body" in properties:
                resources |= _http_api(logical_id, resource)
                continue
            case "AWS::Lambda::Function":
                properties["Runtime"] = runtime
            case "AWS::Lambda::LayerVersion":
                properties["CompatibleRuntimes"] = [runtime]
            case "AWS::Lambda::EventSourceMapping":
                scaling = properties.get("ScalingConfig", {})
                wanted = scaling.get("MaximumConcurrency", max_concurrency)
                properties["ScalingConfig"] = {"MaximumConcurrency": min(wanted, max_concurrency)}
            case "AWS::DynamoDB::Table":
                properties.pop("TimeToLiveSpecification", None)
            case "AWS::Events::Rule":
                for target in properties.get("Targets", []):
                    target.pop("DeadLetterConfig", None)
                    target.pop("RetryPolicy", None)
        resources[logical_id] = resource
    if lowered.get("Outputs"):
        outputs = json.dumps(lowered["Outputs"], sort_keys=True).encode()
        handle = f"Outputs{hashlib.sha256(outputs).hexdigest()[:12]}"
        resources[handle] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    lowered["Resources"] = resources
    return lowered


def time_to_live(template: Template) -> dict[str, str]:
    """Table's logical id → the attribute by which its items expire: what lowering took out."""
    found: dict[str, str] = {}
    for logical_id, resource in template.get("Resources", {}).items():
        wanted = resource.get("Properties", {}).get("TimeToLiveSpecification")
        if resource["Type"] == "AWS::DynamoDB::Table" and wanted and wanted.get("Enabled"):
            found[logical_id] = wanted["AttributeName"]
    return found


def _http_api(api_id: str, api: dict[str, Any]) -> dict[str, Any]:
    properties = api["Properties"]
    body = properties.pop("Body")
    properties.pop("FailOnWarnings", None)
    properties["Name"] = body.get("info", {}).get("title", api_id)
    properties["ProtocolType"] = "HTTP"
    made: dict[str, Any] = {api_id: api}
    for path, methods in body.get("paths", {}).items():
        for method, operation in methods.items():
            made |= _route(api_id, path, method, operation[_INTEGRATION])
    return made


def _route(api_id: str, path: str, method: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    key = _route_key(path, method)
    name = api_id + "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", key))
    integration = {
        "ApiId": {"Ref": api_id},
        "IntegrationType": wanted["type"].upper(),
        "IntegrationMethod": wanted["httpMethod"],
        "IntegrationUri": wanted["uri"],
        "PayloadFormatVersion": wanted["payloadFormatVersion"],
    }
    route = {
        "ApiId": {"Ref": api_id},
        "RouteKey": key,
        "Target": {"Fn::Join": ["/", ["integrations", {"Ref": f"{name}Integration"}]]},
    }
    return {
        f"{name}Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": integration,
        },
        f"{name}Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": route},
    }


def _route_key(path: str, method: str) -> str:
    if path in ("/$default", "$default"):
        return "$default"
    return f"{'ANY' if method == _ANY_METHOD else method.upper()} {path}"
