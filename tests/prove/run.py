"""Runs the seeded proofs: every `tests/prove/proof_<name>.py` over many seeds, and says how to replay what failed.

A proof is a module with `prove(random: Random) -> None` that raises when what it claims does not hold. All its choices
come from that generator, so a seed is the whole case. A module may say how many `SEEDS` it wants, and that it is
`PARALLEL`: nothing but processor time, so that every core takes a part.

    python -m tests.prove.run [--seeds 1000] [--first 0] [--proof ledger]
    python -m tests.prove.run --seed 417 --proof ledger        # one case again
"""

from __future__ import annotations

import importlib
import os
import sys
import time
import traceback
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import track

Prove = Callable[[Random], None]
SEEDS = 1000
SEEDS_AT_ONCE = 200
"""One process takes so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    prove: Prove
    seeds: int = SEEDS
    parallel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    proof: str
    seed: int
    trace: str

    @property
    def replay(self) -> str:
        return f"make prove SEED={self.seed} PROOF={self.proof}"


def generator(proof: str, seed: int) -> Random:
    """The same for the same proof and seed, on every machine and in every order."""
    return Random(f"{proof}:{seed}")


def first_failure(name: str, prove: Prove, seeds: Iterable[int]) -> Failure | None:
    for seed in seeds:
        try:
            prove(generator(name, seed))
        except Exception:  # noqa: BLE001 - whatever a proof raises is what it found
            return Failure(proof=name, seed=seed, trace=traceback.format_exc())
    return None


def proofs_of(folder: Path) -> dict[str, Proof]:
    """Every proof of the folder by name."""
    names = sorted(path.stem.removeprefix("proof_") for path in folder.glob("proof_*.py"))
    return {name: _proof(f"tests.prove.proof_{name}") for name in names}


def _proof(module_name: str) -> Proof:
    module = importlib.import_module(module_name)
    return Proof(
        prove=module.prove,
        seeds=getattr(module, "SEEDS", SEEDS),
        parallel=getattr(module, "PARALLEL", False),
    )


def failures(name: str, proof: Proof, seeds: range) -> Iterator[Failure | None]:
    """What each part of the seeds found, in their order."""
    parts = [seeds[at : at + SEEDS_AT_ONCE] for at in range(0, len(seeds), SEEDS_AT_ONCE)]
    if not proof.parallel or len(parts) == 1:
        yield from (first_failure(name, proof.prove, [seed]) for seed in seeds)
        return
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        yield from processes.map(first_failure, repeat(name), repeat(proof.prove), parts)


def run(
    proofs: Mapping[str, Proof], console: Console, *, first: int = 0, count: int | None = None
) -> int:
    """0 when all hold; 1 after the first failure, or when there is nothing to prove. Each proof runs over `count`
    seeds, or over as many as it wants."""
    if not proofs:
        console.print(
            "There is nothing to prove: add tests/prove/proof_<name>.py, or check --proof."
        )
        return 1
    for name, proof in proofs.items():
        began = time.monotonic()
        seeds = range(first, first + (count if count is not None else proof.seeds))
        parts = len(seeds) // (SEEDS_AT_ONCE if proof.parallel else 1)
        found = failures(name, proof, seeds)
        for failure in track(found, f"{name:20}", total=parts, console=console, transient=True):
            if failure is not None:
                console.print(failure.trace, markup=False, highlight=False)
                console.print(
                    f"{name} does not hold for seed {failure.seed}. Again: {failure.replay}"
                )
                return 1
        took_s = time.monotonic() - began
        console.print(f"{name:20} holds for {len(seeds)} seeds from {first} ({took_s:.1f} s)")
    return 0


def main(arguments: list[str]) -> int:
    parser = ArgumentParser(prog="make prove", description="Run the seeded proofs.")
    parser.add_argument("--seeds", type=int, help="how many seeds (else as many as a proof wants)")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--proof", help="this proof alone")
    given = parser.parse_args(arguments)
    proofs = proofs_of(Path(__file__).parent)
    if given.proof is not None:
        proofs = {name: proof for name, proof in proofs.items() if name == given.proof}
    if given.seed is not None:
        return run(proofs, Console(), first=given.seed, count=1)
    return run(proofs, Console(), first=given.first, count=given.seeds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
