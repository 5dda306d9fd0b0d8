"""What keeps Whisper honest: each guard is one known way in which it invents text.

Whisper was trained on subtitled video in windows of 30 s. On audio that is short or
holds no speech it repeats itself, or writes what subtitles hold besides speech: credits,
thanks for watching, notes of music, descriptions of sounds.
"""

import re
import unicodedata
import zlib
from dataclasses import dataclass
from typing import Final

#: Whole utterances that subtitles hold and callers don't say, in folded form.
_INVENTIONS: Final = (
    r"thank(s| you)( so much| very much)? for watching.*",
    r"(please )?(like and )?subscribe.*",
    r"see you (in the )?next (time|video).*",
    r"(sub)?titles? (by|created by|provided by).*",
    r"transcri(bed|ption|pt) by.*",
    r"captions? by.*",
    r"copyright .*",
    r".*amara ?org.*",
    r"sous[ -]?titr(es?|age).*",
    r"merci d('| )avoir regarde.*",
    r"abonnez[ -]vous.*",
    r"subtitul(os|ado) .*",
    r"gracias por ver( el video)?.*",
    r"(no olvides )?suscribete.*",
    r"(www )?[a-z0-9]+ (com|org|fr)",
    r"you",
)
_INVENTION: Final = re.compile("|".join(f"(?:{pattern})" for pattern in _INVENTIONS))
_SOUND: Final = re.compile(r"\[[^\]]*\]?|\([^)]*\)?|\*[^*]*\*|[♩♪♫♬♭♮♯]+[^♪]*[♩♪♫♬♭♮♯]+|[♩♪♫♬♭♮♯]")

_MAX_COMPRESSION: Final = 2.4
#: The fastest speakers reach about 25 letters a second; names read off a list a few more.
_MAX_LETTERS_A_SECOND: Final = 30.0
_GRACE_LETTERS: Final = 15
#: Measured on noise, tones, coughs and clicks against speech through G.711: invented
#: text had −1.1 to −2.3 and mostly 0.5 to 0.9, spoken words better than −1.0 and 0.4.
_MAX_NO_SPEECH: Final = 0.4
_MIN_LOGPROB: Final = -1.0
_HOPELESS_LOGPROB: Final = -1.4


@dataclass(slots=True, frozen=True)
class Decoded:
    """One decoding: its text, mean log probability a token, and P(no speech at all)."""

    text: str
    avg_logprob: float
    no_speech: float
    seconds: float


def guarded(decoded: Decoded) -> str:
    """The text that may be believed; empty when it is an invention."""
    if sounds_like_noise(decoded.avg_logprob, decoded.no_speech):
        return ""
    text = collapse_repetition(strip_foreign_script(strip_sounds(decoded.text)))
    if is_known_invention(text) or too_compressible(text):
        return ""
    if too_long_for(text, decoded.seconds) or not re.search(r"\w", text):
        return ""
    return text


def sounds_like_noise(avg_logprob: float, no_speech: float) -> bool:
    """Whether the model itself doubts that anybody spoke."""
    if avg_logprob < _HOPELESS_LOGPROB:
        return True
    return no_speech > _MAX_NO_SPEECH and avg_logprob < _MIN_LOGPROB


def strip_sounds(text: str) -> str:
    """Without ``[music]``, ``(laughs)``, ``*sighs*`` and notes: descriptions, not speech."""
    return " ".join(_SOUND.sub(" ", text).split())


def strip_foreign_script(text: str) -> str:
    """Without letters that no language of ours is written in (Chinese, Cyrillic, …)."""
    kept = (
        letter
        for letter in text
        if not letter.isalpha() or unicodedata.name(letter, "").startswith(("LATIN", "MODIFIER"))
    )
    return re.sub(r"\s+([,.;!?])", r"\1", " ".join("".join(kept).split())).strip()


def collapse_repetition(text: str) -> str:
    """The phrase once, where it is said three times or more without a pause for thought.

    Two times are kept: people do say "yes, yes". Single words and digits ("five, five,
    five", "no, no, no") are left alone up to six times. A last, cut-off copy goes too.
    """
    words = text.split()
    keys = [_fold(word) for word in words]
    start = 0
    while start < len(words):
        for size in range(1, (len(words) - start) // 2 + 1):
            unit = keys[start : start + size]
            end = start + size
            while keys[end : end + size] == unit:
                end += size
            copies = (end - start) // size
            if copies > (6 if size == 1 else 2) or (copies == 2 and size >= 5):
                while end < len(keys) and keys[end] == unit[(end - start) % size]:
                    end += 1
                del words[start + size : end]
                del keys[start + size : end]
                break
        start += 1
    return " ".join(words)


def too_compressible(text: str) -> bool:
    """Whether ``text`` repeats itself in ways that ``collapse_repetition`` doesn't see."""
    raw = text.encode()
    # zlib's own overhead hides repetition in short texts, and digits repeat by nature.
    if len(raw) < 60 or sum(letter.isdigit() for letter in text) > len(text) / 3:
        return False
    return len(raw) / len(zlib.compress(raw)) > _MAX_COMPRESSION


def too_long_for(text: str, seconds: float) -> bool:
    """Whether nobody could have said ``text`` in ``seconds``."""
    letters = sum(letter.isalnum() for letter in text)
    return letters > _GRACE_LETTERS + seconds * _MAX_LETTERS_A_SECOND


def is_known_invention(text: str) -> bool:
    """Whether the whole utterance is what Whisper writes when nobody spoke."""
    folded = " ".join(re.findall(r"[\w']+", _fold(text)))
    return _INVENTION.fullmatch(folded) is not None


def _fold(text: str) -> str:
    """Lower case without accents and punctuation at the ends."""
    plain = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    return "".join(mark for mark in plain if not unicodedata.combining(mark)).strip(" .,;:!?¿¡…\"'")
