"""Phones that we didn't write prove who they are (RFC 7616, RFC 8760), or may not call."""

import asyncio
import contextlib
import ipaddress
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import baresip
import pytest

from annie.edge.sip.digest import MOST_GUESSES
from annie.edge.sip.events import CallEnded, IncomingCall
from annie.edge.sip.user_agent import UserAgentConfig
from tests.interop.annie_server import free_port
from tests.interop.answering_agent import running_edge
from tests.interop.baresip_phone import BaresipPhone
from tests.interop.linphone import linphone, needs_linphone

pytestmark = pytest.mark.interop

needs_svcrack = pytest.mark.skipif(
    shutil.which("svcrack") is None, reason="SIPVicious is not installed (sipvicious)"
)

CHALLENGED = UserAgentConfig(
    challenged=(ipaddress.ip_network("127.0.0.0/8"),),
    accounts={"alice": "sesame"},
    realm="annie.example",
)


def account(password: str) -> str:
    """As baresip writes it."""
    return f"auth_user=alice;auth_pass={password}"


async def test_baresip_proves_to_be_an_account() -> None:
    async with running_edge(config=CHALLENGED) as edge:
        async with BaresipPhone(
            edge.transport.port, user="alice", account=account("sesame")
        ) as phone:
            call = await phone.dial("+15550100")
            await call.hang_up()
        assert edge.kinds()[:2] == ["IncomingCall", "CallEstablished"]


async def test_baresip_with_a_wrong_password_is_refused() -> None:
    async with running_edge(config=CHALLENGED) as edge:
        async with BaresipPhone(edge.transport.port, user="alice", account=account("x")) as phone:
            with pytest.raises(baresip.CallFailed, match="401"):
                await phone.dial("+15550100")
        assert edge.kinds() == []


@needs_linphone
@pytest.mark.parametrize("password", ["sesame", "wrong"])
async def test_linphone_calls_with_the_right_password_only(tmp_path: Path, password: str) -> None:
    settings = f"[auth_info_0]\nusername=alice\npasswd={password}\nrealm={CHALLENGED.realm}\n"
    async with (
        running_edge(config=CHALLENGED) as edge,
        linphone(tmp_path, user="alice", settings=settings) as phone,
    ):
        phone.type(f"call sip:+15550100@127.0.0.1:{edge.transport.port}")
        if password == "sesame":
            await phone.until("connected")
            await phone.until("Media streams established")
            phone.type("terminate")
            await edge.until(CallEnded)
        else:
            await phone.until("error")
            assert edge.kinds() == []


@contextlib.asynccontextmanager
async def cracking(folder: Path, port: int, words: list[str]) -> AsyncGenerator[None]:
    """SIPVicious' svcrack at work with these passwords."""
    (folder / "words").write_text("".join(f"{word}\n" for word in words))
    process = await asyncio.create_subprocess_exec(
        *("svcrack", "-m", "INVITE", "-u", "alice", "-e", "+15550100", "-d", "words"),
        *("-b", "127.0.0.1", "-P", str(free_port()), "-p", str(port), "127.0.0.1"),
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        # It goes on long after there is anything to learn.
        process.kill()
        await process.wait()


@needs_svcrack
async def test_svcrack_gets_in_with_one_of_its_first_guesses(tmp_path: Path) -> None:
    async with (
        running_edge(config=CHALLENGED) as edge,
        cracking(tmp_path, edge.transport.port, ["one", "two", "sesame"]),
    ):
        await edge.until(IncomingCall)


@needs_svcrack
async def test_svcrack_is_answered_no_more_before_it_has_found_the_password(tmp_path: Path) -> None:
    words = [f"wrong{number}" for number in range(MOST_GUESSES)]
    async with (
        running_edge(config=CHALLENGED) as edge,
        cracking(tmp_path, edge.transport.port, [*words, "sesame"]),
    ):
        # Each guess is two messages: by then it has long begun to ask in vain.
        await edge.agent.has_received_so_many(10 * MOST_GUESSES)
        assert edge.kinds() == []
