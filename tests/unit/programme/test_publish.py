from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from huixue.kernel.ids import KeyedHash
from huixue.programme.model import ProgrammeChangedError, StaffAccount, canonical_json
from huixue.programme.rules import programme_from
from huixue.programme.use_cases import current
from infra.ops.errors import OperatorError
from infra.ops.programme_yaml import ProgrammeFileError
from infra.ops.publish import publish, publish_file, publish_programme
from tests.unit.programme.fakes import FakeProgrammes
from tests.unit.programme.programmes import demo, full_data

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
KEY = KeyedHash(key_id="k1", key=b"a key of the tests, 32 bytes long")
STAFFED = programme_from(full_data())


def test_a_dry_run_tells_what_would_come_and_writes_nothing() -> None:
    store = FakeProgrammes()

    report = publish_programme(demo(), store=store, now=NOW, dry_run=True)

    assert (report.version, report.changed, report.dry_run) == (1, True, True)
    assert report.differences[0] == "programme demo is new: 回血"
    assert store.published == {}


def test_publishing_and_publishing_again() -> None:
    store = FakeProgrammes()

    first = publish_programme(demo(), store=store, now=NOW, dry_run=False)
    again = publish_programme(demo(), store=store, now=NOW, dry_run=False)
    dry = publish_programme(demo(), store=store, now=NOW, dry_run=True)

    assert (first.version, first.changed) == (1, True)
    assert (again.version, again.changed, again.differences) == (1, False, [])
    assert (dry.version, dry.changed, dry.differences) == (1, False, [])
    assert current("demo", store=store) == (1, demo())


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_mere_change_of_order_is_a_version_of_its_own_and_said_so(
    dry_run: bool,
) -> None:
    store = FakeProgrammes()
    publish_programme(demo(), store=store, now=NOW, dry_run=False)
    turned = msgspec.structs.replace(demo(), rooms=demo().rooms[::-1])

    report = publish_programme(turned, store=store, now=NOW, dry_run=dry_run)

    assert (report.version, report.changed) == (2, True)
    assert report.differences == ["only the order of lists changes"]


def test_a_file_with_a_problem_is_refused_before_any_stage_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path))
    file = tmp_path / "programme.yaml"
    file.write_text("programme_id: demo", "utf-8")

    store = FakeProgrammes()

    with pytest.raises(ProgrammeFileError):
        publish(file)
    with pytest.raises(ProgrammeFileError):
        publish_file(file, store=store, now=NOW, dry_run=False)

    assert store.reads == 0


def test_somebody_elses_publication_at_the_same_moment_is_told() -> None:
    store = FakeProgrammes()
    other = msgspec.structs.replace(demo(), title="另一个")
    store.before_write = [lambda: publish_programme(other, store=store, now=NOW, dry_run=False)]

    with pytest.raises(ProgrammeChangedError):
        publish_programme(demo(), store=store, now=NOW, dry_run=False)


def test_staff_accounts_are_hashed_before_they_are_compared_told_or_stored() -> None:
    store = FakeProgrammes()

    dry = publish_programme(STAFFED, store=store, now=NOW, dry_run=True, keyed_hash=lambda: KEY)
    first = publish_programme(STAFFED, store=store, now=NOW, dry_run=False, keyed_hash=lambda: KEY)
    again = publish_programme(STAFFED, store=store, now=NOW, dry_run=True, keyed_hash=lambda: KEY)

    assert dry.differences == first.differences
    assert (
        "staff accounts on taobao: 1 new, whose claims are refused from now on" in dry.differences
    )
    assert (again.version, again.changed, again.differences) == (1, False, [])
    stored = store.in_force["demo"].programme
    assert stored.staff_accounts == ()
    assert KEY.account_ref("taobao", "林小二") in stored.staff_account_refs
    assert "林小二" not in canonical_json(stored) + repr((dry, first, again))


def test_staff_that_come_and_go_are_told_by_numbers_alone() -> None:
    store = FakeProgrammes()
    publish_programme(STAFFED, store=store, now=NOW, dry_run=False, keyed_hash=lambda: KEY)
    others = (
        StaffAccount(platform="taobao", account="甲"),
        StaffAccount(platform="taobao", account="乙"),
        StaffAccount(platform="douyin", account="林小二"),
    )
    changed = msgspec.structs.replace(STAFFED, staff_accounts=others)

    report = publish_programme(changed, store=store, now=NOW, dry_run=True, keyed_hash=lambda: KEY)

    assert report.differences == [
        "staff accounts on taobao: 2 new, whose claims are refused from now on",
        "staff accounts on taobao: 1 gone, who may claim from now on",
    ]


def test_only_programmes_with_staff_need_the_deployments_key() -> None:
    store = FakeProgrammes()

    assert publish_programme(demo(), store=store, now=NOW, dry_run=False).changed
    with pytest.raises(OperatorError):
        publish_programme(STAFFED, store=store, now=NOW, dry_run=False)

    assert store.in_force["demo"].programme == demo()
