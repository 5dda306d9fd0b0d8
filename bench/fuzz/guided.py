"""One target under Atheris, which follows coverage: run by ``bench.fuzz`` where it is installed.

``python -m bench.fuzz.guided TARGET -max_total_time=60 CORPUS``; other flags are libFuzzer's.
"""

import importlib
import sys


def main() -> None:
    """Fuzz until libFuzzer ends the process."""
    atheris = importlib.import_module("atheris")
    # Only what is imported inside is watched.
    with atheris.instrument_imports(include=["annie.edge", "sipmessage"]):
        targets = importlib.import_module("bench.fuzz.targets").TARGETS
    name, *flags = sys.argv[1:]
    atheris.Setup([sys.argv[0], *flags], targets[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
