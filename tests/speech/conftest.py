"""Engines are loaded once for all tests."""

from collections.abc import Iterator

import pytest

from annie.speech.engines.silero import SileroVoiceActivity
from annie.speech.engines.whisper import WhisperRecognizer


@pytest.fixture(scope="session")
def silero() -> SileroVoiceActivity:
    return SileroVoiceActivity()


@pytest.fixture(scope="session")
def whisper() -> Iterator[WhisperRecognizer]:
    recognizer = WhisperRecognizer()
    yield recognizer
    recognizer.close()
