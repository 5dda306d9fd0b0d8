"""The fake synthesizer keeps the contract of the real ones."""

import pytest

from annie.kit.clock import SystemClock
from tests.speech.fakes_mouth import FakeTextToSpeech
from tests.speech.tts_contract import TextToSpeechContract

pytestmark = pytest.mark.unit


class TestFakeTextToSpeech(TextToSpeechContract):
    @pytest.fixture
    def engine(self) -> FakeTextToSpeech:
        return FakeTextToSpeech(SystemClock(), latency_s=0, chunk_s=0)
