"""A call with the embedded engines: what is asked aloud is answered aloud, and correctly."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from datetime import time as day_time
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import pytest_asyncio
import soundfile

from annie.agent.meaning import Meaning
from annie.agent.scripted import ScriptedAgent
from annie.agent.training import Faq, compile_training
from annie.calls.answering import Answering, Refusal
from annie.calls.clips import Clips
from annie.calls.engines import Engines, load, warm_up
from annie.calls.limits import Limits
from annie.calls.recorder import Recorder
from annie.calls.session import CallServices, CallSession
from annie.calls.writer import RecordWriter
from annie.kit.clock import SystemClock
from annie.kit.language import Language, VoiceId
from annie.kit.link import FRAME_SAMPLES
from annie.kit.settings import Settings
from annie.speech.protocols import Pcm, VoiceStyle
from tests.calls.fakes import FakeLeg, FakeReception, FakeStore

pytestmark = pytest.mark.integration

CALLER = VoiceStyle(VoiceId.CONFIDENT_UPBEAT)

HOURS = {day: (day_time(9), day_time(17)) for day in range(5)} | {5: (day_time(10), day_time(14))}

TRAINED = {
    Language.ENGLISH: (
        Faq("Do you take walk-ins?", "Yes, we take walk-ins every morning."),
        "Do you take walk-ins?",
        "walk every morning",
    ),
    Language.SPANISH: (
        Faq("¿Tienen aparcamiento?", "Sí, tenemos aparcamiento gratis detrás del edificio."),
        "¿Tienen aparcamiento?",
        "aparcamiento gratis edificio",
    ),
    Language.FRENCH: (
        Faq("Avez-vous un parking ?", "Oui, le parking gratuit se trouve derrière la maison."),
        "Avez-vous un parking ?",
        "parking gratuit maison",
    ),
}


class Phone(FakeLeg):
    """A caller whose voice is a queue of sound, in real time."""

    def __init__(self) -> None:
        super().__init__()
        self.saying = np.zeros(0, np.int16)

    def say(self, pcm: Pcm) -> None:
        self.saying = np.concatenate((self.saying, pcm))

    def caller_frame(self) -> Pcm:
        frame = np.zeros(FRAME_SAMPLES, np.int16)
        said = self.saying[:FRAME_SAMPLES]
        self.saying = self.saying[FRAME_SAMPLES:]
        frame[: said.size] = said
        return frame

    def sound(self) -> Pcm:
        return np.concatenate(self.heard)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engines]:
    settings = Settings.from_environment({"data": tmp_path_factory.mktemp("data")}, {})
    loaded = await load(SystemClock(), settings)
    await warm_up(loaded, SystemClock())
    yield loaded
    await loaded.close()


async def _spoken(engines: Engines, text: str, language: Language) -> Pcm:
    return np.concatenate([pcm async for pcm in engines.mouth.speak(text, language, CALLER)])


async def _understood(engines: Engines, pcm: Pcm, language: Language) -> set[str]:
    recognition = engines.recognizer.open(language)
    recognition.feed(pcm)
    transcript = await recognition.finish()
    return set(re.findall(r"\w+", transcript.text.lower()))


def _recorded(directory: Path) -> Pcm:
    (file,) = directory.glob("*.flac")
    return soundfile.read(str(file), dtype="int16")[0].astype(np.int16)


class Line:
    """Runs one session on a phone, in real time."""

    def __init__(self, engines: Engines, answering: Answering, recorder: Recorder) -> None:
        clock = SystemClock()
        self.phone = Phone()
        self.store = FakeStore()
        self._engines = engines
        self._ticked = asyncio.Event()

        async def decide() -> Answering | Refusal:
            return answering

        services = CallServices(
            FakeReception(decide),
            engines.ears,
            engines.mouth,
            RecordWriter(self.store, clock, Limits()),
            recorder,
            Clips(),
            clock,
        )
        self._session = asyncio.create_task(CallSession(self.phone, services).run())
        self._ticker = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        due = time.monotonic()
        while not self._session.done():
            self.phone.tick()
            self._engines.ears.process()
            self._ticked.set()
            due += 0.02
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def until(self, turns: int) -> None:
        """Wait until Annie has said so many things, and has finished saying them."""
        async with asyncio.timeout(30):
            while (
                sum(role == "assistant" for role, _ in self.store.transcript) < turns
                or self.phone.queued_samples
            ):
                self._ticked.clear()
                await self._ticked.wait()

    async def hang_up(self) -> None:
        self.phone.end("caller")
        async with asyncio.timeout(10):
            await self._session
            await self._ticker


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("language", list(Language))
async def test_a_trained_question_is_answered_aloud_and_recorded(
    engines: Engines, language: Language, tmp_path: Path
):
    faq, question, expected = TRAINED[language]
    training = compile_training(language, "Riverside", hours=HOURS, faqs=[faq])
    answering = Answering(
        org_id=uuid4(),
        bot_id=uuid4(),
        number_id=uuid4(),
        number="+14155550100",
        language=language,
        style=VoiceStyle(),
        agent=ScriptedAgent(training, Meaning(training)),
    )
    asked = await _spoken(engines, question, language)
    recorder = Recorder(tmp_path)
    line = Line(engines, answering, recorder)
    await line.until(1)
    heard_before = len(line.phone.heard)
    line.phone.say(asked)
    await line.until(2)
    answer = np.concatenate(line.phone.heard[heard_before:])
    await line.hang_up()
    assert recorder.stop()

    assert line.store.transcript[2][1].startswith(faq.answer)
    assert line.store.endings[0].reason == "caller_hung_up"
    words = await _understood(engines, answer, language)
    assert len(words & set(expected.split())) >= len(expected.split()) - 1
    sound = _recorded(tmp_path)
    assert np.abs(sound[:, 0].astype(int)).sum() == np.abs(asked.astype(int)).sum()
    assert np.abs(sound[:, 1]).max() > 1000
