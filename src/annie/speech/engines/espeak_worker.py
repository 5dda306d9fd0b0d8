"""The process in which eSpeak NG turns words into phonemes; run and fed by ``kokoro_worker``.

eSpeak NG is under the GPL-3: it is loaded here and nowhere else, and this process is
talked to over pipes. A request is the name of an eSpeak voice, a zero byte and the
words (UTF-8, no punctuation that matters); its answer is IPA in UTF-8, with ``^`` between
the letters of one phoneme and language changes in parentheses.
"""

import ctypes
import importlib
import sys
from functools import cache
from typing import Any, Final

from annie.speech.engines.worker_wire import serve

_AUDIO_OUTPUT_SYNCHRONOUS: Final = 2
_DONT_EXIT: Final = 0x8000
_UTF8: Final = 1
#: IPA, with a tie between the letters of one phoneme.
_IPA_TIED: Final = 0x02 | 0x80 | ord("^") << 8


@cache
def _library() -> Any:
    espeakng_loader = importlib.import_module("espeakng_loader")
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(espeakng_loader.get_data_path()).encode()
    if library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data, _DONT_EXIT) < 0:
        raise RuntimeError("eSpeak NG can't read its data")
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = [
        ctypes.POINTER(ctypes.c_char_p),
        ctypes.c_int,
        ctypes.c_int,
    ]
    return library


def answer(body: bytes) -> bytes:
    """IPA of one request; raises ``ValueError`` for a voice that eSpeak hasn't got."""
    voice, _, words = body.partition(b"\0")
    library = _library()
    if library.espeak_SetVoiceByName(voice) != 0:
        raise ValueError(f"eSpeak has no voice {voice.decode()!r}")
    rest = ctypes.c_char_p(words)
    found: list[bytes] = []
    while rest.value:
        found.append(library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA_TIED) or b"")
    return b" ".join(found)


if __name__ == "__main__":
    serve(answer, sys.stdin.buffer, sys.stdout.buffer)
