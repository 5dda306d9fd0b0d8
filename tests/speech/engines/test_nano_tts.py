"""The embedded synthesizer and the process it works in."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from annie.kit.language import Language
from annie.speech.engines.nano_tts import MAX_TEXT, NanoTts
from annie.speech.engines.nano_worker import Request, answer
from annie.speech.engines.worker_wire import (
    REPLY_HEADER,
    REQUEST_HEADER,
    STATUS_FAILED,
    STATUS_OK,
    serve,
)
from annie.speech.protocols import SpeechError
from tests.speech.tts_contract import SENTENCES, TextToSpeechContract, spoken

pytestmark = pytest.mark.integration

HELLO = "Hello, how can I help you?"


@pytest.fixture
async def engine() -> AsyncIterator[NanoTts]:
    engine = NanoTts()
    yield engine
    await engine.close()


class TestNanoTts(TextToSpeechContract):
    async def test_the_same_text_sounds_the_same_each_time(self, engine: NanoTts) -> None:
        text = SENTENCES[Language.SPANISH]
        first = await spoken(engine, text, Language.SPANISH)
        for other in Language:
            await spoken(engine, SENTENCES[other], other)
        assert np.array_equal(first, await spoken(engine, text, Language.SPANISH))

    async def test_it_begins_with_sound_not_with_silence(self, engine: NanoTts) -> None:
        for language in Language:
            pcm = await spoken(engine, SENTENCES[language], language)
            loud = np.flatnonzero(np.abs(pcm.astype(int)) > 200)
            assert loud[0] < 8 * 25
            assert pcm.size - loud[-1] < 8 * 60

    async def test_markup_in_a_text_is_not_obeyed(self, engine: NanoTts) -> None:
        plain = await spoken(engine, "We speed up now", Language.ENGLISH)
        marked = await spoken(
            engine, '<speed level="300">We speed up now</speed>', Language.ENGLISH
        )
        assert marked.size > plain.size

    @pytest.mark.parametrize(
        "text", ["日本語", "a\x00b", "\ud800 hello", "😀 ok", "ñ" * 500, "-" * 900]
    )
    async def test_odd_text_is_no_error(self, engine: NanoTts, text: str) -> None:
        await spoken(engine, text, Language.SPANISH)
        assert (await spoken(engine, HELLO, Language.ENGLISH)).size > 8000

    async def test_a_text_over_the_limit_is_refused(self, engine: NanoTts) -> None:
        with pytest.raises(SpeechError, match="over the limit"):
            await spoken(engine, "a" * (MAX_TEXT + 1), Language.ENGLISH)

    async def test_a_killed_process_is_replaced_unnoticed(self, engine: NanoTts) -> None:
        before = await spoken(engine, HELLO, Language.ENGLISH)
        for pid in _children():
            os.kill(pid, signal.SIGKILL)
        assert np.array_equal(await spoken(engine, HELLO, Language.ENGLISH), before)

    async def test_a_process_killed_over_many_requests_loses_none(self, engine: NanoTts) -> None:
        await engine.start()
        requests = asyncio.gather(
            *(spoken(engine, f"{HELLO} {word}", Language.ENGLISH) for word in "abcdefgh")
        )
        await asyncio.sleep(0)
        for pid in _children():
            os.kill(pid, signal.SIGKILL)
        assert all(pcm.size > 8000 for pcm in await requests)

    async def test_a_process_that_hangs_is_given_up_and_replaced(self) -> None:
        engine = NanoTts(timeout_s=0.5)
        await engine.start()
        for pid in _children():
            os.kill(pid, signal.SIGSTOP)
        with pytest.raises(SpeechError, match="no answer"):
            await spoken(engine, HELLO, Language.ENGLISH)
        assert (await spoken(engine, HELLO, Language.ENGLISH)).size > 8000
        await engine.close()

    async def test_closing_ends_the_process_and_refuses_further_text(self, engine: NanoTts) -> None:
        await engine.start()
        assert _children()
        await engine.close()
        assert not _children()
        with pytest.raises(SpeechError, match="closed"):
            await spoken(engine, HELLO, Language.ENGLISH)


def _children() -> list[int]:
    """Processes of ours that synthesize."""
    found: list[int] = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            try:
                parent = int((directory / "stat").read_text().rpartition(")")[2].split()[1])
                command = (directory / "cmdline").read_bytes()
            except (OSError, IndexError):
                continue
            if parent == os.getpid() and b"nano_worker" in command:
                found.append(int(directory.name))
    return found


def _ask(*bodies: bytes) -> list[tuple[int, bytes]]:
    sink = io.BytesIO()
    serve(answer, io.BytesIO(b"".join(REQUEST_HEADER.pack(len(b)) + b for b in bodies)), sink)
    sink.seek(0)
    replies: list[tuple[int, bytes]] = []
    while header := sink.read(REPLY_HEADER.size):
        status, length = REPLY_HEADER.unpack(header)
        replies.append((status, sink.read(length)))
    return replies


def _request(speaker: str) -> bytes:
    request = Request("Hello there.", speaker, 1.0, 1.0, 1.0, 0.0, 0.0)
    return msgspec.msgpack.encode(request)


def test_the_process_answers_a_bad_request_and_goes_on() -> None:
    replies = _ask(b"not messagepack", _request("xx-XX"), _request("en-US"))
    assert [status for status, _ in replies] == [STATUS_FAILED, STATUS_FAILED, STATUS_OK]
    assert b"Unsupported voice" in replies[1][1]
    assert len(replies[2][1]) > 4000


def test_the_process_ends_with_its_input_even_in_the_middle() -> None:
    sink = io.BytesIO()
    serve(answer, io.BytesIO(REQUEST_HEADER.pack(500) + b"short"), sink)
    assert sink.getvalue() == b""
