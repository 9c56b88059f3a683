"""Runs the seeded proofs: every `tests/prove/proof_<name>.py` over many seeds, and says how to replay what failed.

A proof is a module with `prove(random: Random) -> None` that raises when what it claims does not hold. All its choices
come from that generator, so a seed is the whole case.

    python -m tests.prove.run [--seeds 1000] [--first 0] [--proof ledger]
    python -m tests.prove.run --seed 417 --proof ledger        # one case again
"""

from __future__ import annotations

import importlib
import sys
import time
import traceback
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import track

Proof = Callable[[Random], None]
SEEDS = 1000


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


def first_failure(name: str, proof: Proof, seeds: Iterable[int]) -> Failure | None:
    for seed in seeds:
        try:
            proof(generator(name, seed))
        except Exception:  # noqa: BLE001 - whatever a proof raises is what it found
            return Failure(proof=name, seed=seed, trace=traceback.format_exc())
    return None


def proofs_of(folder: Path) -> dict[str, Proof]:
    """Every proof of the folder by name."""
    names = sorted(path.stem.removeprefix("proof_") for path in folder.glob("proof_*.py"))
    return {name: importlib.import_module(f"tests.prove.proof_{name}").prove for name in names}


def run(proofs: Mapping[str, Proof], seeds: range, console: Console) -> int:
    """0 when all hold; 1 after the first failure, or when there is nothing to prove."""
    if not proofs:
        console.print(
            "There is nothing to prove: add tests/prove/proof_<name>.py, or check --proof."
        )
        return 1
    for name, proof in proofs.items():
        began = time.monotonic()
        shown = track(seeds, f"{name:20}", console=console, transient=True)
        failure = first_failure(name, proof, shown)
        if failure is not None:
            console.print(failure.trace, markup=False, highlight=False)
            console.print(f"{name} does not hold for seed {failure.seed}. Again: {failure.replay}")
            return 1
        took_s = time.monotonic() - began
        console.print(f"{name:20} holds for {len(seeds)} seeds from {seeds.start} ({took_s:.1f} s)")
    return 0


def main(arguments: list[str]) -> int:
    parser = ArgumentParser(prog="make prove", description="Run the seeded proofs.")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many seeds")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--proof", help="this proof alone")
    given = parser.parse_args(arguments)
    proofs = proofs_of(Path(__file__).parent)
    if given.proof is not None:
        proofs = {name: proof for name, proof in proofs.items() if name == given.proof}
    one = range(given.seed, given.seed + 1) if given.seed is not None else None
    seeds = one or range(given.first, given.first + given.seeds)
    return run(proofs, seeds, Console())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
