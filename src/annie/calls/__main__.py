"""``python -m annie.calls``: the voice process."""

import os
import sys

# Before NumPy is loaded: its threads would wait for each other on small matrices. A
# sentence takes 3 ms to encode on one thread, and 70 ms on two of a busy machine.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from annie.calls.process import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
