"""Reads the torture messages that stand in ``torture/``, in the notation of RFC 4475 section 2."""

import re
from pathlib import Path

_FOLDER = Path(__file__).parent / "torture"
_MESSAGE = re.compile(r"^=== (?P<section>\S+) (?P<name>\S+)\n", re.MULTILINE)
_REPEAT = re.compile(r"<repeat count=(\d+)>(.*?)</repeat>")
_HEX = re.compile(rb"<hex>(.*?)</hex>", re.DOTALL)


def torture_messages(file: str) -> dict[str, tuple[str, bytes]]:
    """Section and octets of each message of a file, by the name that the RFC gives it."""
    parts = _MESSAGE.split((_FOLDER / file).read_text(encoding="utf8"))[1:]
    sections, names, texts = parts[::3], parts[1::3], parts[2::3]
    return {
        name: (section, _octets(text))
        for section, name, text in zip(sections, names, texts, strict=True)
    }


def _octets(text: str) -> bytes:
    text = _REPEAT.sub(lambda match: match[2] * int(match[1]), text)
    data = text.replace("\n", "\r\n").encode()
    return _HEX.sub(lambda match: bytes.fromhex(match[1].decode()), data)
