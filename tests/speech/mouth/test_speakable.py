"""Written text becomes the words a person would say; ``cases_*.txt`` are to be read."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annie.kit.language import Language
from annie.speech.mouth.speakable import is_number_word, speakable

pytestmark = pytest.mark.unit


def _cases() -> list[tuple[Language, str, str]]:
    cases: list[tuple[Language, str, str]] = []
    for language in Language:
        path = Path(__file__).with_name(f"cases_{language.code}.txt")
        for line in path.read_text(encoding="utf-8").splitlines():
            if " =>" in line and not line.startswith("# "):
                written, _, spoken = line.partition(" =>")
                cases.append((language, written, spoken.strip()))
    return cases


@pytest.mark.parametrize(("language", "written", "spoken"), _cases())
def test_written_text_is_said_as_in_the_table(
    language: Language, written: str, spoken: str
) -> None:
    assert speakable(written, language) == spoken


_SIGNS = "$€£%°ªº/:.,-–+#@&*()h½²٣五①Ⅷxk\n'"
_WORDS = ("am", "p.m.", "AM", "st", "th", "er", "mars", "mayo", "March", "Mon", "lun.", "St.", "NY")

#: Text as it comes: figures, signs and names close together, where grammars trip.
_AWKWARD = st.lists(
    st.one_of(
        st.integers(0, 10**18).map(str),
        st.sampled_from([*_SIGNS, *_WORDS]),
        st.text(max_size=5),
    ),
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), _AWKWARD.map("".join), _AWKWARD.map(" ".join)))
def test_no_digit_is_left_and_nothing_raises(text: str) -> None:
    for language in Language:
        spoken = speakable(text, language)
        assert not any(c.isnumeric() or c.isdigit() for c in spoken)
        assert spoken == spoken.strip()
        assert "  " not in spoken


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), _AWKWARD.map(" ".join)))
def test_what_is_left_is_letters_and_pauses(text: str) -> None:
    for language in Language:
        assert all(c.isalpha() or c in " '-,.;:!?¿¡…" for c in speakable(text, language))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.from_regex(r"[a-záéíóúñüàâçèêëîïôùû]{3,9}", fullmatch=True), max_size=10))
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    known = {"rdv", "svp", "rte"}
    text = " ".join(word for word in words if word not in known)
    for language in Language:
        assert speakable(text, language) == text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    "pattern", ["1", "1,", "1 ", "A ", "a.", "-", "9:", "(", "www.", "a@", "1-", "S-", "+1", "$1 "]
)
def test_long_repetitions_are_no_trap(language: Language, pattern: str) -> None:
    assert not any(c.isdigit() for c in speakable(pattern * 4000, language))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**14))
def test_every_number_has_its_own_words(number: int) -> None:
    for language in Language:
        one, next_one = (
            speakable(f"{n:,}".replace(",", _GROUP[language]), language)
            for n in (number, number + 1)
        )
        assert one != next_one
        assert all(is_number_word(word, language) or word in _LARGE for word in one.split())


_GROUP = {Language.ENGLISH: ",", Language.SPANISH: ".", Language.FRENCH: " "}
_LARGE = frozenset(
    (
        *("hundred", "thousand", "million", "billion", "trillion"),
        *("un", "veintiún", "millón", "millones", "billón", "billones"),
        *("millions", "milliard", "milliards", "billions"),
    )
)
