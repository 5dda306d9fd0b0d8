"""What Annie says, as a recognizer at the other end of a G.711 line hears it."""

import numpy as np
import pytest

from annie.kit.clock import SystemClock
from annie.kit.language import Language
from annie.speech.engines.nano_tts import NanoTts
from annie.speech.engines.whisper import WhisperRecognizer
from annie.speech.mouth.mouth import Mouth
from annie.speech.protocols import VoiceStyle
from tests.speech.caller_voice import through_g711

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("language", "said", "heard"),
    [
        (Language.ENGLISH, "On Saturday we are open from 9 AM to 2 PM.", ("9am", "2pm")),
        (Language.SPANISH, "El sábado abrimos de 9:00 a 14:00.", ("sábado", "9")),
        (Language.FRENCH, "Le samedi, nous sommes ouverts de 9 h à 14 h.", ("samedi", "9h", "14h")),
    ],
)
async def test_opening_hours_are_understood(
    language: Language, said: str, heard: tuple[str, ...]
) -> None:
    synthesizer, recognizer = NanoTts(), WhisperRecognizer()
    try:
        parts = [
            pcm
            async for pcm in Mouth(synthesizer, SystemClock()).speak(said, language, VoiceStyle())
        ]
        recognition = recognizer.open(language)
        recognition.feed(through_g711(np.concatenate(parts)))
        text = (await recognition.finish()).text.lower().replace(" ", "").replace(".", "")
    finally:
        recognizer.close()
        await synthesizer.close()
    for each in heard:
        assert each in text
