"""What the threshold lets through, per language, on the corpus."""

import random
import re
from functools import cache

import pytest

from annie.agent.meaning import Candidate, Intent, Meaning
from annie.kit.language import Language
from tests.agent.conversation import compiled
from tests.agent.meaning_corpus import ORGANIZATIONS, load

pytestmark = pytest.mark.unit


@cache
def _best(language: Language, organization: str) -> list[tuple[str, int, Candidate | None]]:
    meaning = compiled(language, organization)
    corpus = load(language, organization)
    return [(text, index, meaning.best(text)) for text, index in corpus.asked]


def _share(hits: int, of: int) -> float:
    return hits / of


@pytest.mark.parametrize("language", Language)
def test_answerable_questions_get_their_answer(language: Language) -> None:
    found = [row for name in ORGANIZATIONS for row in _best(language, name) if row[1] >= 0]
    right = sum(best is not None and best.faq == index for _, index, best in found)
    assert len(found) >= 40
    assert _share(right, len(found)) >= 0.85


@pytest.mark.parametrize("language", Language)
def test_hardly_any_answer_is_to_another_question(language: Language) -> None:
    found = [row for name in ORGANIZATIONS for row in _best(language, name) if row[1] >= 0]
    wrong = [
        text for text, index, best in found if best and best.faq is not None and best.faq != index
    ]
    assert _share(len(wrong), len(found)) <= 0.02, wrong


@pytest.mark.parametrize("language", Language)
def test_what_the_training_does_not_hold_is_not_answered(language: Language) -> None:
    found = [row for name in ORGANIZATIONS for row in _best(language, name) if row[1] < 0]
    answered = [text for text, _, best in found if best is not None and best.faq is not None]
    assert len(found) >= 40
    assert _share(len(answered), len(found)) <= 0.02, answered


@pytest.mark.parametrize("language", Language)
def test_questions_of_another_business_are_not_answered(language: Language) -> None:
    meaning = compiled(language, "dental")
    foreign = [text for text, index in load(language, "garage").asked if 0 <= index <= 6]
    answered = [text for text in foreign if (best := meaning.best(text)) and best.faq is not None]
    assert _share(len(answered), len(foreign)) <= 0.04, answered


def _noisy(text: str, chance: random.Random) -> str:
    """As a recognizer writes it on a bad line: no marks, a word lost or a letter changed."""
    words = re.sub(r"[^\w\s'’-]", "", text).lower().split()
    if len(words) > 4 and chance.random() < 0.5:
        del words[chance.randrange(2)]
    place = chance.randrange(len(words))
    word = words[place]
    if len(word) >= 7:
        at = chance.randrange(2, len(word) - 1)
        words[place] = word[:at] + word[at + 1 :]
    return " ".join(words)


@pytest.mark.parametrize("language", Language)
def test_noise_of_a_recognizer_costs_answers_but_makes_no_false_ones(language: Language) -> None:
    chance = random.Random(7)
    right = wrong = answerable = false = rest = 0
    for name in ORGANIZATIONS:
        meaning = compiled(language, name)
        for text, index in load(language, name).asked:
            best = meaning.best(_noisy(text, chance))
            faq = best.faq if best else None
            answerable += index >= 0
            rest += index < 0
            right += index >= 0 and faq == index
            wrong += index >= 0 and faq not in (None, index)
            false += index < 0 and faq is not None
    assert _share(right, answerable) >= 0.65
    assert _share(wrong, answerable) <= 0.03
    assert _share(false, rest) <= 0.04


INTENTS: dict[Language, dict[Intent, list[str]]] = {
    Language.ENGLISH: {
        Intent.HOURS: [
            "What are your opening hours on Saturday?", "what are you're opening ours", "when do you open",
            "how late are you open tonight", "what time do you guys close on friday", "are you open on sunday",
            "are you there on saturday", "and on sunday", "what about the weekend", "hours please",
            "until when are you open tomorrow", "what are your business hours", "is the office open saturday morning",
            "are you open at 6 pm on Friday", "What days are you open?", "when does your office close",
        ],
        Intent.OPEN_NOW: ["are you open now", "are you still open", "Is the office open right now?", "are you open"],
        Intent.ADDRESS: [
            "where are you located", "what's your address", "how do I get there", "where is your office",
            "can you give me your address please", "where are you", "what street are you on",
        ],
        Intent.PHONE: ["what's your phone number", "can you tell me your telephone number", "what is your number"],
        Intent.SPECIAL_DAY: ["are you open on Christmas", "what are your hours on Thanksgiving day"],
        Intent.IDENTITY: ["who am I speaking with", "are you a robot"],
    },
    Language.SPANISH: {
        Intent.HOURS: [
            "¿Cuál es su horario el sábado?", "a qué hora abren", "¿a qué hora cierran hoy?", "abren los domingos",
            "¿y el domingo?", "¿qué horario tienen?", "hasta qué hora están abiertos mañana", "horario por favor",
            "¿Están abiertos el fin de semana?", "¿cuál es el horario de atención?", "¿qué días abren?",
        ],
        Intent.OPEN_NOW: ["¿están abiertos ahora?", "¿todavía están abiertos?", "¿están abiertos?"],
        Intent.ADDRESS: [
            "¿dónde están ubicados?", "¿cuál es su dirección?", "¿dónde queda la oficina?", "¿cómo llego?",
            "me da la dirección por favor",
        ],
        Intent.PHONE: ["¿cuál es su número de teléfono?", "¿me da su número?"],
        Intent.SPECIAL_DAY: ["¿abren en Navidad?", "¿cuál es el horario en días festivos?"],
        Intent.IDENTITY: ["¿con quién hablo?", "¿es usted un robot?"],
    },
    Language.FRENCH: {
        Intent.HOURS: [
            "Quels sont vos horaires le samedi ?", "à quelle heure ouvrez-vous", "vous fermez à quelle heure ce soir",
            "êtes-vous ouverts le dimanche", "et dimanche ?", "quels sont vos horaires d'ouverture",
            "jusqu'à quelle heure êtes-vous ouverts demain", "vous êtes ouvert le samedi matin", "quels sont vos oraires",
            "est-ce que vous êtes ouverts le week-end", "quels jours êtes-vous ouverts",
        ],
        Intent.OPEN_NOW: ["êtes-vous ouverts en ce moment", "vous êtes encore ouverts", "c'est ouvert maintenant"],
        Intent.ADDRESS: [
            "où êtes-vous situés", "quelle est votre adresse", "où se trouve le cabinet", "vous êtes où",
            "pouvez-vous me donner l'adresse",
        ],
        Intent.PHONE: ["quel est votre numéro de téléphone", "vous pouvez me donner votre numéro"],
        Intent.SPECIAL_DAY: ["êtes-vous ouverts à Noël", "quels sont vos horaires les jours fériés"],
        Intent.IDENTITY: ["à qui ai-je l'honneur", "êtes-vous un robot"],
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "intent", "text"),
    [
        (language, intent, text)
        for language, intents in INTENTS.items()
        for intent, texts in intents.items()
        for text in texts
    ],
)
def test_facts_of_the_office_are_recognized(language: Language, intent: Intent, text: str) -> None:
    best = compiled(language).best(text)
    assert best is not None
    assert best.intent is intent


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (Language.ENGLISH, "when does the pool open"),
        (Language.ENGLISH, "how late can I cancel"),
        (Language.ENGLISH, "what is your email address"),
        (Language.ENGLISH, "what time is the concert on Saturday"),
        (Language.ENGLISH, "can I get an appointment on Tuesday"),
        (Language.SPANISH, "¿a qué hora abre la piscina?"),
        (Language.SPANISH, "¿cuál es su correo electrónico?"),
        (Language.FRENCH, "à quelle heure ouvre la piscine"),
        (Language.FRENCH, "quelle est votre adresse e-mail"),
    ],
)
def test_questions_about_other_things_are_not_taken_for_the_office(
    language: Language, text: str
) -> None:
    best = compiled(language).best(text)
    assert best is None or best.intent is None


def test_a_training_without_faqs_answers_nothing_trained() -> None:
    meaning = Meaning(compiled(Language.ENGLISH).training.__class__(Language.ENGLISH, "Empty"))
    assert meaning.best("do you take insurance") is None
    assert [c for c in meaning.candidates("") if c.faq is not None] == []


def test_meaning_that_is_compiled_later_knows_the_same() -> None:
    training = compiled(Language.ENGLISH).training
    later = Meaning(training, at_once=False)
    assert not later.prepared
    text = training.faqs[0].question
    assert later.best(text) == compiled(Language.ENGLISH).best(text)
    assert later.prepared
