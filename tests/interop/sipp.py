"""SIPp: scenarios written as lists of steps, and SIPp itself run with them."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.interop.annie_server import free_port

needs_sipp = pytest.mark.skipif(
    shutil.which("sipp") is None, reason="SIPp is not installed (sip-tester)"
)

SDP = """v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000"""
HELD = SDP.replace("2353687637", "2353687638") + "\na=sendonly"
SAVP = SDP.replace("RTP/AVP", "RTP/SAVP")


def request(
    method: str, *, cseq: int = 1, branch: str = "[branch]", headers: str = "", body: str = ""
) -> str:
    """A ``send`` of SIPp, with the peer's tag for ACK, BYE and whatever has ``cseq`` over 1.

    ``headers`` are further lines, ``AUTHENTICATION`` among them.
    """
    inside = cseq > 1 or method in ("BYE", "PRACK")
    peer_tag = "[peer_tag_param]" if inside or method == "ACK" else ""
    return f"""
<send{' retrans="500"' if method in ("INVITE", "BYE", "CANCEL") else ""}><![CDATA[
{method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}
From: "Caller" <sip:+15550199@[local_ip]:[local_port]>;tag=[pid]SIPpTag00[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>{peer_tag}
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: <sip:caller@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
{_further(headers, body)}Content-Length: [len]

{body}
]]></send>
"""


def expect(
    status: int, *, body: str = "", header: str = "", optional: bool = False, auth: bool = False
) -> str:
    """A ``recv`` of SIPp; ``body`` and ``header`` are regular expressions that must match.

    ``auth`` keeps a challenge for ``AUTHENTICATION`` in the next request.
    """
    flags = (' optional="true"' if optional else "") + (' auth="true"' if auth else "")
    return f'<recv response="{status}"{flags}>{_checks(body, header)}</recv>'


def expect_request(method: str, *, body: str = "", header: str = "") -> str:
    """The same for a request."""
    return f'<recv request="{method}">{_checks(body, header)}</recv>'


def pause(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>'


def respond(
    status: int,
    phrase: str,
    *,
    inside: bool = False,
    until_ack: bool = False,
    headers: str = "",
    body: str = "",
) -> str:
    """SIPp's response to the last request, which is ``inside`` the dialog if it has our tag."""
    tag = "" if inside else ";tag=[pid]SIPpTag01[call_number]"
    return f"""
<send{' retrans="500"' if until_ack else ""}><![CDATA[
SIP/2.0 {status} {phrase}
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
{_further(headers, body)}Content-Length: [len]

{body}
]]></send>
"""


def _further(headers: str, body: str) -> str:
    kind = "Content-Type: application/sdp\n" if body else ""
    return kind + (f"{headers}\n" if headers else "")


def _checks(body: str, header: str) -> str:
    checks = ""
    for variable, pattern, where in (("1", body, "body"), ("2", header, "msg")):
        if pattern:
            checks += (
                f'<ereg regexp="{pattern}" search_in="{where}" check_it="true" '
                f'assign_to="{variable}"/><log message="[${variable}]"/>'
            )
    return f"<action>{checks}</action>"


async def start_sipp(
    folder: Path,
    steps: list[str],
    *arguments: str,
    transport: str = "udp",
    host: str = "127.0.0.1",
) -> tuple[asyncio.subprocess.Process, int]:
    """SIPp with a scenario of these steps, and its port."""
    scenario = folder / "scenario.xml"
    xml = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="test">'
    scenario.write_text(xml + "".join(steps) + "</scenario>")
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        "sipp",
        *("-sf", str(scenario), "-i", host, "-p", str(port), "-mp", str(free_port())),
        *("-t", "t1" if transport == "tcp" else "u1", "-m", "1", "-nostdin"),
        *("-timeout", "20", "-timeout_error", "-trace_err", *arguments),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    return process, port


async def finish(process: asyncio.subprocess.Process, folder: Path) -> None:
    """SIPp must end by itself and be content."""
    output, _ = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode == 0, logged(folder, "errors") + output.decode()[-3000:]


def logged(folder: Path, kind: str) -> str:
    """What SIPp wrote into its log of this kind."""
    return "".join(path.read_text() for path in folder.glob(f"*_{kind}.log"))


async def call_in(
    target_port: int,
    folder: Path,
    *steps: str,
    number: str = "+15550100",
    transport: str = "udp",
    host: str = "127.0.0.1",
) -> None:
    """SIPp calls ``number`` at ``target_port`` of loopback from ``host``."""
    target = f"127.0.0.1:{target_port}"
    process, _ = await start_sipp(
        folder, list(steps), target, "-s", number, transport=transport, host=host
    )
    await finish(process, folder)


ANSWERED = [
    expect(100, optional=True),
    expect(180, optional=True),
    expect(200, body="m=audio 40000 RTP/AVP 0 101"),
]
HANG_UP = [request("BYE", cseq=9), expect(200)]
