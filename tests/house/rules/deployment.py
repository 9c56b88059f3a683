"""Rules about what is deployed: pinned packages, versions, and the sandbox that only the local stage may reach."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;#]+)")
_IMPORTED_AS = {"pyjwt": "jwt"}


def pins(lines: Iterable[str]) -> dict[str, str]:
    """Package → version; a requirement that is no exact pin has the version ''."""
    found = {}
    for line in lines:
        text = line.split("#")[0].strip()
        if text:
            match = _PIN.fullmatch(text)
            name, version = match.groups() if match else (text, "")
            found[name.lower().replace("_", "-")] = version
    return found


def equal_pins(vendor: Mapping[str, str], project: Mapping[str, str]) -> Iterator[str]:
    """What runs in Lambda is what the tests ran on."""
    for name, version in vendor.items():
        if not version:
            yield f"layers/vendor/requirements.txt: pin {name} exactly (==)"
        elif project.get(name) != version:
            yield f"{name} is {version} in layers/vendor/requirements.txt, {project.get(name)} in pyproject.toml"


def imported_packages(
    vendor: Iterable[str], imported: set[str], not_imported: Mapping[str, str]
) -> Iterator[str]:
    """`imported`: third-party top modules of the runtime code; `not_imported`: package → why it is in the layer."""
    offered = {_IMPORTED_AS.get(name, name.replace("-", "_")): name for name in vendor}
    yield from (
        f"the runtime code imports {module}, which layers/vendor/requirements.txt does not have"
        for module in sorted(imported - set(offered))
    )
    yield from (
        f"layers/vendor/requirements.txt has {name}, which no runtime code imports"
        for module, name in sorted(offered.items())
        if module not in imported and name not in not_imported
    )


def newest_version(changelog: str) -> str | None:
    """The version of the first `## …` heading of a changelog."""
    match = re.search(r"^## \[?v?([0-9][^\]\s]*)", changelog, flags=re.MULTILINE)
    return match.group(1) if match else None


def refused(template: Mapping[str, Any], parameters: Mapping[str, str]) -> list[str]:
    """What the template's `Rules` say against these parameters, as CloudFormation evaluates them."""
    said = []
    for rule in template.get("Rules", {}).values():
        if _holds(rule.get("RuleCondition", True), parameters):
            said += [
                assertion.get("AssertDescription", "refused")
                for assertion in rule["Assertions"]
                if not _holds(assertion["Assert"], parameters)
            ]
    return said


def _holds(condition: Any, parameters: Mapping[str, str]) -> bool:
    if isinstance(condition, bool):
        return condition
    ((function, arguments),) = condition.items()
    match function:
        case "Fn::Equals":
            first, second = (_value(argument, parameters) for argument in arguments)
            return first == second
        case "Fn::Not":
            return not _holds(arguments[0], parameters)
        case "Fn::And":
            return all(_holds(argument, parameters) for argument in arguments)
        case "Fn::Or":
            return any(_holds(argument, parameters) for argument in arguments)
        case "Fn::Contains":
            return _value(arguments[1], parameters) in arguments[0]
    raise ValueError(f"{function} is not known here: teach it to this evaluator")


def _value(argument: Any, parameters: Mapping[str, str]) -> str:
    return parameters[argument["Ref"]] if isinstance(argument, dict) else str(argument)
