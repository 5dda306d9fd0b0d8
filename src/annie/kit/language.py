"""The languages Annie speaks and the voices she speaks them in."""

from enum import StrEnum


class Language(StrEnum):
    """A language of the public contract; a property of the phone number."""

    ENGLISH = "ENGLISH"
    SPANISH = "SPANISH"
    FRENCH = "FRENCH"

    @property
    def code(self) -> str:
        """ISO 639-1 code: ``en``, ``es`` or ``fr``."""
        return {"ENGLISH": "en", "SPANISH": "es", "FRENCH": "fr"}[self.value]


class VoiceId(StrEnum):
    """The five stock voices; each exists in every language."""

    FRIENDLY_BRIGHT = "FRIENDLY_BRIGHT"
    CALM_REASSURING = "CALM_REASSURING"
    POLISHED_PROFESSIONAL = "POLISHED_PROFESSIONAL"
    KIND_CURIOUS = "KIND_CURIOUS"
    CONFIDENT_UPBEAT = "CONFIDENT_UPBEAT"
