"""The import contracts know every module: a new one in a context has to be given its place."""

from __future__ import annotations

from configparser import ConfigParser

import pytest

from tests.house.checkout import REPOSITORY, RUNTIME_CODE, nothing_to_mend, sources

CONTEXTS = ("members", "orders", "points", "programme")
# met by `huixue.*.name` in the contracts
PLACED_BY_NAME = frozenset({"model", "ports", "use_cases", "store", "records"})


@pytest.fixture
def contracts() -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.read(REPOSITORY / ".importlinter", "utf-8")
    return parser


def modules(contracts: ConfigParser, contract: str, key: str) -> set[str]:
    return set(contracts[f"importlinter:contract:{contract}"][key].split())


def test_every_module_of_a_context_has_its_place_in_the_contracts(contracts: ConfigParser) -> None:
    placed = {
        *modules(contracts, "truth", "source_modules"),
        *modules(contracts, "storing", "source_modules"),
        *modules(contracts, "deciding", "source_modules"),
    }

    nothing_to_mend(
        f"{name}: say in .importlinter whether it is true, decides or stores"
        for context in CONTEXTS
        for path in sources(RUNTIME_CODE / context)
        if path.stem not in PLACED_BY_NAME
        and (name := f"huixue.{context}.{path.stem}") not in placed
    )


def test_no_contract_names_a_module_that_is_gone(contracts: ConfigParser) -> None:
    named = {
        module
        for contract in ("truth", "storing", "deciding")
        for module in modules(contracts, contract, "source_modules")
    }

    nothing_to_mend(
        f"{module} is gone: take it out of .importlinter"
        for module in named
        if "*" not in module
        and not (RUNTIME_CODE.parent / module.replace(".", "/")).with_suffix(".py").is_file()
    )


@pytest.mark.parametrize("contract", ["truth", "needs"])
def test_whoever_knows_no_use_case_knows_none_of_them(
    contracts: ConfigParser, contract: str
) -> None:
    deciding = modules(contracts, "deciding", "source_modules")
    storing = modules(contracts, "storing", "source_modules") - {"huixue.*.records"}

    assert (
        modules(contracts, contract, "forbidden_modules") - {"huixue.*.ports"} == deciding | storing
    )
    assert modules(contracts, "storing", "forbidden_modules") == deciding
