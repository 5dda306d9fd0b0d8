"""From IPA as eSpeak NG writes it to the letters that Kokoro reads."""

import pytest

from annie.kit.language import Language
from annie.speech.engines.kokoro_phonemes import MAX_TOKENS, tokens

pytestmark = pytest.mark.unit


class Spelling:
    """Answers with given IPA, and remembers what it was asked."""

    def __init__(self, *ipa: str) -> None:
        self._ipa = list(ipa)
        self.asked: list[tuple[str, str]] = []

    def __call__(self, words: str, voice: str) -> str:
        self.asked.append((words, voice))
        return self._ipa.pop(0)


def _tokens(ipa: str, language: Language = Language.ENGLISH, *, british: bool = False) -> list[int]:
    return tokens("words", language, Spelling(ipa), british=british)


@pytest.mark.parametrize(
    ("language", "british", "voice"),
    [
        (Language.ENGLISH, False, "en-us"),
        (Language.ENGLISH, True, "en"),
        (Language.SPANISH, False, "es"),
        (Language.SPANISH, True, "es"),
        (Language.FRENCH, False, "fr"),
    ],
)
def test_each_language_is_spelled_by_its_own_voice(
    language: Language, british: bool, voice: str
) -> None:
    spelling = Spelling("a")
    tokens("words", language, spelling, british=british)
    assert spelling.asked == [("words", voice)]


def test_letters_have_the_places_that_the_model_was_trained_with() -> None:
    assert _tokens("mˈe", Language.SPANISH) == [55, 156, 47]
    assert _tokens("ᵻ") == [177]


@pytest.mark.parametrize(
    ("ipa", "same_as"),
    [("d^ʒ", "ʤ"), ("t^ʃ", "ʧ"), ("a^ɪ", "I"), ("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɾ", "T")],
)
def test_two_letters_of_one_sound_are_one(ipa: str, same_as: str) -> None:
    assert len(_tokens(ipa)) == len(same_as)
    assert _tokens(ipa) == _tokens(same_as)


def test_british_english_keeps_its_long_vowels() -> None:
    assert len(_tokens("ɑː", british=True)) == 2
    assert len(_tokens("ɑː", british=False)) == 1


def test_a_foreign_word_is_read_without_the_mark_of_its_language() -> None:
    assert _tokens("lə- (^e^n)wˈiːkɛnd(^f^r)", Language.FRENCH) == _tokens(
        "lə wˈiːkɛnd", Language.FRENCH
    )


def test_punctuation_stays_where_it_was() -> None:
    spelling = Spelling("a", "b", "c")
    found = tokens("one, two… three?", Language.ENGLISH, spelling, british=False)
    assert [words for words, _ in spelling.asked] == ["one", "two", "three"]
    assert found == [43, 3, 16, 44, 10, 16, 45, 6]


def test_opening_marks_and_quotes_are_not_said() -> None:
    spelling = Spelling("a")
    tokens("¿«que»?", Language.SPANISH, spelling, british=False)
    assert spelling.asked == [("que", "es")]


@pytest.mark.parametrize("text", ["", "  ", "…", "?!", "— , —"])
def test_text_without_a_word_has_no_tokens(text: str) -> None:
    assert tokens(text, Language.FRENCH, Spelling(), british=False) == []


def test_letters_that_the_model_does_not_know_are_left_out() -> None:
    assert _tokens("aΩ7b", Language.SPANISH) == [43, 44]


def test_a_text_that_is_too_long_is_cut_not_refused() -> None:
    assert len(_tokens("a" * 2000, Language.SPANISH)) == MAX_TOKENS
