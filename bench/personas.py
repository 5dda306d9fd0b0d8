"""The five voices in each language, as a telephone carries them: ``python -m bench.personas``.

Median fundamental, words a minute and the recognizer's error through G.711, for the
embedded synthesizer and, where they are installed, the natural voices.
"""

import argparse
import asyncio

import numpy as np

from annie.kit.language import Language, VoiceId
from annie.speech.engines.kokoro import KokoroTts
from annie.speech.engines.nano_tts import NanoTts
from annie.speech.engines.whisper import WhisperRecognizer
from annie.speech.models import ModelError
from annie.speech.protocols import Pcm, TextToSpeech, VoiceStyle
from bench.recognition import errors, words
from bench.voices import through_g711
from tests.speech.pitch import pitch_hz

SENTENCES = {
    Language.ENGLISH: (
        "Thank you for calling, how can I help you today?",
        "We are open from Monday to Friday, from nine in the morning until five.",
        "I have written that down, and somebody will call you back this afternoon.",
    ),
    Language.SPANISH: (
        "Gracias por llamar, ¿en qué puedo ayudarle hoy?",
        "Abrimos de lunes a viernes, desde las nueve de la mañana hasta las cinco.",
        "Lo he apuntado, y alguien le llamará esta tarde.",
    ),
    Language.FRENCH: (
        "Merci de votre appel, comment puis-je vous aider aujourd'hui ?",
        "Nous sommes ouverts du lundi au vendredi, de neuf heures du matin jusqu'à midi.",
        "C'est noté, et quelqu'un vous rappellera cet après-midi.",
    ),
}


async def _said(engine: TextToSpeech, text: str, language: Language, voice: VoiceId) -> Pcm:
    chunks = [chunk async for chunk in engine.synthesize(text, language, VoiceStyle(voice))]
    return np.concatenate(chunks)


async def _figures(
    engine: TextToSpeech, recognizer: WhisperRecognizer, language: Language, voice: VoiceId
) -> str:
    wrong = total = 0
    seconds = 0.0
    pitches: list[float] = []
    for text in SENTENCES[language]:
        pcm = through_g711(await _said(engine, text, language, voice))
        recognition = recognizer.open(language)
        recognition.feed(pcm)
        heard = (await recognition.finish()).text
        spoken = words(text)
        wrong += errors(spoken, words(heard))
        total += len(spoken)
        seconds += len(pcm) / 8000
        pitches.append(pitch_hz(pcm))
    return f"{np.median(pitches):.0f} | {60 * total / seconds:.0f} | {100 * wrong / total:.0f}"


async def measure(natural: bool) -> list[str]:
    """Rows of a Markdown table: language, voice, Hz, words a minute, error in percent."""
    engine = KokoroTts() if natural else NanoTts()
    recognizer = WhisperRecognizer()
    rows: list[str] = []
    try:
        for language in Language:
            for voice in VoiceId:
                figures = await _figures(engine, recognizer, language, voice)
                rows.append(f"| {language.value.title()} | `{voice.value}` | {figures} |")
                print(rows[-1], flush=True)
    finally:
        recognizer.close()
        await engine.close()
    return rows


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="bench.personas", description=__doc__)
    parser.add_argument("--natural", action="store_true", help="the natural voices")
    arguments = parser.parse_args()
    try:
        asyncio.run(measure(arguments.natural))
    except ModelError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
