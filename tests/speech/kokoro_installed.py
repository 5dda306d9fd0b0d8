"""Whether the natural voices are there, for tests that need them."""

import pytest

from annie.speech.kokoro_models import kokoro_files
from annie.speech.models import ModelError


def _missing() -> str:
    try:
        kokoro_files()
    except ModelError as error:
        return str(error)
    return ""


needs_kokoro = pytest.mark.skipif(bool(_missing()), reason=_missing())
