from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from huixue.programme.model import ProgrammeChangedError
from huixue.programme.use_cases import current
from infra.ops.programme_yaml import ProgrammeFileError
from infra.ops.publish import publish, publish_file, publish_programme
from tests.unit.programme.fakes import FakeProgrammes
from tests.unit.programme.programmes import demo

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


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
