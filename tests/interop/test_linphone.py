"""Linphone and the edge ring each other; a tone goes both ways."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from annie.edge.caller import Caller
from tests.interop.edge_process import NUMBER, TONE, EdgeProcess, edge_process, level
from tests.interop.linphone import Linphone, linphone, needs_linphone

pytestmark = [pytest.mark.interop, needs_linphone]


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[EdgeProcess]:
    async with edge_process(tmp_path) as running:
        yield running


def dial(phone: Linphone, edge: EdgeProcess) -> None:
    phone.type(f"call sip:{NUMBER}@127.0.0.1:{edge.port}")


async def test_linphone_calls_holds_resumes_and_hangs_up(tmp_path: Path, edge: EdgeProcess) -> None:
    async with linphone(tmp_path, says=TONE) as phone:
        dial(phone, edge)
        call = await edge.call()
        await phone.until("Media streams established")
        await call.heard.until_loud()
        await call.played.until_loud()
        phone.type("pause")
        await call.played.until_quiet()
        phone.type("resume")
        await phone.until("Media streams established")
        await call.played.until_loud()
        await call.heard.until_loud()
        phone.type("terminate")
        assert await call.over() == ("caller", "bye")
        await phone.until("ended (No error)")
        assert level(phone.heard[-4000:]) > 1000


async def test_we_hang_up_on_linphone(tmp_path: Path, edge: EdgeProcess) -> None:
    async with linphone(tmp_path) as phone:
        dial(phone, edge)
        call = await edge.call()
        await phone.until("Media streams established")
        call.leg.hang_up()
        await phone.until("ended (No error)")
        assert await call.over() == ("annie", "hangup")


@pytest.mark.parametrize("by_info", [False, True], ids=["rfc4733", "info"])
async def test_linphones_keys_arrive_once_and_in_order(
    tmp_path: Path, edge: EdgeProcess, by_info: bool
) -> None:
    async with linphone(tmp_path, dtmf_by_info=by_info) as phone:
        dial(phone, edge)
        call = await edge.call()
        await phone.until("Media streams established")
        phone.type("1")
        phone.type("1")
        phone.type("#")
        assert await call.press(3) == "11#"
        phone.type("terminate")
        await call.over()
        assert call.digits.empty()


@pytest.mark.parametrize("they", [True, False], ids=["they-hang-up", "we-hang-up"])
async def test_we_call_linphone(tmp_path: Path, they: bool) -> None:
    heard: list[bytes] = []
    async with linphone(tmp_path, "-a", says=TONE) as phone:
        async with Caller(on_frame=lambda pcm, lost: heard.append(pcm)) as caller:
            await caller.dial(f"sip:linphone@127.0.0.1:{phone.port}")
            caller.play(TONE.astype("<i2").tobytes())
            await phone.until("Media streams established")
            async for pcm in caller.frames():
                if level(np.frombuffer(pcm, "<i2")) > 1000 and not caller.queued_frames:
                    break
            if they:
                phone.type("terminate")
            else:
                caller.hang_up()
            by, _ = await caller.wait_ended()
            await phone.until("ended (No error)")
        assert by == ("caller" if they else "annie")
        assert np.abs(phone.heard.astype(int)).max() > 4000
