"""A Kamailio of our own in front of edges: records its route, pings them, fails over."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.interop.annie_server import free_port

#: Debian keeps it where only root looks.
_PROGRAM = shutil.which("kamailio", path=f"{os.environ['PATH']}:/usr/sbin")

needs_kamailio = pytest.mark.skipif(_PROGRAM is None, reason="Kamailio is not installed (kamailio)")

#: Who calls as this number is asked to prove it.
CUSTOMER = "+15550100"
PASSWORD = "secret"

# Destinations start as inactive: only an answered ping (OPTIONS) brings them in. Of those
# that are up, the first is used (algorithm 8: priority).
_CONFIGURATION = """
debug=1
log_stderror=yes
children=1
disable_tcp=yes
listen=udp:127.0.0.1:{port}
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "xlog.so"
loadmodule "auth.so"
loadmodule "dispatcher.so"
modparam("tm", "fr_timer", 1000)
modparam("dispatcher", "list_file", "{folder}/dispatcher.list")
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "ds_ping_interval", 1)
modparam("dispatcher", "ds_probing_mode", 1)
modparam("dispatcher", "ds_probing_threshold", 2)

request_route {{
    xlog("L_ALERT", "seen $rm from $sp\\n");
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
        sl_send_reply("404", "Not here");
        exit;
    }}
    t_check_trans();
    if (is_method("INVITE") && $fU == "{customer}") {{
        if (!pv_proxy_authenticate("{realm}", "{password}", "0")) {{
            proxy_challenge("{realm}", "0");
            exit;
        }}
        consume_credentials();
    }}
    record_route();
    if (!ds_select_dst("1", "8")) {{ send_reply("503", "No edge"); exit; }}
    t_on_failure("NEXT");
    t_relay();
}}

failure_route[NEXT] {{
    if (t_is_canceled()) exit;
    if (t_check_status("5[0-9][0-9]") || (t_branch_timeout() && !t_branch_replied())) {{
        if (ds_next_dst()) {{ t_on_failure("NEXT"); t_relay(); exit; }}
    }}
}}

event_route[dispatcher:dst-up] {{ xlog("L_ALERT", "up $ru\\n"); }}
event_route[dispatcher:dst-down] {{ xlog("L_ALERT", "down $ru\\n"); }}
"""


class Kamailio:
    """The proxy and what it reports."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.port = port
        self.log: list[str] = []
        self._process = process
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            async with self._news:
                self.log.append(line.decode(errors="replace").rstrip())
                self._news.notify_all()

    async def until(self, report: str) -> None:
        """Wait until it has reported this, now or before: ``up URI``, ``seen METHOD from PORT``."""
        try:
            async with asyncio.timeout(15), self._news:
                await self._news.wait_for(lambda: any(line.endswith(report) for line in self.log))
        except TimeoutError:
            raise AssertionError(f"no {report!r} in:\n" + "\n".join(self.log)) from None

    async def close(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(10):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        await self._reading


@contextlib.asynccontextmanager
async def kamailio(folder: Path, *edges: int) -> AsyncGenerator[Kamailio]:
    """A proxy in front of the edges with these SIP ports, the first preferred, when all are up."""
    assert _PROGRAM is not None
    port = free_port()
    configuration = folder / "kamailio.cfg"
    configuration.write_text(
        _CONFIGURATION.format(
            port=port, folder=folder, customer=CUSTOMER, password=PASSWORD, realm="proxy.example"
        )
    )
    inactive = 1
    (folder / "dispatcher.list").write_text(
        "".join(
            f"1 sip:127.0.0.1:{edge} {inactive} {len(edges) - rank}\n"
            for rank, edge in enumerate(edges)
        )
    )
    process = await asyncio.create_subprocess_exec(
        *(_PROGRAM, "-DD", "-E", "-f", str(configuration), "-Y", str(folder), "-w", str(folder)),
        *("-m", "32", "-M", "4"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    proxy = Kamailio(process, port)
    try:
        for edge in edges:
            await proxy.until(f"up sip:127.0.0.1:{edge}")
        yield proxy
    finally:
        await proxy.close()
