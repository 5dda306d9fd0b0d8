"""Tools that look for SIP servers: what they learn of ours, and what they disturb."""

import asyncio
import ipaddress
import shutil
from pathlib import Path

import numpy as np
import pytest

from annie.edge.access import AccessList
from annie.edge.caller import Caller
from tests.interop.annie_server import free_port
from tests.interop.answering_agent import running_edge
from tests.interop.edge_process import NUMBER, TONE, edge_process, level
from tests.interop.sipp import ANSWERED, HANG_UP, SDP, call_in, needs_sipp, request

pytestmark = pytest.mark.interop

needs_sipsak = pytest.mark.skipif(shutil.which("sipsak") is None, reason="sipsak is not installed")
needs_sipvicious = pytest.mark.skipif(
    shutil.which("svmap") is None, reason="SIPVicious is not installed (sipvicious)"
)

#: Whoever binds nothing else on loopback comes from 127.0.0.1.
NEIGHBOUR = "127.0.0.2"


async def run(folder: Path, *command: str) -> tuple[int, str]:
    """Exit status and what it wrote on the screen."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        # SIPVicious keeps its findings below the home directory.
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode is not None
    return process.returncode, output.decode()


#: The INVITEs of svmap take it twice as long as the rest.
SCANS = {
    "svmap": (),
    "svmap -m INVITE": (),
    "svwar -m INVITE": ("--force", "--maximumtime", "3", "-e", "100-120"),
    "svwar -m REGISTER": ("--force", "--maximumtime", "3", "-e", "100-120"),
}


async def sipvicious(folder: Path, target: int, *scans: str) -> dict[str, str]:
    """What its scanners say about this port of loopback, run side by side."""

    async def scan(name: str) -> str:
        home = folder / name.replace(" ", "")
        home.mkdir()
        ports = ("-p", str(target), "-b", "127.0.0.1", "-P", str(free_port()))
        _, output = await run(home, *name.split(), *ports, *SCANS[name], "127.0.0.1")
        return output

    return dict(zip(scans, await asyncio.gather(*map(scan, scans)), strict=True))


@needs_sipsak
async def test_sipsak_finds_us_alive(tmp_path: Path) -> None:
    async with running_edge() as edge:
        target = f"sip:x@127.0.0.1:{edge.transport.port}"
        status, output = await run(tmp_path, "sipsak", "-s", target)
        assert status == 0, output


@needs_sipp
@needs_sipsak
async def test_sipsak_and_raw_sockets_from_elsewhere_get_no_answer(tmp_path: Path) -> None:
    access = AccessList([ipaddress.ip_network(NEIGHBOUR)], private=False)
    async with running_edge(access) as edge:
        port = edge.transport.port
        # A factor of 1 gives up after 500 ms instead of 32 s.
        status, output = await run(tmp_path, "sipsak", "-D", "1", "-s", f"sip:x@127.0.0.1:{port}")
        assert status == 3, output
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n\r\n")
        try:
            assert await asyncio.wait_for(reader.read(), 10) == b""
        except ConnectionResetError:
            pass
        finally:
            writer.close()
        assert edge.agent.received == 0
        # The one who is allowed is served all the while.
        steps = [request("INVITE", body=SDP), *ANSWERED, request("ACK"), *HANG_UP]
        await call_in(port, tmp_path, *steps, host=NEIGHBOUR)
        assert edge.kinds() == ["IncomingCall", "CallEstablished", "CallEnded"]


@needs_sipvicious
async def test_sipvicious_from_elsewhere_learns_nothing(tmp_path: Path) -> None:
    access = AccessList([ipaddress.ip_network(NEIGHBOUR)], private=False)
    async with running_edge(access) as edge:
        said = await sipvicious(tmp_path, edge.transport.port, *SCANS)
        assert edge.agent.received == 0
    for name, output in said.items():
        assert "Traceback" not in output, output
        assert str(edge.transport.port) not in output, (name, output)
        assert "found nothing" in output or "no server response" in output, (name, output)


@needs_sipvicious
async def test_a_running_call_goes_on_while_sipvicious_tries_our_numbers(tmp_path: Path) -> None:
    heard: list[bytes] = []
    async with (
        edge_process(tmp_path) as edge,
        Caller(on_frame=lambda pcm, lost: heard.append(pcm)) as caller,
    ):
        await caller.dial(f"sip:{NUMBER}@127.0.0.1:{edge.port}")
        call = await edge.call()
        await call.played.until_loud()
        caller.play(np.tile(TONE, 60).astype("<i2").tobytes())
        await call.heard.until_loud()
        mark = len(heard)
        said = await sipvicious(tmp_path, edge.port, "svmap", "svwar -m INVITE")
        during = heard[mark:]
        assert not caller.ended
        caller.hang_up()
        assert await call.over() == ("caller", "bye")
        assert edge.calls.empty()
    # It sees that somebody is there, but one number is like the other to it.
    assert "Annie" in said["svmap"]
    assert "found nothing" in said["svwar -m INVITE"]
    levels = [level(np.frombuffer(pcm, "<i2")) for pcm in during]
    assert len(levels) > 100
    assert np.mean(np.array(levels) > 1000) > 0.98
