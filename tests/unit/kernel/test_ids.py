"""Ids: pinned for ever, because orders, accounts and members are found by them in years to come."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.ids import KeyedHash, derived_id, normalised, random_id

NUMBER = "26" + "0" * 13 + "1234"
HASHES = KeyedHash(key_id="k1", key=bytes(range(32)))

NORMALISED = {
    NUMBER: NUMBER,
    f" \t{NUMBER}\r\n": NUMBER,
    "２６００": "2600",
    "\u3000小满１９９０\u00a0": "小满1990",  # ideographic and no-break blanks
    "ＡＢｃ": "ABc",
    "ﬁ": "fi",
    "①": "1",
    "e\u0301": "é",  # combining accent
    "ｶﾞ": "ガ",
    "小 满": "小 满",  # blanks inside stay
    "Straße": "Straße",  # case stays
    "": "",
}


@pytest.mark.parametrize("text", NORMALISED)
def test_normalisation_is_pinned(text: str) -> None:
    assert normalised(text) == NORMALISED[text]


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


def test_keyed_hashes_are_pinned() -> None:
    assert HASHES.order_ref("taobao", NUMBER) == ("taobao:k1:cvaiyyifkryabnlyuzvkjrli62")
    assert HASHES.account_ref("taobao", "小满1990") == "taobao:k1:2crwg4iv2nr722qpxgnsymv65m"
    assert HASHES.line_key("taobao", NUMBER[:-1] + "5") == "cuxehibz565nys4f32kyk3pnnj"
    assert HASHES.identity_ref("openid", "oABC") == "openid:k1:ofxzkvqefag7vieqtipi4ki5p6"
    assert HASHES.identity_ref("unionid", "oABC") == "unionid:k1:ojw6vyxkloe4v2qakifz5376xe"


def test_derived_ids_are_pinned() -> None:
    assert derived_id("clm", "mem_1", "taobao:k1:x") == "clm_d2pvrjzvgpljv2vtjgi4fp6ahd"


def test_a_keyed_hash_is_hmac_sha256_in_base32_cut_to_130_bits() -> None:
    digest = hmac.new(HASHES.key, b"order|taobao|123", hashlib.sha256).digest()
    expected = base64.b32encode(digest).decode().lower()[:26]

    assert HASHES.order_ref("taobao", " 123 ") == f"taobao:k1:{expected}"


def test_the_same_text_for_another_purpose_platform_or_key_is_another_hash() -> None:
    another_key = KeyedHash(key_id="k1", key=bytes(32))
    digests = {
        HASHES.order_ref("taobao", "123").rsplit(":", 1)[1],
        HASHES.account_ref("taobao", "123").rsplit(":", 1)[1],
        HASHES.line_key("taobao", "123"),
        HASHES.identity_ref("taobao", "123").rsplit(":", 1)[1],
        HASHES.order_ref("douyin", "123").rsplit(":", 1)[1],
        another_key.order_ref("taobao", "123").rsplit(":", 1)[1],
    }

    assert len(digests) == 6


@given(st.text(), st.text())
def test_two_texts_have_one_hash_exactly_if_they_normalise_alike(one: str, two: str) -> None:
    same = HASHES.account_ref("taobao", one) == HASHES.account_ref("taobao", two)

    assert same == (normalised(one) == normalised(two))


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_a_derived_id_tells_its_parts_apart(one: list[str], two: list[str]) -> None:
    assert (derived_id("x", *one) == derived_id("x", *two)) == (one == two)


def test_no_id_shows_what_it_was_made_of() -> None:
    for text in (HASHES.order_ref("taobao", NUMBER), derived_id("clm", "小满1990")):
        assert NUMBER not in text
        assert "小满" not in text
        assert re.fullmatch(r"[a-z0-9:_]+", text)


def test_random_ids_are_made_of_the_callers_bytes_and_need_enough_of_them() -> None:
    assert random_id("mem", bytes(16)) == "mem_" + "a" * 26
    assert random_id("mem", b"\x01" + bytes(15)) != random_id("mem", bytes(16))
    with pytest.raises(ValueError, match="at least 16"):
        random_id("mem", bytes(15))
