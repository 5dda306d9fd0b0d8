"""Whole conversations, in text, in the three languages.

Each line of a script is what the caller says and pieces of what Annie must answer; a
piece that begins with ``-`` must not occur. ``#`` begins keys, ``!`` low confidence.
"""

import pytest

from annie.kit.language import Language
from tests.agent.conversation import CLOSED, Conversation

pytestmark = pytest.mark.unit

EN, ES, FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH

Script = list[tuple[str, ...]]

ENGLISH: dict[str, Script] = {
    "hours of a day, then another": [
        ("What are your opening hours on Saturday?", "10 AM to 2 PM"),
        ("and on Sunday?", "closed"),
        ("what time do you close today", "9 AM to 5 PM"),
        ("thanks, bye", "Goodbye"),
    ],
    "the whole week": [("what are your business hours", "Monday to Friday", "Saturday", "Sunday")],
    "open now": [("Are you open right now?", "Yes", "until 5 PM")],
    "address and phone": [
        ("where are you located", "12 Main Street, Suite 4, Chicago, IL 60601"),
        ("what's your phone number", "312-555-0142"),
    ],
    "a trained answer and its repetition": [
        ("can I park near the office", "free parking"),
        ("sorry, could you repeat that?", "free parking"),
        ("pardon?", "free parking"),
    ],
    "two questions in one turn": [
        ("Do you have parking and do you see kids?", "free parking", "age of three"),
    ],
    "a known and an unknown question": [
        ("Do you have parking? And do you do braces?", "free parking", "don't know", "message"),
        ("no", "anything else"),
        ("no thank you", "Goodbye"),
    ],
    "a statement before the question": [
        ("Hi, I'm new in town. Are you taking new patients?", "welcome new patients"),
    ],
    "unknown, message declined, done": [
        ("how much is a root canal", "don't know", "message"),
        ("no thanks", "else"),
        ("no", "Goodbye"),
    ],
    "unknown twice": [
        ("do you do braces", "don't know"),
        ("do you make sports mouth guards", "don't know that either"),
    ],
    "an offer is passed over with another question": [
        ("how much is a root canal", "message"),
        ("no, but what are your hours on Friday", "9 AM to 5 PM"),
    ],
    "misunderstood, asked otherwise": [
        ("do you take insurance", "PPO"),
        ("no, that's not what I asked", "sorry"),
        ("I asked about parking", "free parking"),
    ],
    "misunderstood, said at once": [
        ("do you take insurance", "PPO"),
        ("that's not what I asked, where can I park", "misunderstood", "free parking"),
    ],
    "misunderstood again and again": [
        ("do you take insurance", "PPO"),
        ("you misunderstood me", "sorry", "-PPO"),
        ("that's not what I meant", "-PPO"),
    ],
    "a holiday isn't a weekday": [
        ("are you open on Christmas", "don't know", "holidays", "-9 AM", "message"),
    ],
    "who is this": [("am I talking to a robot", "virtual assistant", "Bright Smile Dental")],
    "wants a person": [
        ("can I speak to a real person", "can't put you through", "message"),
        ("no", "else"),
        ("that's all thank you", "Goodbye"),
    ],
    "just hello": [("hello?", "How can I help"), ("hi, good morning", "How can I help")],
    "thanks": [
        ("do you take insurance", "PPO"),
        ("thank you very much", "welcome", "else"),
        ("thank you", "Goodbye"),
    ],
    "one moment": [("one moment please", "take your time")],
    "nothing understood, three times": [
        ("", "say it again"),
        ("!um the", "other words"),
        ("", "leave a message"),
        ("yes", "name"),
    ],
    "low confidence but certain": [("!what are your opening hours on Saturday", "10 AM to 2 PM")],
    "low confidence and unsure": [("!I have a toothbrush parking sixty", "say it again")],
    "never mind": [("never mind", "else"), ("no, that's it", "Goodbye")],
    "yes to anything else": [
        ("never mind", "else"),
        ("yes", "What would you like to know"),
        ("where can I park", "free parking"),
    ],
    "keys without a question": [("#5", "say it again")],
    "noise of the recognizer": [
        ("what are you're opening ours on saterday", "10 AM to 2 PM"),
        ("is there somewhere too park", "free parking"),
        ("do you except dental insurence", "PPO"),
    ],
}

SPANISH: dict[str, Script] = {
    "horario": [
        ("¿Cuál es su horario el sábado?", "10:00 a 14:00"),
        ("¿y el domingo?", "cerrado"),
        ("¿están abiertos ahora?", "Sí", "17:00"),
        ("adiós", "Hasta luego"),
    ],
    "semana": [("¿qué horario tienen?", "de lunes a viernes", "9:00 a 17:00")],
    "dirección y teléfono": [
        ("¿dónde están ubicados?", "12 Main Street"),
        ("¿cuál es su número de teléfono?", "312-555-0142"),
    ],
    "respuesta y repetición": [
        ("¿dónde dejo el coche cuando vaya?", "estacionamiento gratis"),
        ("¿puede repetir?", "estacionamiento gratis"),
    ],
    "dos preguntas": [
        ("¿Tienen parqueo y atienden a niños?", "estacionamiento", "tres años"),
    ],
    "no lo sabe": [
        ("¿ponen brackets?", "no lo sé", "mensaje"),
        ("no, gracias", "-¿Cómo se llama"),
        ("no, eso es todo", "Hasta luego"),
    ],
    "malentendido": [
        ("¿toman mi seguro?", "PPO"),
        ("eso no es lo que pregunté", "isculp"),
        ("¿hay estacionamiento?", "gratis"),
    ],
    "día festivo": [("¿abren en Navidad?", "no conozco", "-9:00")],
    "persona": [("quiero hablar con una persona", "no puedo pasarle", "mensaje")],
    "robot": [("¿es usted un robot?", "asistente virtual")],
    "no entendido": [("", "repetirlo"), ("", "otras palabras"), ("", "mensaje")],
    "ruido": [
        ("cual es su orario el savado", "10:00 a 14:00"),
        ("hay estasionamiento", "gratis"),
    ],
    "gracias": [("muchas gracias", "?"), ("no gracias", "Hasta luego")],
}

FRENCH: dict[str, Script] = {
    "horaires": [
        ("Quels sont vos horaires le samedi ?", "10 h à 14 h"),
        ("et dimanche ?", "fermés"),
        ("vous êtes ouverts maintenant ?", "Oui", "17 h"),
        ("au revoir", "Au revoir"),
    ],
    "semaine": [("quels sont vos horaires", "du lundi au vendredi", "9 h à 17 h")],
    "adresse et téléphone": [
        ("où êtes-vous situés", "12 Main Street"),
        ("quel est votre numéro de téléphone", "312-555-0142"),
    ],
    "réponse et répétition": [
        ("où est-ce que je laisse ma voiture quand je viens", "parking gratuit"),
        ("pouvez-vous répéter ?", "parking gratuit"),
    ],
    "deux questions": [
        ("Vous avez un stationnement et vous soignez les enfants ?", "parking", "trois ans"),
    ],
    "ne sait pas": [
        ("est-ce que vous posez des appareils dentaires", "message"),
        ("non merci", "-votre nom"),
        ("non, c'est tout", "Au revoir"),
    ],
    "malentendu": [
        ("est-ce que vous prenez mon assurance", "PPO"),
        ("ce n'est pas ce que j'ai demandé", "xcuse"),
        ("y a-t-il un parking ?", "gratuit"),
    ],
    "jour férié": [("êtes-vous ouverts à Noël", "fériés", "-9 h")],
    "personne": [("je voudrais parler à quelqu'un", "passer quelqu'un", "message")],
    "robot": [("vous êtes un robot ?", "assistante virtuelle")],
    "pas compris": [("", "répéter"), ("", "autrement"), ("", "message")],
    "bruit": [
        ("quels son vos oraires le samedi", "10 h à 14 h"),
        ("il y a un parkin", "gratuit"),
    ],
    "merci": [("merci beaucoup", "?"), ("non merci", "Au revoir")],
}


@pytest.mark.parametrize(
    ("language", "script"),
    [
        pytest.param(language, script, id=f"{language.code}: {name}")
        for language, scripts in ((EN, ENGLISH), (ES, SPANISH), (FR, FRENCH))
        for name, script in scripts.items()
    ],
)
async def test_the_conversation_goes_as_written(language: Language, script: Script) -> None:
    call = Conversation(language)
    said = await call.greet()
    for line, *pieces in script:
        if line.startswith("#"):
            said = await call.dial(line[1:])
        elif line.startswith("!"):
            said = await call.say(line[1:], confidence=0.1)
        else:
            said = await call.say(line)
        for piece in pieces:
            if piece.startswith("-"):
                assert piece[1:] not in said, (line, said)
            else:
                assert piece.lower() in said.lower(), (line, said)
    assert bool(call.ended) is ("oodbye" in said or "Hasta luego" in said or "Au revoir" in said)


@pytest.mark.parametrize(
    ("language", "opened", "closed"),
    [
        (EN, "How can I help you?", "closed"),
        (ES, "¿En qué puedo ayudarle?", "cerrado"),
        (FR, "Comment puis-je vous aider ?", "fermés"),
    ],
)
async def test_the_greeting_depends_on_the_office_hours(
    language: Language, opened: str, closed: str
) -> None:
    greeting = await Conversation(language).greet()
    assert opened in greeting
    assert "Bright Smile Dental" in greeting
    assert closed not in greeting
    assert closed in await Conversation(language, now=CLOSED).greet()
