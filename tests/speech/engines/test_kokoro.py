"""The natural synthesizer and the processes it works in."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from annie.kit.language import Language
from annie.speech.engines.kokoro import MAX_TEXT, KokoroTts
from annie.speech.engines.kokoro_worker import NICENESS
from annie.speech.models import ModelError
from annie.speech.mouth.shaping import active_level_dbfs
from annie.speech.protocols import SpeechError, VoiceStyle
from tests.speech.kokoro_installed import needs_kokoro
from tests.speech.tts_contract import SENTENCES, TextToSpeechContract, spoken

pytestmark = pytest.mark.integration

HELLO = "Hello, how can I help you?"
_EXIT_S = 10.0


@pytest.fixture
async def engine() -> AsyncIterator[KokoroTts]:
    engine = KokoroTts()
    yield engine
    await engine.close()


@needs_kokoro
class TestKokoro(TextToSpeechContract):
    @pytest.mark.parametrize("language", list(Language))
    async def test_every_clause_has_the_telephone_level(
        self, engine: KokoroTts, language: Language
    ) -> None:
        pcm = await spoken(engine, SENTENCES[language], language)
        assert active_level_dbfs(pcm) == pytest.approx(-18, abs=1)

    async def test_it_begins_with_sound_not_with_silence(self, engine: KokoroTts) -> None:
        pcm = await spoken(engine, HELLO, Language.ENGLISH)
        loud = np.flatnonzero(np.abs(pcm.astype(int)) > 200)
        assert loud[0] < 8 * 40
        assert pcm.size - loud[-1] < 8 * 80

    @pytest.mark.parametrize("text", ["日本語", "a\x00b", "\ud800 hello", "😀 ok", "ñ" * 300])
    async def test_odd_text_is_no_error(self, engine: KokoroTts, text: str) -> None:
        await spoken(engine, text, Language.SPANISH)
        assert (await spoken(engine, "Hello.", Language.ENGLISH)).size > 2000

    async def test_a_text_over_the_limit_is_refused(self, engine: KokoroTts) -> None:
        with pytest.raises(SpeechError, match="over the limit"):
            await spoken(engine, "a" * (MAX_TEXT + 1), Language.ENGLISH)

    async def test_a_long_text_comes_in_pieces_and_stays_small(self, engine: KokoroTts) -> None:
        text = "We are open from Monday to Friday, and closed on all other days. " * 4
        chunks = [pcm async for pcm in engine.synthesize(text, Language.ENGLISH, VoiceStyle())]
        assert len(chunks) > 1
        (worker,) = [pid for pid in _family() if b"kokoro_worker" in _command(pid)]
        peak = re.search(rb"VmHWM:\s+(\d+) kB", _read(worker, "status"))
        assert peak is not None
        assert int(peak[1]) < 500 * 1024

    async def test_killed_processes_are_replaced_unnoticed(self, engine: KokoroTts) -> None:
        before = await spoken(engine, HELLO, Language.ENGLISH)
        for pid in _family():
            os.kill(pid, signal.SIGKILL)
        assert np.array_equal(await spoken(engine, HELLO, Language.ENGLISH), before)

    async def test_a_killed_speller_is_replaced_unnoticed(self, engine: KokoroTts) -> None:
        await spoken(engine, HELLO, Language.ENGLISH)
        (speller,) = [pid for pid in _family() if b"espeak_worker" in _command(pid)]
        os.kill(speller, signal.SIGKILL)
        assert (await spoken(engine, HELLO, Language.ENGLISH)).size > 8000

    async def test_it_gives_way_to_everything_else(self, engine: KokoroTts) -> None:
        await spoken(engine, HELLO, Language.ENGLISH)
        assert {os.getpriority(os.PRIO_PROCESS, pid) for pid in _family()} == {NICENESS}

    async def test_only_the_speller_loads_the_gpl_library(self, engine: KokoroTts) -> None:
        await spoken(engine, HELLO, Language.ENGLISH)
        for pid in (*_family(), os.getpid()):
            assert (b"libespeak" in _read(pid, "maps")) == (b"espeak_worker" in _command(pid))

    async def test_its_processes_end_when_there_is_nothing_to_do(self) -> None:
        engine = KokoroTts(idle_s=0.01)
        await spoken(engine, "Hello.", Language.ENGLISH)
        await _ended(_family())
        assert not engine.ready
        assert (await spoken(engine, "Hello.", Language.ENGLISH)).size > 2000
        await engine.close()

    async def test_closing_ends_the_processes_and_refuses_further_text(
        self, engine: KokoroTts
    ) -> None:
        await spoken(engine, HELLO, Language.ENGLISH)
        family = _family()
        assert len(family) == 2
        await engine.close()
        await _ended(family)
        with pytest.raises(SpeechError, match="closed"):
            await spoken(engine, HELLO, Language.ENGLISH)


def test_without_the_files_it_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANNIE_MODELS", str(tmp_path))
    with pytest.raises(ModelError, match="make voices"):
        KokoroTts()


def _family() -> list[int]:
    """Processes that synthesize for us, and those below them."""
    parents: dict[int, int] = {}
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            try:
                status = (directory / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if status[0] != "Z":
                parents[int(directory.name)] = int(status[1])
    ours = {
        pid
        for pid, parent in parents.items()
        if parent == os.getpid() and b"kokoro_worker" in _command(pid)
    }
    return sorted(ours | {pid for pid, parent in parents.items() if parent in ours})


async def _ended(pids: list[int]) -> None:
    """Wait until none of them runs."""
    loop = asyncio.get_running_loop()
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        exited = asyncio.Event()
        loop.add_reader(handle, exited.set)
        try:
            await asyncio.wait_for(exited.wait(), _EXIT_S)
        finally:
            loop.remove_reader(handle)
            os.close(handle)


def _command(pid: int) -> bytes:
    return _read(pid, "cmdline")


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
