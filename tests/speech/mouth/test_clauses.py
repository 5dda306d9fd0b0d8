"""Cutting text so that its first words are heard early."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annie.kit.language import Language
from annie.speech.mouth.clauses import CLAUSE_PAUSE_MS, SENTENCE_PAUSE_MS, split

pytestmark = pytest.mark.unit

ENGLISH = Language.ENGLISH


def _texts(text: str, language: Language = ENGLISH) -> list[str]:
    return [clause.text for clause in split(text, language)]


def test_a_short_sentence_stays_whole() -> None:
    assert _texts("We are open, come in.") == ["We are open, come in."]


def test_sentences_are_parted_with_a_longer_pause_than_clauses() -> None:
    text = (
        "Thank you for calling the front desk, I am Annie and I can help you with everything "
        "you need today. What can I do?"
    )
    clauses = split(text, ENGLISH)
    assert [clause.text for clause in clauses] == [
        "Thank you for calling the front desk,",
        "I am Annie and I can help you with everything you need today.",
        "What can I do?",
    ]
    assert [clause.pause_ms for clause in clauses] == [CLAUSE_PAUSE_MS, SENTENCE_PAUSE_MS, 0]


def test_only_the_first_sentence_is_cut_early() -> None:
    long = "Somebody from our team will call you back tomorrow morning, if that is fine with you."
    assert _texts(f"Thank you. {long}") == ["Thank you.", long]


def test_a_very_short_beginning_is_not_a_clause_of_its_own() -> None:
    text = (
        "Yes, on Saturday we are open from nine to two, and on Sunday we are closed all day long."
    )
    assert _texts(text)[0] == "Yes, on Saturday we are open from nine to two,"


@pytest.mark.parametrize(
    ("language", "number"),
    [
        (Language.ENGLISH, "five five five, zero one two, three four five six"),
        (Language.SPANISH, "seis uno dos, tres cuatro cinco, seis siete ocho"),
        (Language.FRENCH, "zéro un, quarante-deux, soixante-huit, cinquante-trois, zéro zéro"),
    ],
)
def test_a_phone_number_is_never_cut(language: Language, number: str) -> None:
    text = f"{number} {number} {number}"
    assert _texts(text, language) == [text]


def test_text_without_any_mark_is_cut_between_words_when_it_is_very_long() -> None:
    pieces = _texts("word " * 300)
    assert max(len(piece) for piece in pieces) <= 480
    assert all(set(piece.split()) == {"word"} for piece in pieces)


def test_nothing_to_say_has_no_clauses() -> None:
    assert split("", ENGLISH) == ()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abc ,.;:!?—'", max_size=900))
def test_clauses_joined_are_the_text_again(text: str) -> None:
    clauses = split(text, ENGLISH)
    assert "".join("".join(c.text.split()) for c in clauses) == "".join(text.split())
    assert all(clause.text.strip() for clause in clauses)
    assert all(clause.pause_ms == 0 for clause in clauses[-1:])
