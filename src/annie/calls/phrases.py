"""What the live call itself may have to say, when no agent can."""

from enum import StrEnum

from annie.kit.language import Language


class Phrase(StrEnum):
    """The occasions on which the call speaks without its agent."""

    SORRY = "sorry"
    FAREWELL = "farewell"
    FAILURE = "failure"
    TOO_LONG = "too_long"
    CHECK_IN = "check_in"
    NO_BOT = "no_bot"
    NOT_STORED = "not_stored"
    #: Played by the edge while nobody is there to speak.
    COMFORT = "comfort"


_TEXTS: dict[Language, dict[Phrase, str]] = {
    Language.ENGLISH: {
        Phrase.SORRY: "I'm sorry, I didn't manage that. Could you say it again, please?",
        Phrase.FAREWELL: "Thank you for calling. Goodbye.",
        Phrase.FAILURE: "I'm sorry, we have a technical problem at the moment. "
        "Please call again in a few minutes. Goodbye.",
        Phrase.TOO_LONG: "I'm sorry, I have to end our call here. "
        "Please call again if you need anything else. Goodbye.",
        Phrase.CHECK_IN: "Are you still there?",
        Phrase.NO_BOT: "Thank you for calling. This number is not in service yet. "
        "Please try again later. Goodbye.",
        Phrase.COMFORT: "One moment, please.",
        Phrase.NOT_STORED: "I'm sorry, I could not save your message. Please call again later.",
    },
    Language.SPANISH: {
        Phrase.SORRY: "Lo siento, no lo he conseguido. ¿Puede repetirlo, por favor?",
        Phrase.FAREWELL: "Gracias por llamar. Hasta luego.",
        Phrase.FAILURE: "Lo siento, tenemos un problema técnico en este momento. "
        "Por favor, vuelva a llamar en unos minutos. Hasta luego.",
        Phrase.TOO_LONG: "Lo siento, tengo que terminar aquí nuestra llamada. "
        "Vuelva a llamar si necesita algo más. Hasta luego.",
        Phrase.CHECK_IN: "¿Sigue usted ahí?",
        Phrase.NO_BOT: "Gracias por llamar. Este número todavía no está en servicio. "
        "Por favor, inténtelo más tarde. Hasta luego.",
        Phrase.COMFORT: "Un momento, por favor.",
        Phrase.NOT_STORED: "Lo siento, no he podido guardar su mensaje. "
        "Por favor, vuelva a llamar más tarde.",
    },
    Language.FRENCH: {
        Phrase.SORRY: "Je suis désolée, je n'ai pas réussi. Pouvez-vous répéter, s'il vous plaît ?",
        Phrase.FAREWELL: "Merci de votre appel. Au revoir.",
        Phrase.FAILURE: "Je suis désolée, nous avons un problème technique en ce moment. "
        "Veuillez rappeler dans quelques minutes. Au revoir.",
        Phrase.TOO_LONG: "Je suis désolée, je dois mettre fin à notre appel. "
        "N'hésitez pas à rappeler. Au revoir.",
        Phrase.CHECK_IN: "Êtes-vous toujours là ?",
        Phrase.NO_BOT: "Merci de votre appel. Ce numéro n'est pas encore en service. "
        "Veuillez réessayer plus tard. Au revoir.",
        Phrase.COMFORT: "Un instant, s'il vous plaît.",
        Phrase.NOT_STORED: "Je suis désolée, je n'ai pas pu enregistrer votre message. "
        "Veuillez rappeler plus tard.",
    },
}


def phrase(which: Phrase, language: Language) -> str:
    """The written text of a phrase."""
    return _TEXTS[language][which]
