"""Running calls are kept outside the process."""

import os
import stat
import time
from pathlib import Path
from uuid import UUID

import pytest

from annie.edge.ledger import STALE, KeptCall, Ledger
from annie.edge.sip.dialog import Dialog
from annie.edge.sip.events import Endpoint, MediaDescription
from annie.kit import link

pytestmark = pytest.mark.unit

MEDIA = MediaDescription("10.0.0.9", 7000, "PCMA", 8, 101, True, True, 20)


def kept(call: int, *, state: bytes = b"state", media: MediaDescription | None = MEDIA) -> KeptCall:
    dialog = Dialog(
        call_id=f"c{call}",
        local_tag="l",
        remote_tag="r",
        local_address="<sip:l@x>;tag=l",
        remote_address="<sip:r@x>;tag=r",
        remote_target="sip:r@x",
        route_set=("<sip:p;lr>",),
        source=Endpoint("tcp", "10.0.0.9", 5062),
        contact="<sip:a@b>",
        via_host="b",
        local_sdp=b"v=0\r\n",
        media=media,
    )
    facts = link.CallFacts(
        "+13055550100", "+13055550199", diversions=(link.Diversion("+1", "no-answer"),)
    )
    checkpoint = link.Checkpoint(call, UUID(int=call), "FRENCH", True, state)
    return KeptCall(call, facts, dialog, checkpoint)


def test_what_one_process_kept_the_next_one_finds(tmp_path: Path) -> None:
    first = Ledger(tmp_path / "calls")
    assert first.start() == []
    first.keep(kept(7, state=b"old"))
    first.keep(kept(2))
    first.keep(kept(3))
    first.keep(kept(7, state=b"new"))
    first.forget(3)
    first.close()
    assert Ledger(tmp_path / "calls").start() == [kept(2), kept(7, state=b"new")]


def test_nobody_else_may_read_them(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "calls")
    ledger.start()
    ledger.keep(kept(1))
    ledger.close()
    assert stat.S_IMODE((tmp_path / "calls").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "calls" / "1.call").stat().st_mode) == 0o600


def test_calls_of_long_ago_are_not_taken_over(tmp_path: Path) -> None:
    first = Ledger(tmp_path)
    first.start()
    first.keep(kept(1))
    first.close()
    later = Ledger(tmp_path, lambda: time.time() + STALE + 2)
    assert later.start() == []
    assert not list(tmp_path.glob("*.call"))


@pytest.mark.parametrize("content", [b"", b"\x00" * 40, b"\x93\x01\x02\x03"])
def test_what_cant_be_read_is_put_aside(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    first = Ledger(tmp_path)
    first.start()
    first.keep(kept(1))
    first.close()
    (tmp_path / "2.call").write_bytes(content)
    assert Ledger(tmp_path).start() == [kept(1)]
    assert "call_unreadable" in caplog.text
    assert not (tmp_path / "2.call").exists()


def test_a_call_without_media_cant_be_taken_over(tmp_path: Path) -> None:
    first = Ledger(tmp_path)
    first.start()
    first.keep(kept(1, media=None))
    first.close()
    assert Ledger(tmp_path).start() == []


def test_a_disk_that_refuses_is_told_and_harms_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(tmp_path / "calls")
    ledger.start()
    os.rename(tmp_path / "calls", tmp_path / "gone")
    ledger.keep(kept(1))
    ledger.close()
    assert "calls_not_kept" in caplog.text


def test_a_directory_that_is_none_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Ledger(tmp_path / "file").start()
