"""How much of what Annie says was heard."""

import numpy as np
import pytest

from annie.calls.utterance import Utterance

pytestmark = pytest.mark.unit

SECOND = 8000


def _given(text: str, seconds: float, *, complete: bool = True) -> Utterance:
    utterance = Utterance(text)
    sound = np.ones(round(seconds * SECOND), np.int16)
    utterance.add(sound)
    utterance.given(sound.size, sound.size)
    utterance.complete = complete
    return utterance


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (0.0, ""),
        (0.1, ""),
        (0.34, "one two"),
        (0.5, "one two three"),
        (0.99, "one two three four five"),
        (1.0, "one two three four five six"),
    ],
)
def test_whole_words_are_heard_in_proportion_to_the_time(part: float, words: str) -> None:
    utterance = _given("one two three four five six", 3)
    assert utterance.heard_text(round(part * 3 * SECOND)) == words


@pytest.mark.parametrize(
    ("part", "words"), [(0.5, "I have"), (0.75, "I have"), (0.82, "I have 312-555-0142.")]
)
def test_a_number_takes_longer_than_its_few_characters(part: float, words: str) -> None:
    utterance = _given("I have 312-555-0142. Is that right?", 6)
    assert utterance.heard_text(round(part * 6 * SECOND)) == words


def test_a_sentence_of_which_little_is_synthesized_yet_is_not_heard_whole() -> None:
    utterance = _given("one two three four five six seven eight nine ten", 1, complete=False)
    assert utterance.heard_text(SECOND) == "one two three"
