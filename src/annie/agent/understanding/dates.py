"""Which days a caller asks about."""

import re
from datetime import date, timedelta
from functools import cache
from typing import Final

from annie.agent.understanding.words import plain
from annie.kit.language import Language

#: Monday first, with plurals, abbreviations and what recognizers write instead.
_WEEKDAYS: Final[dict[Language, tuple[str, ...]]] = {
    Language.ENGLISH: (
        r"mondays?|munday|mon",
        r"tuesdays?|tuseday|teusday|chewsday|tues?",
        r"wednesdays?|wensday|wednsday|wed",
        r"thursdays?|thirsday|thurs?|thursdey",
        r"fridays?|friday s|fryday|fri",
        r"saturdays?|saterday|satarday|satur day|sat",
        r"sundays?|sun day|sun",
    ),
    Language.SPANISH: (
        r"lunes",
        r"martes",
        r"miercoles",
        r"jueves|huebes|hueves",
        r"viernes|biernes",
        r"sabados?|savado",
        r"domingos?",
    ),
    Language.FRENCH: (
        r"lundis?",
        r"mardis?",
        r"mercredis?",
        r"jeudis?",
        r"vendredis?",
        r"samedis?|ca me dit|sam dit",
        r"dimanches?",
    ),
}
_RELATIVE: Final[dict[Language, tuple[tuple[str, tuple[int, ...]], ...]]] = {
    Language.ENGLISH: (
        (r"day after tomorrow", (2,)),
        (r"tomorrow|to morrow", (1,)),
        (r"today|tonight|this (?:morning|afternoon|evening)|to day", (0,)),
    ),
    Language.SPANISH: (
        (r"pasado manana", (2,)),
        # "por la mañana" is a part of the day, not tomorrow.
        (r"(?<!por la )(?<!de la )(?<!en la )manana", (1,)),
        (r"hoy|esta (?:manana|tarde|noche)", (0,)),
    ),
    Language.FRENCH: (
        (r"apres demain", (2,)),
        (r"demain", (1,)),
        (r"aujourd hui|ce (?:matin|soir)|cet(?:te)? (?:apres midi|nuit)", (0,)),
    ),
}
_WEEKEND: Final[dict[Language, str]] = {
    Language.ENGLISH: r"week ?ends?",
    Language.SPANISH: r"fin(?:es)? de semana|weekend",
    Language.FRENCH: r"week ?ends?|fin de semaine",
}
_NAMED: Final[dict[Language, str]] = {
    Language.ENGLISH: (
        r"holidays?|christmas|x mas|thanksgiving|easter|new year\w*|fourth of july|4th of july|"
        r"independence day|labor day|memorial day|good friday|january|february|march|april|june|"
        r"july|august|september|october|november|december"
    ),
    Language.SPANISH: (
        r"feriados?|festivos?|navidad|nochebuena|nochevieja|pascua|ano nuevo|semana santa|reyes|"
        r"accion de gracias|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|"
        r"noviembre|diciembre"
    ),
    Language.FRENCH: (
        r"feries?|noel|paques|nouvel an|jour de l an|reveillon|toussaint|ascension|pentecote|"
        r"armistice|14 juillet|thanksgiving|janvier|fevrier|mars|avril|mai|juin|juillet|aout|"
        r"septembre|octobre|novembre|decembre"
    ),
}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b")


def names_special_day(text: str, language: Language) -> bool:
    """Whether ``text`` names a holiday or a calendar date, whose hours weekdays don't tell."""
    return _compiled(_NAMED[language]).search(plain(text)) is not None


def without_special_days(text: str, language: Language) -> str:
    """Folded ``text`` without the holidays and months it names."""
    return " ".join(_compiled(_NAMED[language]).sub(" ", plain(text)).split())


def asked_days(text: str, language: Language, today: date) -> list[date]:
    """The days ``text`` asks about, in order, none before ``today``.

    A weekday means its next occurrence, today included.
    """
    rest = plain(text)
    days: set[date] = set()
    for pattern, offsets in _RELATIVE[language]:
        rest, count = _compiled(pattern).subn(" ", rest)
        if count:
            days.update(today + timedelta(days=offset) for offset in offsets)
    if _compiled(_WEEKEND[language]).search(rest):
        days.update(_next(weekday, today) for weekday in (5, 6))
    for weekday, pattern in enumerate(_WEEKDAYS[language]):
        if _compiled(pattern).search(rest):
            days.add(_next(weekday, today))
    return sorted(days)


def without_days(text: str, language: Language) -> str:
    """Folded ``text`` without the words that name days."""
    rest = plain(text)
    patterns = [pattern for pattern, _ in _RELATIVE[language]]
    for pattern in (*patterns, _WEEKEND[language], *_WEEKDAYS[language]):
        rest = _compiled(pattern).sub(" ", rest)
    return " ".join(rest.split())


def _next(weekday: int, today: date) -> date:
    return today + timedelta(days=(weekday - today.weekday()) % 7)
