"""A process's word to whoever supervises it that its event loop runs."""

import asyncio
import os
from typing import Final

#: Set by the supervisor for children whose standard output it reads.
SUPERVISED: Final = "ANNIE_SUPERVISED"
_PAUSE: Final = 1.0


async def beat(name: str) -> None:
    """Print ``<name>_alive`` once a second, for ever; returns at once where nobody reads it."""
    if not os.environ.get(SUPERVISED):
        return
    while True:
        await asyncio.sleep(_PAUSE)
        print(f"{name}_alive", flush=True)
