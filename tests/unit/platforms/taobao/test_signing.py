"""Signatures against the worked vectors, and the rules as properties."""

from __future__ import annotations

from typing import cast
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.platforms.taobao.signing import SignMethod, canonical_string, sign, signed
from infra.sandbox.taobao import expected_sign
from tests.unit.sandbox.running import UNTIMED, signature_vectors

VECTORS = [
    "top.official.md5",
    "top.official.hmac",
    "top.official.hmac-sha256",
    "top.tbk_order_details.md5",
    "top.tbk_order_details.hmac",
    "top.tbk_order_details.hmac-sha256",
    "top.tbk_order_details.page2",
    "top.tpwd_create.md5_utf8",
]
PARAMETERS = st.dictionaries(
    st.text(min_size=1, max_size=6), st.text(max_size=6), max_size=8
).filter(
    lambda made: (
        not any("\ud800" <= char <= "\udfff" for text in [*made, *made.values()] for char in text)
    )
)
METHODS = st.sampled_from(cast("list[SignMethod]", ["md5", "hmac", "hmac-sha256"]))


def vector(name: str) -> tuple[dict[str, str], str, SignMethod, str, str]:
    found = signature_vectors()[name]
    inputs = cast("dict[str, object]", found["inputs"])
    parameters = cast("dict[str, str]", inputs["params"])
    method = cast("SignMethod", parameters["sign_method"])
    return (
        parameters,
        str(inputs["secret"]),
        method,
        str(found["canonical_string"]),
        str(found["expected"]),
    )


@pytest.mark.parametrize("name", VECTORS)
def test_a_worked_vector_comes_out_the_same(name: str) -> None:
    parameters, secret, method, canonical, expected = vector(name)

    assert canonical_string(parameters) == canonical
    assert sign(parameters, secret=secret, method=method) == expected


@pytest.mark.parametrize("name", VECTORS)
def test_the_stand_in_reads_the_rules_the_same_way(name: str) -> None:
    parameters, secret, _, _, expected = vector(name)

    assert expected_sign(secret, parameters) == expected


def test_every_vector_of_this_platform_is_tried() -> None:
    assert {name for name in signature_vectors() if name.startswith("top.")} == set(VECTORS)


def test_what_is_sent_is_the_worked_form() -> None:
    parameters, secret, method, _, _ = vector("top.tbk_order_details.page2")
    form = str(signature_vectors()["top.tbk_order_details.page2"]["form_body"])

    sent = signed(parameters, secret=secret, method=method)

    assert sent == dict(parse_qsl(form))


def test_a_changed_value_does_not_fit_the_old_signature() -> None:
    parameters, secret, method, _, expected = vector("top.tbk_order_details.hmac-sha256")

    assert sign(parameters | {"page_size": "50"}, secret=secret, method=method) != expected


@UNTIMED
@given(parameters=PARAMETERS, order=st.randoms(use_true_random=False), method=METHODS)
def test_the_order_of_parameters_does_not_matter(
    parameters: dict[str, str], order: object, method: SignMethod
) -> None:
    names = list(parameters)
    order.shuffle(names)  # type: ignore[attr-defined]  # hypothesis gives a random.Random

    shuffled = {name: parameters[name] for name in names}

    assert sign(shuffled, secret="s", method=method) == sign(parameters, secret="s", method=method)


@UNTIMED
@given(parameters=PARAMETERS, method=METHODS)
def test_empty_values_and_an_old_signature_are_not_signed(
    parameters: dict[str, str], method: SignMethod
) -> None:
    bare = {name: value for name, value in parameters.items() if value and name != "sign"}

    assert sign(bare | {"sign": "x", "zz": ""}, secret="s", method=method) == sign(
        {name: value for name, value in bare.items() if name != "zz"}, secret="s", method=method
    )


@UNTIMED
@given(parameters=PARAMETERS, method=METHODS)
def test_client_and_stand_in_agree_on_any_parameters(
    parameters: dict[str, str], method: SignMethod
) -> None:
    sent = signed(parameters, secret="秘密", method=method)

    assert sent["sign"] == expected_sign("秘密", sent)
    assert sent["sign"] == sent["sign"].upper()
