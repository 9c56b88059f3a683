"""Rules 10 and 11: event files, README, changelog and pins say what the code says."""

from __future__ import annotations

import ast
import sys
import tomllib
from typing import Any, get_args

from huixue.edge.problems import STATUS
from huixue.points.model import Scene
from tests.house.checkout import (
    EVENTS,
    REPOSITORY,
    RUNTIME_CODE,
    TESTS,
    files,
    function_names,
    named,
    nothing_to_mend,
    sources,
    syntax_of,
    text_of,
)
from tests.house.rules import deployment, documents

NOTHING_TO_REFUSE = {
    "get_health": "it reads nothing of the request",
    "get_openapi": "it reads nothing of the request",
    "answer_unknown_route": "it refuses everything: its accepted file is the refusal",
    "pull_taobao_orders": "a schedule calls it, the event is not read",
    "sweep_orders": "a schedule calls it, the event is not read",
    "start_audit": "a schedule calls it, the event is not read",
    "start_expiry": "a schedule calls it, the event is not read",
}
"""Functions without input that could be wrong, each with its reason."""

NOT_IMPORTED = {
    "tzdata": "zoneinfo reads its files where the system has none",
    "jmespath": "botocore and Powertools need it",
    "python-dateutil": "botocore needs it",
    "six": "python-dateutil needs it",
    "typing-extensions": "Powertools needs it",
}


def readme() -> str:
    return text_of(REPOSITORY / "README.md")


def project() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]  # type: ignore[no-any-return]  # tomllib gives Any


def vendor_pins() -> dict[str, str]:
    return deployment.pins(text_of(REPOSITORY / "layers/vendor/requirements.txt").splitlines())


def runtime_modules() -> dict[str, ast.Module]:
    return {named(path): syntax_of(path) for path in sources(RUNTIME_CODE)}


def test_every_function_has_an_accepted_and_a_refused_event_and_all_are_used() -> None:
    events: dict[str, list[str]] = {}
    if EVENTS.is_dir():
        for path in files(".json", below=EVENTS):
            events.setdefault(path.parent.name, []).append(path.stem)
    tests = TESTS / "functions"
    text = "\n".join(p.read_text("utf-8") for p in sources(tests)) if tests.is_dir() else ""

    problems = documents.event_files(events, function_names(), NOTHING_TO_REFUSE, text)

    nothing_to_mend(problems)


def test_the_readme_lists_every_scene_of_the_ledger() -> None:
    cells = documents.first_cells(readme(), "Scenes")
    listed = [scene for cell in cells for scene in cell.replace("`", "").split(" · ")]

    nothing_to_mend(documents.table("README.md", "Scenes", listed, get_args(Scene)))


def test_the_readme_lists_every_function() -> None:
    listed = documents.first_cells(readme(), "Functions")

    nothing_to_mend(documents.table("README.md", "Functions", listed, function_names()))


def test_the_readme_lists_every_error_code() -> None:
    listed = documents.first_cells(readme(), "Error codes")
    raised = {code for code, _ in documents.error_codes(runtime_modules())}
    codes = raised | set(STATUS)

    nothing_to_mend(documents.table("README.md", "Error codes", listed, codes))


def test_the_readme_lists_every_metric() -> None:
    listed = documents.first_cells(readme(), "Metrics")
    names = documents.metric_names(runtime_modules().values())

    nothing_to_mend(documents.table("README.md", "Metrics", listed, names))


def test_no_two_errors_share_a_code() -> None:
    nothing_to_mend(documents.unique_codes(documents.error_codes(runtime_modules())))


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    changelog = text_of(REPOSITORY / "CHANGELOG.md")

    assert deployment.newest_version(changelog) == project()["version"]


def test_the_vendor_layer_has_the_pins_of_the_project() -> None:
    vendor = vendor_pins()

    nothing_to_mend(deployment.equal_pins(vendor, deployment.pins(project()["dependencies"])))


def test_the_vendor_layer_has_what_the_runtime_code_imports_and_nothing_else() -> None:
    vendor = vendor_pins()
    imported = {name for module in runtime_modules().values() for name in top_modules(module)}
    third_party = imported - set(sys.stdlib_module_names) - {"huixue"}

    nothing_to_mend(deployment.imported_packages(vendor, third_party, NOT_IMPORTED))


def top_modules(module: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found
