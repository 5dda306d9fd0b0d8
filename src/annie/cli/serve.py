"""``annie serve``: prepares the database, supervises the three processes, says how to ring."""

import asyncio
import contextlib
import json
import signal
import sys
import time
from typing import Any

from annie.cli.supervisor import Child, Supervisor, Unusable
from annie.kit import logs
from annie.kit.settings import Settings

READY_SECONDS = 120.0
DRAIN_SECONDS = 30.0
#: Edge and voice that stand still for so long are started again; their calls go on.
ALIVE_SECONDS = 5.0


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Returns 0 after a clean stop, else 1 or 2."""
    logs.configure("serve")
    try:
        for directory in (settings.data, settings.run_dir, settings.recordings_dir):
            directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(
            f"annie: can't make {error.filename}: {error.strerror}. "
            "Name a directory that you may write with --data DIR or ANNIE_DATA.",
            file=sys.stderr,
        )
        return 2
    return asyncio.run(_serve(settings))


def _children(settings: Settings) -> list[Child]:
    python = sys.executable
    sip_host, sip_port = settings.sip
    http = ["--host", settings.host, "--port", str(settings.port)]
    database = ["--database-url", settings.database_url, "--data", str(settings.data)]
    socket = str(settings.link_socket)
    edge = [python, "-m", "annie.edge", "--sip", f"{sip_host}:{sip_port}", "--socket", socket]
    for network in settings.sip_allow:
        edge += ["--allow", network]
    for network in settings.sip_trusted:
        edge += ["--trusted", network]
    for network in settings.sip_challenge:
        edge += ["--challenge", network]
    edge += ["--codecs", ",".join(settings.sip_codecs)]
    edge += ["--media-timeout", str(settings.media_timeout)]
    status = {"ANNIE_STATUS_FILE": str(_status_file(settings))}
    # This is also the order of ending: the edge drains its calls while voice still talks.
    return [
        Child("edge", edge, DRAIN_SECONDS + 5, ALIVE_SECONDS),
        Child(
            "voice",
            [python, "-m", "annie.calls", "--socket", socket, *database],
            10.0,
            ALIVE_SECONDS,
        ),
        Child(
            "app",
            [python, "-m", "annie.app", *http, *database],
            10.0,
            environment=status,
        ),
    ]


def _status_file(settings: Settings) -> Any:
    return settings.run_dir / "status.json"


async def _serve(settings: Settings) -> int:
    began = time.monotonic()
    interactive = sys.stderr.isatty()
    started = False

    def progress(name: str, what: str) -> None:
        if not started or "ended" in what:
            print(f"annie: {time.monotonic() - began:5.1f} s  {name}: {what}", file=sys.stderr)

    supervisor = Supervisor(_children(settings), _status_file(settings), progress)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, supervisor.request_stop)
    supervisor.start()
    ending = asyncio.create_task(supervisor.wait_stopped())
    status = 0
    try:
        prepared = await _prepare(settings, progress)
        if prepared is None:
            status = 1
        elif await supervisor.wait_ready(READY_SECONDS):
            started = True
            print(_welcome(settings, prepared, time.monotonic() - began), flush=True)
        elif not ending.done():
            print(
                f"annie: not ready after {READY_SECONDS:.0f} s; run `annie doctor` to see why.",
                file=sys.stderr,
            )
            status = 1
    except Unusable:
        status = 2
    if status:
        supervisor.request_stop()
    try:
        await supervisor.wait_stopped() if ending.cancelled() else await ending
    except Unusable as error:
        print(f"annie: {error} can't start with these settings (see above).", file=sys.stderr)
        status = 2
    if interactive:
        print("annie: stopped.", file=sys.stderr)
    return status


async def _prepare(settings: Settings, progress: Any) -> dict[str, Any] | None:
    """Migrate and seed in a process of its own, so that the supervisor stays small."""
    command = [sys.executable, "-m", "annie.cli.prepare", "--data", str(settings.data)]
    command += ["--database-url", settings.database_url]
    if settings.no_demo:
        command.append("--no-demo")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        output, _ = await asyncio.wait_for(process.communicate(), READY_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        print("annie: the database did not answer; run `annie doctor`.", file=sys.stderr)
        return None
    if process.returncode:
        return None
    progress("database", "ready")
    return json.loads(output)


def _welcome(settings: Settings, prepared: dict[str, Any], seconds: float) -> str:
    sip_host, sip_port = settings.sip
    url = f"http://{settings.host}:{settings.port}"
    lines = [f"Annie is ready ({seconds:.1f} s).", "", f"  API      {url}/v1"]
    lines.append(f"  docs     {url}/docs")
    if prepared.get("apiKey"):
        lines.append(f"  key      {prepared['apiKey']}   (shown once: keep it)")
    if prepared.get("orgId"):
        lines.append(f"  org      {prepared['orgId']}")
    if prepared.get("botId"):
        lines.append(f"  bot      {prepared['botId']}")
    lines.append(f"  SIP      {sip_host}:{sip_port} (UDP and TCP)")
    numbers: list[dict[str, str]] = prepared.get("numbers", [])
    lines += [
        f"  number   {number['number']}  {number['language']:<8} {number['name']:<14} "
        f"sip:{number['number']}@{sip_host}:{sip_port}"
        for number in numbers
    ]
    if numbers:
        example = 'annie call {} --say "What are your opening hours on Saturday?"'
        at = "" if (sip_host, sip_port) == ("127.0.0.1", 5060) else f" --sip {sip_host}:{sip_port}"
        lines += ["", "  Try      .venv/bin/" + example.format(numbers[0]["number"]) + at]
    else:
        lines += ["", "  Next     create an organization, a bot and a phone number through the API"]
    return "\n".join(lines)
