"""Telephone numbers as people and networks write them, as E.164 (ITU-T E.164)."""

import re

import phonenumbers

_SCHEME = re.compile(r"^(tel:|sips?:)", re.IGNORECASE)
_ANONYMOUS = {"anonymous", "restricted", "unavailable", "unknown", "private"}
#: Longer than any number with its separators; the rest of a longer text is not looked at.
_MAX_LENGTH = 40


def normalize(dialled: str, region: str = "US") -> str | None:
    """E.164 of what was dialled; None for what is no number.

    Takes E.164 with or without ``+``, the national form with or without the country's
    own prefix, separators, and ``tel:``. Numbers are judged by their shape, not by whether
    they are assigned: fictional ones (555-0100) are as good as any.
    """
    text = _SCHEME.sub("", dialled.strip()).partition("@")[0].partition(";")[0].strip()
    if not text or len(text) > _MAX_LENGTH:
        return None
    if not re.fullmatch(r"[+0-9().\-\s/]+", text, re.ASCII) or not re.search(r"\d", text):
        return None
    country = phonenumbers.country_code_for_region(region)
    digits = re.sub(r"\D", "", text)
    # Trunks often drop the plus of an international number.
    candidates = [text] if text.startswith("+") else [text, f"+{digits}"]
    for candidate in candidates:
        try:
            parsed = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if not phonenumbers.is_possible_number(parsed):
            continue
        national = str(parsed.national_number)
        if parsed.country_code == 1 and not re.fullmatch(r"[2-9]\d{2}[2-9]\d{6}", national):
            continue
        # Without a plus, a number of another country is only believed when it is a real one.
        if (
            not candidate.startswith("+")
            or text.startswith("+")
            or parsed.country_code == country
            or phonenumbers.is_valid_number(parsed)
        ):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return None


def valid(text: str, region: str = "US") -> str | None:
    """E.164 of ``text``; None unless its country has such numbers, by its numbering plan."""
    number = normalize(text, region)
    if number is None or not phonenumbers.is_valid_number(phonenumbers.parse(number)):
        return None
    return number


def caller_number(text: str, region: str = "US") -> str:
    """E.164 of a caller where it is a number; empty for a hidden one; else as it came."""
    cleaned = _SCHEME.sub("", text.strip()).partition("@")[0].partition(";")[0].strip()
    if cleaned.lower() in _ANONYMOUS:
        return ""
    return normalize(cleaned, region) or cleaned
