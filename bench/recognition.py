"""How much of what callers say is recognized: ``python -m bench.recognition``.

Sentences of callers, spoken by two synthetic voices of each language and sent through
G.711. The error is the word error rate: words substituted, left out or added, for each
word that was said, after lower-casing and without punctuation.
"""

import asyncio
import re
import time
from collections.abc import Sequence

from annie.kit.language import Language, VoiceId
from annie.speech.engines.whisper import WhisperRecognizer
from annie.speech.protocols import Pcm
from bench.table import Row, table
from bench.voices import Voices, through_g711

SENTENCES = {
    Language.ENGLISH: (
        "I would like to make an appointment for a cleaning",
        "Do you take patients with dental insurance",
        "My tooth hurts and I need to see somebody today",
        "Can I bring my children with me",
        "Is there a place to park near your office",
        "I have to cancel my appointment on Tuesday afternoon",
        "Could somebody call me back this evening please",
        "How long does a root canal take",
        "Are you open on Thanksgiving weekend",
        "I lost a filling while eating breakfast",
        "What does a whitening treatment cost without insurance",
        "Please tell the doctor that I will be late",
    ),
    Language.SPANISH: (
        "Quisiera pedir una cita para una limpieza",
        "Aceptan pacientes con seguro dental",
        "Me duele una muela y necesito que me vean hoy",
        "Puedo llevar a mis hijos conmigo",
        "Hay dónde estacionar cerca de la clínica",
        "Tengo que cancelar mi cita del martes por la tarde",
        "Me podrían llamar esta noche por favor",
        "Cuánto tiempo dura una endodoncia",
        "Abren el fin de semana de la fiesta nacional",
        "Se me cayó un empaste desayunando",
        "Cuánto cuesta un blanqueamiento sin seguro",
        "Dígale a la doctora que voy a llegar tarde",
    ),
    Language.FRENCH: (
        "Je voudrais prendre rendez-vous pour un détartrage",
        "Est-ce que vous acceptez les patients avec une mutuelle",
        "J'ai mal à une dent et je dois voir quelqu'un aujourd'hui",
        "Est-ce que je peux venir avec mes enfants",
        "Y a-t-il une place pour se garer près du cabinet",
        "Je dois annuler mon rendez-vous de mardi après-midi",
        "Pourriez-vous me rappeler ce soir s'il vous plaît",
        "Combien de temps dure une dévitalisation",
        "Êtes-vous ouverts le week-end de la Toussaint",
        "J'ai perdu un plombage en mangeant",
        "Combien coûte un blanchiment sans mutuelle",
        "Dites au docteur que je serai en retard",
    ),
}
VOICES = (VoiceId.CALM_REASSURING, VoiceId.CONFIDENT_UPBEAT)


def words(text: str) -> list[str]:
    """Words of ``text``, lower case, without punctuation."""
    return re.findall(r"[^\W_]+", text.lower().replace("’", "'"))


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Word edits between the two (Levenshtein distance)."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, 1):
        previous, row[0] = row[0], number
        for at, other in enumerate(heard, 1):
            previous, row[at] = (
                row[at],
                min(row[at] + 1, row[at - 1] + 1, previous + (word != other)),
            )
    return row[-1]


async def _heard(recognizer: WhisperRecognizer, pcm: Pcm, language: Language) -> str:
    recognition = recognizer.open(language)
    recognition.feed(pcm)
    return (await recognition.finish()).text


async def measure(quick: bool) -> list[Row]:
    """Word error rate and time of recognition in each language."""
    rows: list[Row] = []
    voices, recognizer = Voices(), WhisperRecognizer()
    await recognizer.warm()
    try:
        for language, sentences in SENTENCES.items():
            wrong = total = 0
            times: list[float] = []
            for voice in VOICES[:1] if quick else VOICES:
                for sentence in sentences:
                    pcm = through_g711(await voices.say(sentence, language, voice))
                    began = time.monotonic()
                    heard = await _heard(recognizer, pcm, language)
                    times.append((time.monotonic() - began) * 1000)
                    wrong += errors(words(sentence), words(heard))
                    total += len(words(sentence))
            name = language.value.lower()
            rows.append(Row(f"recognition error, {name}, G.711", [100 * wrong / total], "%"))
            rows.append(Row(f"  … time to recognize a sentence, {name}", times, "ms"))
    finally:
        recognizer.close()
        await voices.close()
    return rows


if __name__ == "__main__":
    print(table(asyncio.run(measure(quick=False))))
