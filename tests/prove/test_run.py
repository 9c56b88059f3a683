"""The runner of proofs: a failure names its seed, and the seed is the whole case."""

from __future__ import annotations

import io
from random import Random

import pytest
from rich.console import Console

from tests.prove.run import Proof, failures, first_failure, generator, run


def never_above_95(random: Random) -> None:
    drawn = random.randrange(100)
    assert drawn < 95, drawn


def holds(random: Random) -> None:
    random.random()


def said_by(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def silent_console() -> Console:
    return Console(file=io.StringIO(), width=120)


def test_a_proof_that_fails_names_the_seed_and_the_seed_fails_again() -> None:
    failure = first_failure("drawing", never_above_95, range(1000))

    assert failure is not None
    again = first_failure("drawing", never_above_95, [failure.seed])
    assert again is not None
    assert again.trace == failure.trace
    assert failure.replay == f"make prove SEED={failure.seed} PROOF=drawing"


def test_generators_differ_by_proof_and_by_seed() -> None:
    drawn = {generator(name, seed).random() for name in ("a", "b") for seed in range(50)}

    assert len(drawn) == 100


def test_a_run_that_holds_ends_with_0_and_says_for_how_many_seeds() -> None:
    console = silent_console()

    assert run({"calm": Proof(prove=holds)}, console, count=5) == 0
    assert "holds for 5 seeds from 0" in said_by(console)


def test_a_run_that_fails_ends_with_1_and_the_replay_command() -> None:
    console = silent_console()

    assert run({"drawing": Proof(prove=never_above_95)}, console) == 1
    assert "make prove SEED=" in said_by(console)


def test_nothing_to_prove_is_no_success() -> None:
    assert run({}, silent_console()) == 1


@pytest.mark.parametrize("parallel", [False, True])
def test_every_core_finds_the_same_first_failure(parallel: bool) -> None:
    proof = Proof(prove=never_above_95, parallel=parallel)

    found = [each for each in failures("drawing", proof, range(600)) if each is not None]

    assert found[0] == first_failure("drawing", never_above_95, range(600))


def test_a_proof_runs_over_as_many_seeds_as_it_wants() -> None:
    console = silent_console()

    assert run({"calm": Proof(prove=holds, seeds=7)}, console, first=3) == 0
    assert "holds for 7 seeds from 3" in said_by(console)
