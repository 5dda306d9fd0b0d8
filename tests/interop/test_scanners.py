"""Tools that look for SIP servers: what they learn of ours, and what they disturb."""

import asyncio
import shutil

import pytest

from tests.interop.answering_agent import running_edge

pytestmark = pytest.mark.interop


@pytest.mark.skipif(shutil.which("sipsak") is None, reason="sipsak is not installed")
async def test_sipsak_finds_us_alive() -> None:
    async with running_edge() as edge:
        process = await asyncio.create_subprocess_exec(
            *("sipsak", "-s", f"sip:x@127.0.0.1:{edge.transport.port}"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0, output
