from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from huixue.programme.model import ProgrammeChangedError
from huixue.programme.use_cases import current
from infra.ops.programme_yaml import ProgrammeFileError
from infra.ops.publish import publish_file
from tests.unit.programme.fakes import FakeProgrammes
from tests.unit.programme.programmes import demo, demo_data

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "programme.yaml"
    path.write_text(yaml.safe_dump(demo_data(), allow_unicode=True), "utf-8")
    return path


def test_a_dry_run_tells_what_would_come_and_writes_nothing(file: Path) -> None:
    store = FakeProgrammes()

    report = publish_file(file, store=store, now=NOW, dry_run=True)

    assert (report.version, report.changed, report.dry_run) == (1, True, True)
    assert report.differences[0] == "programme demo is new: 回血"
    assert store.published == {}


def test_publishing_and_publishing_again(file: Path) -> None:
    store = FakeProgrammes()

    first = publish_file(file, store=store, now=NOW, dry_run=False)
    again = publish_file(file, store=store, now=NOW, dry_run=False)
    dry = publish_file(file, store=store, now=NOW, dry_run=True)

    assert (first.version, first.changed) == (1, True)
    assert (again.version, again.changed, again.differences) == (1, False, [])
    assert (dry.version, dry.changed, dry.differences) == (1, False, [])
    assert current("demo", store=store) == (1, demo())


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_mere_change_of_order_is_a_version_of_its_own_and_said_so(
    file: Path, dry_run: bool
) -> None:
    store = FakeProgrammes()
    publish_file(file, store=store, now=NOW, dry_run=False)
    data = demo_data()
    data["rooms"].reverse()
    file.write_text(yaml.safe_dump(data), "utf-8")

    report = publish_file(file, store=store, now=NOW, dry_run=dry_run)

    assert (report.version, report.changed) == (2, True)
    assert report.differences == ["only the order of lists changes"]


def test_a_file_with_a_problem_publishes_nothing(file: Path) -> None:
    store = FakeProgrammes()
    file.write_text("programme_id: demo", "utf-8")

    with pytest.raises(ProgrammeFileError):
        publish_file(file, store=store, now=NOW, dry_run=False)

    assert store.reads == 0


def test_somebody_elses_publication_at_the_same_moment_is_told(file: Path) -> None:
    store = FakeProgrammes()
    other = file.with_name("other.yaml")
    other.write_text(yaml.safe_dump(demo_data() | {"title": "x"}), "utf-8")
    store.before_write = [lambda: publish_file(other, store=store, now=NOW, dry_run=False)]

    with pytest.raises(ProgrammeChangedError):
        publish_file(file, store=store, now=NOW, dry_run=False)
