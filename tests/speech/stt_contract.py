"""What every ``SpeechToText`` must do; test modules inherit ``SpeechToTextContract``.

They provide the fixture ``recognizer``. The audio is the sentence "What are your opening
hours on Saturday?", of which at least "opening hours" must be understood.
"""

import asyncio

import numpy as np

from annie.kit.language import Language
from annie.speech.protocols import SpeechToText
from tests.speech.caller_voice import said

SENTENCE = "What are your opening hours on Saturday?"


class SpeechToTextContract:
    async def test_speech_becomes_text_with_language_and_confidence(
        self, recognizer: SpeechToText
    ) -> None:
        recognition = recognizer.open(Language.ENGLISH)
        recognition.feed(said(SENTENCE))
        transcript = await recognition.finish()
        recognition.close()
        assert "opening hours" in transcript.text.lower()
        assert transcript.language is Language.ENGLISH
        assert 0.3 < transcript.confidence <= 1.0

    async def test_audio_may_be_fed_in_frames_of_any_length(self, recognizer: SpeechToText) -> None:
        recognition = recognizer.open(Language.ENGLISH)
        for frame in np.array_split(said(SENTENCE), 77):
            recognition.feed(frame)
        assert "opening hours" in (await recognition.finish()).text.lower()
        recognition.close()

    async def test_finish_may_be_called_again_after_more_audio(
        self, recognizer: SpeechToText
    ) -> None:
        audio = said(SENTENCE)
        recognition = recognizer.open(Language.ENGLISH)
        recognition.feed(audio[: len(audio) // 3])
        await recognition.finish()
        recognition.feed(audio[len(audio) // 3 :])
        assert "opening hours" in (await recognition.finish()).text.lower()
        recognition.close()

    async def test_silence_and_nothing_are_no_text(self, recognizer: SpeechToText) -> None:
        for samples in (0, 80, 16000):
            recognition = recognizer.open(Language.ENGLISH)
            recognition.feed(np.zeros(samples, np.int16))
            transcript = await recognition.finish()
            recognition.close()
            assert (transcript.text, transcript.confidence) == ("", 0.0)

    async def test_hints_are_accepted_and_force_nothing(self, recognizer: SpeechToText) -> None:
        recognition = recognizer.open(Language.ENGLISH, ["opening hours", "bicycle", "Müller"])
        recognition.feed(said(SENTENCE))
        text = (await recognition.finish()).text.lower()
        recognition.close()
        assert "opening hours" in text
        assert "bicycle" not in text

    async def test_an_utterance_may_be_abandoned_and_closed_twice(
        self, recognizer: SpeechToText
    ) -> None:
        recognition = recognizer.open(Language.ENGLISH)
        recognition.feed(said(SENTENCE))
        task = asyncio.create_task(recognition.finish())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        recognition.close()
        recognition.close()

    async def test_utterances_at_once_do_not_mix(self, recognizer: SpeechToText) -> None:
        spoken = recognizer.open(Language.ENGLISH)
        spoken.feed(said(SENTENCE))
        silent = recognizer.open(Language.FRENCH)
        silent.feed(np.zeros(8000, np.int16))
        words, nothing = await asyncio.gather(spoken.finish(), silent.finish())
        assert "opening hours" in words.text.lower()
        assert (nothing.text, nothing.language) == ("", Language.FRENCH)
