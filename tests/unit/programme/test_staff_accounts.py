"""Names of people: read from a file, hashed before anything else, never stored, never shown."""

from __future__ import annotations

from typing import Any

import pytest

from huixue.kernel.ids import KeyedHash
from huixue.programme.model import canonical_json, with_hashed_staff
from huixue.programme.policy import is_staff
from huixue.programme.rules import ProgrammeInvalidError, programme_from
from tests.unit.programme.programmes import demo, demo_data, full_data

KEY = KeyedHash(key_id="k1", key=b"a key of the tests, 32 bytes long")
NAME = "林小二"


def with_accounts(*accounts: object) -> dict[str, Any]:
    return demo_data() | {"staff_accounts": list(accounts)}


def on_taobao(account: object) -> dict[str, object]:
    return {"platform": "taobao", "account": account}


def test_a_programme_with_names_cannot_be_stored() -> None:
    with pytest.raises(ValueError, match="must be hashed"):
        canonical_json(programme_from(full_data()))


def test_hashing_leaves_no_name_and_may_be_repeated() -> None:
    written = programme_from(full_data())

    hashed = with_hashed_staff(written, KEY.account_ref)

    assert hashed.staff_accounts == ()
    assert hashed.staff_account_refs == tuple(
        sorted(KEY.account_ref(platform, NAME) for platform in ("taobao", "douyin"))
    )
    assert NAME not in canonical_json(hashed)
    assert with_hashed_staff(hashed, KEY.account_ref) == hashed


def test_names_do_not_show_where_a_programme_is_printed() -> None:
    assert NAME not in repr(programme_from(full_data()))


def test_the_order_of_names_in_the_file_does_not_matter() -> None:
    accounts = [on_taobao(f"店员{number}") for number in range(20)]

    hashed = [
        with_hashed_staff(programme_from(with_accounts(*each)), KEY.account_ref)
        for each in (accounts, accounts[::-1])
    ]

    assert hashed[0] == hashed[1]
    assert list(hashed[0].staff_account_refs) == sorted(hashed[0].staff_account_refs)


def test_staff_are_known_by_their_account_on_its_platform_alone() -> None:
    programme = with_hashed_staff(programme_from(with_accounts(on_taobao(NAME))), KEY.account_ref)

    assert is_staff(programme, KEY.account_ref("taobao", f" {NAME} "))
    assert not is_staff(programme, KEY.account_ref("douyin", NAME))
    assert not is_staff(programme, KEY.account_ref("taobao", "别人"))
    assert not is_staff(demo(), KEY.account_ref("taobao", NAME))


@pytest.mark.parametrize(
    ("accounts", "path"),
    [
        ([on_taobao("林**二")], "staff_accounts.0.account"),
        ([on_taobao("")], "staff_accounts.0.account"),
        ([on_taobao(" ")], "staff_accounts.0.account"),
        ([on_taobao("林" * 65)], "staff_accounts.0.account"),
        ([on_taobao("林\n二")], "staff_accounts.0.account"),
        ([on_taobao(13800138000)], "staff_accounts.0.account"),
        ([on_taobao(None)], "staff_accounts.0.account"),
        ([on_taobao(NAME), on_taobao(NAME)], "staff_accounts.1.account"),
        ([on_taobao("ab"), on_taobao("ａｂ ")], "staff_accounts.1.account"),
        ([{"platform": "amazon", "account": NAME}], "staff_accounts.0.platform"),
        ([{"account": NAME}], "staff_accounts.0.platform"),
        ([on_taobao(NAME) | {"name": 1}], "staff_accounts.0.name"),
    ],
)
def test_a_wrong_account_is_told_by_its_path_and_never_by_its_name(
    accounts: list[object], path: str
) -> None:
    with pytest.raises(ProgrammeInvalidError) as refused:
        programme_from(with_accounts(*accounts))

    assert [".".join(map(str, each.path)) for each in refused.value.problems] == [path]
    for shown in ("林", "13800138000", "ａｂ", "ab "):
        assert shown not in str(refused.value)
