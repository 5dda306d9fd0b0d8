"""The app process, started as the supervisor starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.integration


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _app(port: int, data: Path, **environment: str) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "annie.app", "--port", str(port), "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_it_says_when_it_serves_and_ends_cleanly_when_told(tmp_path: Path) -> None:
    port = _free_port()
    with _app(port, tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "app_ready\n"
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        answer = httpx.get(f"http://127.0.0.1:{port}/v1/phone-numbers")
        assert answer.status_code == 401
        assert "server" not in answer.headers
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert (tmp_path / "annie.db").exists()


def test_health_follows_the_supervisors_status_file(tmp_path: Path) -> None:
    port = _free_port()
    status = tmp_path / "status.json"
    status.write_text(json.dumps({"ready": {"edge": True, "voice": False}}))
    with _app(port, tmp_path, ANNIE_STATUS_FILE=str(status)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        down = httpx.get(f"http://127.0.0.1:{port}/healthz")
        assert down.status_code == 503
        assert [each["field"] for each in down.json()["error"]["details"]] == ["voice"]
        status.write_text(json.dumps({"ready": {"edge": True, "voice": True}}))
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200


def test_a_port_in_use_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        with _app(port, tmp_path) as process:
            _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"port {port}" in said
    assert "ANNIE_PORT" in said


def test_a_database_that_can_not_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with _app(_free_port(), tmp_path / "file") as process:
        _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "can't use the database" in said
    assert "Traceback" not in said
