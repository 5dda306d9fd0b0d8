"""``python -m bench.fuzz``: each target for some seconds; the first finding ends it.

With Atheris in the environment (it isn't one of our dependencies) inputs follow coverage;
without it they are seeds mutated at random.
"""

import argparse
import gc
import importlib.util
import random
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from bench.fuzz.mutation import mutated
from bench.fuzz.seeds import SEEDS, TOKENS
from bench.fuzz.targets import TARGETS

#: Seconds that one input may take before it counts as a hang.
_HANG = 20
#: Inputs after which caches are full; what is left of later ones is lost memory.
_WARM = 2000


def at_random(name: str, seconds: float, seed: int, findings: Path) -> int:
    """Run a target on mutated seeds; returns how many.

    Raises:
        Exception: whatever the target raised; the input stands in ``findings``.
        MemoryError: inputs leave objects behind.
    """
    dice = random.Random(seed)
    target, count, end = TARGETS[name], 0, time.monotonic() + seconds
    objects = 0
    while time.monotonic() < end:
        data = mutated(SEEDS[name], TOKENS, dice)
        count += 1
        if count == _WARM:
            objects = _objects()
        try:
            target(data)
        except Exception:
            findings.mkdir(parents=True, exist_ok=True)
            (findings / f"{name}-{seed}-{count}").write_bytes(data)
            raise
    if count > 2 * _WARM and _objects() - objects > count / 100:
        raise MemoryError(f"{_objects() - objects} objects are left of {count} inputs")
    return count


def _objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def guided(name: str, seconds: float, seed: int, findings: Path) -> int:
    """Run a target under Atheris; returns how many inputs it tried.

    Raises:
        RuntimeError: it found something; input and traceback are where its output says.
    """
    corpus = findings / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(data)
    words = findings / f"{name}.dict"
    lines = ("".join(f"\\x{octet:02x}" for octet in token) for token in TOKENS)
    words.write_text("".join(f'"{line}"\n' for line in lines))
    flags = [
        f"-max_total_time={round(seconds)}",
        f"-timeout={_HANG}",
        f"-seed={seed}",
        "-max_len=8192",
        "-print_final_stats=1",
        f"-dict={words}",
        f"-artifact_prefix={findings}/{name}-",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "bench.fuzz.guided", name, *flags, str(corpus)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds + 10 * _HANG,
        check=False,
    )
    tried = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    if done.returncode or tried is None:
        raise RuntimeError(done.stdout[-4000:] + done.stderr[-2000:])
    return int(tried[1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 if nothing was found, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target (60)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    options = parser.parse_args(arguments)
    for name in options.targets:
        if name not in TARGETS:
            parser.error(f"no target {name!r}")
    run = guided if importlib.util.find_spec("atheris") else at_random
    for name in options.targets or TARGETS:
        try:
            count = run(name, options.seconds, options.seed, options.findings)
        except Exception:
            traceback.print_exc()
            print(f"{name}: found something; the input is in {options.findings}", flush=True)
            return 1
        print(f"{name}: {count} inputs ({run.__name__}), nothing found", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
