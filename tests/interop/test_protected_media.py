"""Calls over SRTP with keys in the signalling, from phones that aren't ours."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.interop.baresip_phone import BaresipPhone
from tests.interop.edge_process import NUMBER, TONE, EdgeProcess, edge_process

pytestmark = pytest.mark.interop


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[EdgeProcess]:
    async with edge_process(tmp_path) as running:
        yield running


# "srtp-mand" offers RTP/SAVP alone; "srtp" offers RTP/AVP with a key that is only a suggestion.
@pytest.mark.parametrize("encryption", ["srtp", "srtp-mand"])
async def test_baresip_speaks_and_hears_protected(
    tmp_path: Path, edge: EdgeProcess, encryption: str
) -> None:
    async with BaresipPhone(edge.port, account=f"mediaenc={encryption}") as phone:
        call = await phone.dial(NUMBER)
        conversation = await edge.call()
        call.play(np.tile(TONE, 3))
        await conversation.heard.until_loud()
        await conversation.played.until_loud()
        await call.until_sounding()
        await call.hang_up()
        assert await conversation.over() == ("caller", "bye")
