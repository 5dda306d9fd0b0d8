import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from annie.cli.supervisor import Child, Supervisor, Unusable

pytestmark = pytest.mark.integration

BOUND = 20.0


def child(name: str, after_ready: str = "signal.pause()") -> Child:
    code = f"import os, signal, sys; print('{name}_ready', flush=True); {after_ready}"
    return Child(name, [sys.executable, "-c", code], drain_seconds=5.0)


async def until(condition: "asyncio.Event", bound: float = BOUND) -> None:
    await asyncio.wait_for(condition.wait(), bound)


class Watch:
    """Turns the supervisor's words into events that a test can wait for."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self._changed = asyncio.Condition()

    def __call__(self, name: str, what: str) -> None:
        self.seen.append((name, what))
        asyncio.get_running_loop().create_task(self._notify())

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def wait_for(self, name: str, what: str, times: int) -> None:
        async with self._changed:
            await asyncio.wait_for(
                self._changed.wait_for(lambda: self.seen.count((name, what)) >= times), BOUND
            )


async def stopped(supervisor: Supervisor) -> None:
    supervisor.request_stop()
    await asyncio.wait_for(supervisor.wait_stopped(), BOUND)


async def test_a_killed_child_is_started_again_and_the_others_are_left_alone(
    tmp_path: Path,
) -> None:
    watch = Watch()
    children = [child("edge"), child("voice")]
    status = tmp_path / "status.json"
    supervisor = Supervisor(children, status, watch)
    supervisor.start()
    assert await supervisor.wait_ready(BOUND)
    edge, voice = children
    assert edge.process is not None
    assert voice.process is not None
    edge_pid, voice_pid = edge.process.pid, voice.process.pid

    os.kill(voice_pid, signal.SIGKILL)
    await watch.wait_for("voice", "ready", 2)

    assert voice.process.pid != voice_pid
    assert (edge.process.pid, edge.starts) == (edge_pid, 1)
    assert json.loads(status.read_text())["ready"] == {"edge": True, "voice": True}
    await stopped(supervisor)
    assert not status.exists()


async def test_a_child_that_refuses_its_settings_stops_everything_and_is_named(
    tmp_path: Path,
) -> None:
    children = [child("edge", "sys.exit(2)"), child("voice")]
    supervisor = Supervisor(children, tmp_path / "status.json")
    supervisor.start()
    with pytest.raises(Unusable, match="edge"):
        await asyncio.wait_for(supervisor.wait_stopped(), BOUND)
    assert children[1].process is not None
    assert children[1].process.returncode is not None


async def test_children_end_in_order_when_told_to_stop(tmp_path: Path) -> None:
    children = [child("edge"), child("voice")]
    supervisor = Supervisor(children, tmp_path / "status.json")
    supervisor.start()
    assert await supervisor.wait_ready(BOUND)
    await stopped(supervisor)
    assert [each.process.returncode for each in children if each.process] == [-signal.SIGTERM] * 2


async def test_a_child_that_ignores_sigterm_is_killed_at_the_second_request(
    tmp_path: Path,
) -> None:
    stubborn = child(
        "edge",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); "
        "[signal.pause() for _ in range(99)]",
    )
    stubborn.drain_seconds = 3600.0
    watch = Watch()
    supervisor = Supervisor([stubborn], tmp_path / "status.json", watch)
    supervisor.start()
    await watch.wait_for("edge", "deaf", 1)
    supervisor.request_stop()
    supervisor.request_stop()
    await asyncio.wait_for(supervisor.wait_stopped(), BOUND)
    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL


async def test_a_child_that_stands_still_is_killed_and_started_again(tmp_path: Path) -> None:
    watch = Watch()
    beating = "\nwhile True:\n import time\n time.sleep(0.05)\n print('edge_alive', flush=True)"
    edge, voice = child("edge", beating), child("voice")
    edge.alive_seconds = voice.alive_seconds = 2.0
    supervisor = Supervisor([edge, voice], tmp_path / "status.json", watch)
    supervisor.start()
    await watch.wait_for("voice", "ready", 2)
    assert edge.starts == 1
    assert ("edge", "edge_alive") not in watch.seen
    await stopped(supervisor)
