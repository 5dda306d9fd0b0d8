"""The embedded synthesizer, for tests that measure it."""

from collections.abc import AsyncIterator

import pytest

from annie.speech.engines.nano_tts import NanoTts


@pytest.fixture
async def synthesizer() -> AsyncIterator[NanoTts]:
    engine = NanoTts()
    yield engine
    await engine.close()
