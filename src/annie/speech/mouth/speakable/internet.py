"""E-mail and web addresses: "info at example dot com"."""

import re
from typing import Final

from annie.speech.mouth.speakable.grammar import Grammar

_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}\b")
_TOP: Final = (
    "com|org|net|edu|gov|mil|info|biz|io|co|us|uk|ca|mx|es|fr|de|eu|be|ch|qc|ar|cl|pe|ai|app|dev"
    "|health|care|shop|online|example|test"
)
_URL: Final = re.compile(
    r"(?<![\w@.])(?:(?P<scheme>https?)://)?(?P<host>(?:www\.)?(?:[a-zA-Z0-9-]{1,63}\.){1,6}"
    rf"(?:{_TOP}))(?![\w-]|\.\w)(?P<path>(?:/[\w.~%&=?#+-]{{0,80}}){{0,8}})",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+|.", re.DOTALL)
#: Read as words; every other ending is, too, but these are known to be short and clear.
_SPELLED: Final = {"www": "W W W", "io": "I O", "ai": "A I", "us": "U S", "uk": "U K"}


def rewrite(text: str, grammar: Grammar) -> str:
    """Addresses in ``text`` with the names of their signs; ``https://`` is left out."""
    text = _EMAIL.sub(lambda found: _say(found[0], grammar), text)
    return _URL.sub(lambda found: _url(found, grammar), text)


def _url(found: re.Match[str], grammar: Grammar) -> str:
    path = found["path"]
    # A full stop or question mark at the very end belongs to the sentence.
    tail = path[len(path.rstrip(".?")) :]
    path = path.rstrip(".?").rstrip("/")
    return _say(found["host"] + path, grammar) + tail


def _say(address: str, grammar: Grammar) -> str:
    words: list[str] = []
    tokens: list[str] = _TOKEN.findall(address)
    for token in tokens:
        if token.isdecimal():
            short = len(token) <= 2 and not token.startswith("0")
            words.append(grammar.cardinal(int(token)) if short else grammar.spell(token))
        elif token in grammar.words.internet_names:
            words.append(grammar.words.internet_names[token])
        else:
            words.append(_SPELLED.get(token.lower(), token))
    return " ".join(words)
