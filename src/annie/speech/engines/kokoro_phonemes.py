"""From speakable words to the tokens that Kokoro was trained on.

Kokoro reads IPA with one letter for each diphthong and affricate, and punctuation, which
it takes for intonation and pauses. English has its own conventions, those of the lexicon
that the model was trained with.
"""

import re
from collections.abc import Callable
from typing import Final

from annie.kit.language import Language

#: Tokens of one run of the model, without the two that frame them.
MAX_TOKENS: Final = 500

#: Words and the name of an eSpeak voice in, IPA out.
Pronounce = Callable[[str, str], str]

#: The model's alphabet: a letter's place is its token; the dots are places it doesn't use.
_ALPHABET: Final = (
    '·;:,.!?··—…"()“” \u0303ʣʥʦʨᵝ\uab67AI·····O·Q·ST··W·Yᵊab'
    "cdef·hijklmnopqrstuvwxyzɑɐɒæ··βɔɕç·ɖðʤə·ɚɛɜ··"
    "ɟ·ɡ······ɥ·ɨɪʝ······ɯɰŋɳɲɴø·ɸθœ··ɹ·ɾɻ·ʁɽʂʃʈʧ·"
    "ʊʋ·ʌɣɤ·χʎ···ʒʔ·······ˈˌː···ʰ·ʲ····↓·→↗↘···ᵻ"
)
_LETTERS: Final = {c: token for token, c in enumerate(_ALPHABET) if c != "·"}

_VOICES: Final = {Language.ENGLISH: "en-us", Language.SPANISH: "es", Language.FRENCH: "fr"}
#: What eSpeak calls just English is British.
_BRITISH: Final = "en"

_MARK: Final = re.compile(r"\s*([;:,.!?…—–]+)\s*")
_DROPPED: Final = str.maketrans("", "", '¿¡«»"“”()[]*_#')
_LANGUAGE_CHANGE: Final = re.compile(r"\([^)]*\)")
_TIED: Final = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^z", "ʣ"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("o^ʊ", "O"),
    ("ə^ʊ", "Q"), ("t^s", "ʦ"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"),
)  # fmt: skip
_ENGLISH: Final = (
    ("ə^l", "ᵊl"), ("ʔˌn\u0329", "tᵊn"), ("ʔn\u0329", "tᵊn"), ("n\u0329", "ᵊn"), ("ɚ", "əɹ"),
    ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"), ("\u0303", ""), ("ʲ", ""),
)  # fmt: skip
_AMERICAN: Final = (
    ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪ^ə", "iə"), ("ɪə", "iə"), ("ː", ""), ("o", "ɔ"),
    ("ɾ", "T"), ("ʔ", "t"), ("e", "A"),
)  # fmt: skip
#: An ending that eSpeak NG 1.52 drops, and English words that are French by now.
_FRENCH: Final = (
    ("blɑ̃ʃˈim", "blɑ̃ʃimˈɑ̃"), ("pˈɑːkɪŋ", "paʁkˈiŋ"), ("wˈiːkˈɛnd", "wikˈɛnd"),
)  # fmt: skip


def tokens(text: str, language: Language, pronounce: Pronounce, *, british: bool) -> list[int]:
    """Tokens of ``text``, at most ``MAX_TOKENS``; empty when it has no word."""
    voice = _BRITISH if british and language is Language.ENGLISH else _VOICES[language]
    parts = _MARK.split(text.translate(_DROPPED))
    written = ""
    for words, mark in zip(parts[::2], [*parts[1::2], ""], strict=True):
        if any(c.isalnum() for c in words):
            written += _letters(pronounce(words, voice), language, british=british)
        if written and mark:
            written += mark[0].replace("–", "—") + " "
    found = [_LETTERS[c] for c in written.strip() if c in _LETTERS]
    return found[:MAX_TOKENS]


def _letters(ipa: str, language: Language, *, british: bool) -> str:
    letters = _LANGUAGE_CHANGE.sub("", ipa)
    replaced = _TIED
    if language is Language.ENGLISH:
        replaced += _ENGLISH if british else _ENGLISH + _AMERICAN
    elif language is Language.FRENCH:
        replaced += _FRENCH
    for old, new in replaced:
        letters = letters.replace(old, new)
    return letters.replace("^", "").replace("-", "").strip()
