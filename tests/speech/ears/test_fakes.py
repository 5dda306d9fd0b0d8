"""The fake recognizer that dialogues are tested with keeps the contract of a real one."""

import pytest

from tests.speech.fakes_ears import FakeSpeechToText
from tests.speech.stt_contract import SENTENCE, SpeechToTextContract

pytestmark = pytest.mark.unit


@pytest.fixture
def recognizer() -> FakeSpeechToText:
    return FakeSpeechToText([SENTENCE])


class TestFakeSpeechToText(SpeechToTextContract):
    pass
