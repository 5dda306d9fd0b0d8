"""Names, yes and no, goodbyes, days, and the other small things to hear."""

from datetime import date

import pytest

from annie.agent.understanding.correction import correction
from annie.agent.understanding.dates import asked_days
from annie.agent.understanding.goodbye import says_goodbye
from annie.agent.understanding.human import asks_for_person, asks_to_leave_message, cancels
from annie.agent.understanding.name import parse_name
from annie.agent.understanding.questions import questions
from annie.agent.understanding.repeat import asks_repeat
from annie.agent.understanding.which_language import guess_language
from annie.agent.understanding.yes_no import Answer, yes_no
from annie.kit.language import Language

pytestmark = pytest.mark.unit

EN, ES, FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH
MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        (EN, "My name is John Smith.", "John Smith"),
        (EN, "this is john smith calling about my bill", "John Smith"),
        (EN, "It's Mary-Anne O'Neill", "Mary-Anne O'Neill"),
        (EN, "Smith", "Smith"),
        (EN, "no, the name is wrong", ""),
        (ES, "no, el nombre es incorrecto", ""),
        (FR, "non, le nom est faux", ""),
        (EN, "John Smith", "John Smith"),
        (EN, "yes, hi, I'm Maria de la Cruz", "Maria de la Cruz"),
        (EN, "John Smith, S M Y T H E", "John Smythe"),
        (EN, "S-M-I-T-H", "Smith"),
        (EN, "B as in boy, O, B", "Bob"),
        (EN, "my name is Anna and my number is 312 555 0142", "Anna"),
        (EN, "Doctor Miller", "Miller"),
        (EN, "yes please", ""),
        (EN, "what time do you close?", ""),
        (EN, "", ""),
        (ES, "Me llamo Juan Pérez", "Juan Pérez"),
        (ES, "soy maría garcía lópez", "María García López"),
        (ES, "mi nombre es José de la Cruz, gracias", "José de la Cruz"),
        (ES, "Ana", "Ana"),
        (ES, "sí, claro", ""),
        (FR, "Je m'appelle Marie Dupont", "Marie Dupont"),
        (FR, "c'est jean-luc moreau", "Jean-Luc Moreau"),
        (FR, "mon nom est Lefèvre", "Lefèvre"),
        (FR, "D U P O N T", "Dupont"),
        (FR, "oui bien sûr", ""),
    ],
)
def test_names_are_heard(language: Language, text: str, name: str) -> None:
    assert parse_name(text, language) == name


@pytest.mark.parametrize(
    ("language", "text", "answer"),
    [
        (EN, "Yes.", Answer.YES), (EN, "yeah sure", Answer.YES), (EN, "that's right", Answer.YES),
        (EN, "please do", Answer.YES), (EN, "No.", Answer.NO), (EN, "no thank you", Answer.NO),
        (EN, "that's not right", Answer.NO), (EN, "not really", Answer.NO), (EN, "nope", Answer.NO),
        (EN, "I'm not sure", Answer.UNSURE), (EN, "I don't know", Answer.UNSURE),
        (EN, "no, it's 555 0142", Answer.NO), (EN, "the blue one", None),
        (ES, "sí", Answer.YES), (ES, "si por favor", Answer.YES), (ES, "claro que sí", Answer.YES),
        (ES, "no, gracias", Answer.NO), (ES, "no es correcto", Answer.NO), (ES, "no sé", Answer.UNSURE),
        (ES, "el azul", None),
        (FR, "oui", Answer.YES), (FR, "ouais d'accord", Answer.YES), (FR, "c'est ça", Answer.YES),
        (FR, "non merci", Answer.NO), (FR, "ce n'est pas ça", Answer.NO), (FR, "je ne sais pas", Answer.UNSURE),
        (FR, "le bleu", None),
    ],
)  # fmt: skip
def test_yes_and_no_are_told_apart(language: Language, text: str, answer: Answer | None) -> None:
    found = yes_no(text, language)
    assert (found.answer if found else None) is answer


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "goodbye"), (EN, "Okay, thanks, bye."), (EN, "no, that's all, thank you"),
        (EN, "that will be all"), (EN, "nothing else thanks"), (EN, "have a nice day"),
        (ES, "adiós"), (ES, "no, eso es todo, gracias"), (ES, "hasta luego, que tenga buen día"),
        (FR, "au revoir"), (FR, "non merci ce sera tout"), (FR, "merci bonne journée"),
    ],
)  # fmt: skip
def test_goodbyes_are_heard(language: Language, text: str) -> None:
    assert says_goodbye(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "is that all you have?"), (EN, "do you buy cars"), (EN, "what are your hours"),
        (ES, "¿es todo gratis?"), (FR, "c'est tout compris le prix ?"),
    ],
)  # fmt: skip
def test_questions_are_no_goodbyes(language: Language, text: str) -> None:
    assert not says_goodbye(text, language)


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        (EN, "on Saturday", [5]), (EN, "are you open today", [0]), (EN, "tomorrow", [1]),
        (EN, "the day after tomorrow", [2]), (EN, "this weekend", [5, 6]),
        (EN, "on Saterday", [5]), (EN, "Tuesday and Thursday", [1, 3]), (EN, "whenever", []),
        (EN, "on Mondays", [0]), (EN, "tonight", [0]),
        (ES, "el sábado", [5]), (ES, "mañana", [1]), (ES, "hoy por la mañana", [0]),
        (ES, "pasado mañana", [2]), (ES, "el fin de semana", [5, 6]), (ES, "los domingos", [6]),
        (FR, "samedi", [5]), (FR, "demain", [1]), (FR, "après-demain", [2]),
        (FR, "aujourd'hui", [0]), (FR, "le week-end", [5, 6]), (FR, "ce soir", [0]),
    ],
)  # fmt: skip
def test_days_are_heard(language: Language, text: str, days: list[int]) -> None:
    found = asked_days(text, language, MONDAY)
    assert [(day - MONDAY).days for day in found] == days


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "Can you repeat that, please?"), (EN, "what did you say"), (EN, "pardon?"),
        (EN, "I didn't catch that"), (EN, "say that again"), (ES, "¿puede repetir?"),
        (ES, "¿qué dijo?"), (ES, "¿cómo?"), (ES, "no le escuché"), (FR, "pouvez-vous répéter ?"),
        (FR, "pardon ?"), (FR, "je n'ai pas compris"), (FR, "qu'est-ce que vous avez dit"),
    ],
)  # fmt: skip
def test_a_wish_to_hear_it_again_is_heard(language: Language, text: str) -> None:
    assert asks_repeat(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "can I talk to a person"), (EN, "I want to speak with Doctor Miller"),
        (EN, "give me a real person"), (ES, "quiero hablar con alguien"),
        (ES, "páseme con un agente"), (FR, "je voudrais parler à quelqu'un"),
        (FR, "je peux parler avec un conseiller"),
    ],
)  # fmt: skip
def test_a_wish_for_a_person_is_heard(language: Language, text: str) -> None:
    assert asks_for_person(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "I'd like to leave a message"), (EN, "can you have someone call me back"),
        (EN, "please call me back"), (ES, "quiero dejar un recado"), (ES, "que me llamen por favor"),
        (ES, "¿me pueden llamar?"), (FR, "je voudrais laisser un message"),
        (FR, "est-ce qu'on peut me rappeler"), (FR, "rappelez-moi"),
    ],
)  # fmt: skip
def test_a_wish_to_leave_a_message_is_heard(language: Language, text: str) -> None:
    assert asks_to_leave_message(text, language)


@pytest.mark.parametrize(
    ("language", "text", "rest"),
    [
        (EN, "That's not what I asked.", ""), (EN, "you misunderstood me", ""),
        (EN, "no, I asked about parking", "no parking"),
        (ES, "Eso no es lo que pregunté", ""), (ES, "me entendió mal", ""),
        (FR, "vous m'avez mal compris", ""), (FR, "ce n'est pas ce que j'ai demandé", ""),
    ],
)  # fmt: skip
def test_corrections_are_heard(language: Language, text: str, rest: str) -> None:
    assert correction(text, language) == rest


@pytest.mark.parametrize("text", ["never mind", "forget it", "cancel that please"])
def test_giving_up_is_heard(text: str) -> None:
    assert cancels(text, EN)


def test_cancelling_something_else_is_not_giving_up() -> None:
    assert not cancels("I need to cancel my appointment", EN)
    assert not cancels("quiero cancelar mi cita", ES)


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        (EN, "Do you have parking and do you take kids?", 2),
        (EN, "What are your hours? And where are you?", 2),
        (EN, "Do you take cash and cards?", 1),
        (ES, "¿Hay estacionamiento y aceptan niños?", 2),
        (FR, "Où êtes-vous et quels sont vos horaires ?", 2),
    ],
)
def test_several_questions_are_parted(language: Language, text: str, count: int) -> None:
    assert len(questions(text, language)) == count


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello, thank you for calling Bright Smile Dental. How can I help you?", EN),
        ("Gracias por llamar. ¿En qué puedo ayudarle?", ES),
        ("Bonjour, merci de votre appel.", FR),
        ("Are you accepting new patients?", EN),
        ("¿Hay estacionamiento?", ES),
        ("Y a-t-il un parking ? Oui, gratuit.", FR),
        ("Invisalign", None),
        ("", None),
    ],
)
def test_the_language_of_a_text_is_guessed(text: str, language: Language | None) -> None:
    assert guess_language(text) is language
