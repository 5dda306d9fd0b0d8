"""Words that ask for nothing."""

import pytest

from annie.kit.language import Language
from annie.speech.ears import is_back_channel
from annie.speech.ears.turn_end import Pause, default_turn_end, patience
from annie.speech.protocols import Expectation

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Uh-huh.", Language.ENGLISH),
        ("Okay, okay.", Language.ENGLISH),
        ("Mm-hmm, yeah", Language.ENGLISH),
        ("Ajá.", Language.SPANISH),
        ("Sí, sí, vale.", Language.SPANISH),
        ("Ah, d’accord.", Language.FRENCH),
        ("Ouais, OK", Language.FRENCH),
        ("Mmh.", Language.FRENCH),
    ],
)
def test_words_of_listening_are_known(text: str, language: Language) -> None:
    assert is_back_channel(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", Language.ENGLISH),
        ("No.", Language.ENGLISH),
        ("Okay, wait.", Language.ENGLISH),
        ("Right now?", Language.ENGLISH),
        ("Yes, yes, yes, yes, yes", Language.ENGLISH),
        ("Sí, pero no puedo.", Language.SPANISH),
        ("Pare.", Language.SPANISH),
        ("Ah non.", Language.FRENCH),
        ("Attendez.", Language.FRENCH),
    ],
)
def test_words_that_want_something_are_not(text: str, language: Language) -> None:
    assert not is_back_channel(text, language)


@pytest.mark.parametrize("text", ["", "Uh-huh."])
def test_little_is_waited_for_after_nothing_or_listening_over_annie(text: str) -> None:
    def wait(over_annie: bool) -> float:
        return patience(
            default_turn_end(),
            Pause(Expectation.OPEN, Language.ENGLISH, text, 0.9, over_annie),
        )

    assert wait(over_annie=True) <= 0.2 < wait(over_annie=False)


def test_a_wish_over_annie_is_waited_for_as_ever() -> None:
    pause = Pause(Expectation.OPEN, Language.ENGLISH, "Wait", 0.9, over_annie=True)
    assert patience(default_turn_end(), pause) == 0.6
