import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.kit.language import Language
from annie.speech.ears.sentence import looks_finished, trails_off
from annie.speech.ears.turn_end import Pause, default_turn_end, longest_turn, patience
from annie.speech.protocols import Expectation

pytestmark = pytest.mark.unit

EN, ES, FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH


def wait(
    text: str | None,
    expectation: Expectation = Expectation.OPEN,
    language: Language = EN,
    confidence: float = 0.9,
) -> float:
    return patience(default_turn_end(), Pause(expectation, language, text, confidence))


def test_patience_grows_with_what_the_dialogue_waits_for() -> None:
    waits = [
        wait(None, each)
        for each in (
            Expectation.YES_NO,
            Expectation.OPEN,
            Expectation.NAME,
            Expectation.DIGITS,
            Expectation.DICTATION,
        )
    ]
    assert waits == sorted(waits)
    assert waits[0] <= 0.35
    assert waits[-1] >= 1.2


@pytest.mark.parametrize("expectation", [each for each in Expectation if each != "digits"])
def test_a_finished_sentence_shortens_the_wait(expectation: Expectation) -> None:
    assert wait("Are you open on Sunday?", expectation) < wait(None, expectation)


def test_a_finished_sentence_of_uncertain_words_shortens_nothing() -> None:
    assert wait("Are you open?", confidence=0.3) == wait(None)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My number is", EN),
        ("I would like an appointment and", EN),
        ("I need, um...", EN),
        ("My bicycle has a flat tire,", EN),
        ("Mi número es", ES),
        ("Quisiera una cita para", ES),
        ("Eh", ES),
        ("Mon numéro est le", FR),
        ("Je voudrais un rendez-vous et euh.", FR),
        ("Est?", FR),
    ],
)
def test_trailing_off_lengthens_the_wait(text: str, language: Language) -> None:
    assert wait(text, language=language) >= wait(None, language=language) + 0.5


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Sí.", ES),
        ("Je voudrais parler à quelqu'un.", FR),
        ("Si.", FR),
        ("Bueno.", ES),
        ("Yes, please.", EN),
        ("What is this for?", EN),
    ],
)
def test_complete_answers_do_not_trail_off(text: str, language: Language) -> None:
    assert not trails_off(text, language)
    assert looks_finished(text, language)


@pytest.mark.parametrize(
    ("part", "whole", "language"),
    [
        ("415-555.", "415-555-0123.", EN),
        ("612 345", "612 345 789", ES),
        ("06 12 34.", "06 12 34 56 78.", FR),
    ],
)
def test_half_a_telephone_number_is_waited_for_and_a_whole_one_is_not(
    part: str, whole: str, language: Language
) -> None:
    assert wait(part, Expectation.OPEN, language) >= 1.2
    assert wait(part, Expectation.DIGITS, language) >= 1.2
    assert wait(whole, Expectation.DIGITS, language) <= 0.5


def test_dictation_may_last_longer_than_a_question() -> None:
    assert longest_turn(Expectation.DICTATION) > longest_turn(Expectation.OPEN)


@given(st.text(max_size=60), st.sampled_from(Expectation), st.sampled_from(Language))
def test_patience_is_bounded_whatever_was_said(
    text: str, expectation: Expectation, language: Language
) -> None:
    assert 0.25 <= wait(text, expectation, language) <= 1.8


def test_a_word_that_may_begin_more_gets_longer_than_a_sentence() -> None:
    assert wait("Are you open?") < wait("No.") < wait(None)
