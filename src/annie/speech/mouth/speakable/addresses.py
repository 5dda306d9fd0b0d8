"""Postal addresses as written in the United States, which callers of every language hear."""

import re
from typing import Final

from annie.speech.mouth.speakable.grammar import Grammar
from annie.speech.mouth.speakable.lexicon import listed

_STREETS: Final = {
    "St": "Street",
    "Ave": "Avenue",
    "Av": "Avenue",
    "Blvd": "Boulevard",
    "Rd": "Road",
    "Dr": "Drive",
    "Ln": "Lane",
    "Ct": "Court",
    "Pl": "Place",
    "Sq": "Square",
    "Ter": "Terrace",
    "Terr": "Terrace",
    "Pkwy": "Parkway",
    "Hwy": "Highway",
    "Expy": "Expressway",
    "Cir": "Circle",
    "Trl": "Trail",
    "Plz": "Plaza",
    "Wy": "Way",
}
_DIRECTIONS: Final = {
    "NE": "Northeast",
    "NW": "Northwest",
    "SE": "Southeast",
    "SW": "Southwest",
    "N": "North",
    "S": "South",
    "E": "East",
    "W": "West",
}
_STATES: Final = dict(
    pair.split("=")
    for pair in listed(
        "AL=Alabama AK=Alaska AZ=Arizona AR=Arkansas CA=California CO=Colorado CT=Connecticut "
        "DE=Delaware DC=D_C FL=Florida GA=Georgia HI=Hawaii ID=Idaho IL=Illinois IN=Indiana "
        "IA=Iowa KS=Kansas KY=Kentucky LA=Louisiana ME=Maine MD=Maryland MA=Massachusetts "
        "MI=Michigan MN=Minnesota MS=Mississippi MO=Missouri MT=Montana NE=Nebraska NV=Nevada "
        "NH=New_Hampshire NJ=New_Jersey NM=New_Mexico NY=New_York NC=North_Carolina "
        "ND=North_Dakota OH=Ohio OK=Oklahoma OR=Oregon PA=Pennsylvania PR=Puerto_Rico "
        "RI=Rhode_Island SC=South_Carolina SD=South_Dakota TN=Tennessee TX=Texas UT=Utah "
        "VT=Vermont VA=Virginia WA=Washington WV=West_Virginia WI=Wisconsin WY=Wyoming"
    )
)
#: Also words of a sentence, so they need a zip code behind them.
_WORDLIKE: Final = frozenset(("OK", "HI", "OR", "IN", "ME", "OH", "LA", "MA", "PA", "DE", "ID"))

_SPELT: Final = "Street|Avenue|Boulevard|Road|Drive|Lane|Court|Place|Square|Parkway|Highway|Way"
_TYPE: Final = "|".join(sorted(_STREETS, key=len, reverse=True))
_DIRECTION: Final = "NE|NW|SE|SW|N|S|E|W"
_NAME: Final = r"(?:[A-ZÀ-Þ][\w'-]{0,30}|\d{1,3}(?:st|nd|rd|th))"
_STREET: Final = re.compile(
    rf"(?<![\w$.,/-])(?P<house>\d{{1,6}})(?P<letter>[A-Z])?\s+(?:(?P<before>{_DIRECTION})\.?\s+)?"
    rf"(?P<name>{_NAME}(?:\s+{_NAME}){{0,3}}?)\s+(?P<type>{_TYPE}|{_SPELT})\b(?P<stop>\.)?"
    rf"(?:\s+(?P<behind>{_DIRECTION})\b\.?)?"
)
_NAMED_STREET: Final = re.compile(
    r"\b(?P<name>[A-ZÀ-Þ][\w'-]{1,30}|\d{1,3}(?:st|nd|rd|th))\s(?P<type>St|Ave|Blvd|Rd|Dr|Ln|Pkwy|Hwy)\b"
    r"(?P<stop>\.)?(?=\s*(?:[,;.)!?]|$)|\s+[a-zß-ÿ])"
)
_SUITE: Final = re.compile(
    r"\b(?P<kind>Suite|Ste|Apartment|Apt|Room|Rm|Unit|Floor|Fl|Bldg|Building)\b\.?\s?#?(?P<number>\d+)\b"
)
_SUITES: Final = {"Ste": "Suite", "Rm": "Room", "Fl": "Floor", "Bldg": "Building"}
_STATE_ZIP: Final = re.compile(
    rf"\b(?P<state>{'|'.join(_STATES)})\b\.?,?\s+(?P<zip>\d{{5}})(?:-(?P<plus>\d{{4}}))?(?![\w-])"
)
_STATE: Final = re.compile(
    rf"(?<=, )({'|'.join(sorted(set(_STATES) - _WORDLIKE))})(?=[,.;!?)]|$|\s[a-z])"
)
_ZIP_PLUS: Final = re.compile(r"(?<![\w$.,/-])(\d{5})-(\d{4})(?![\w-])")
_CONTINUES: Final = re.compile(r"\s*[,;]|\s+(?:Suite|Ste|Apt|Unit|Floor|Fl|Room|Rm|Bldg|[a-zß-ÿ#])")


def rewrite(text: str, grammar: Grammar) -> str:
    """Streets with their numbers, suites, states and zip codes."""
    text = _STATE_ZIP.sub(lambda found: _state_zip(found, grammar), text)
    text = _ZIP_PLUS.sub(
        lambda found: f"{grammar.spell(found[1])}, {grammar.spell(found[2])}", text
    )
    text = _STATE.sub(lambda found: _state(found[1]), text)
    text = _STREET.sub(lambda found: _street(found, grammar), text)
    text = _NAMED_STREET.sub(
        lambda found: f"{found['name']} {_STREETS[found['type']]}{_stop(found)}", text
    )
    return _SUITE.sub(lambda found: _suite(found, grammar), text)


def _state(code: str) -> str:
    return _STATES[code].replace("_", " ")


def _state_zip(found: re.Match[str], grammar: Grammar) -> str:
    spoken = f"{_state(found['state'])}, {grammar.spell(found['zip'])}"
    return f"{spoken}, {grammar.spell(found['plus'])}" if found["plus"] else spoken


def _street(found: re.Match[str], grammar: Grammar) -> str:
    parts = [grammar.house_number(found["house"])]
    if found["letter"]:
        parts.append(found["letter"])
    if found["before"]:
        parts.append(_DIRECTIONS[found["before"]])
    parts += [found["name"], _STREETS.get(found["type"], found["type"])]
    if found["behind"]:
        return " ".join((*parts, _DIRECTIONS[found["behind"]]))
    return " ".join(parts) + _stop(found)


def _stop(found: re.Match[str]) -> str:
    """The full stop of "St." when it also ends the sentence."""
    if found["stop"] and not _CONTINUES.match(found.string, found.end()):
        return "."
    return ""


def _suite(found: re.Match[str], grammar: Grammar) -> str:
    kind = found["kind"]
    kind = grammar.words.apartment if kind == "Apt" else _SUITES.get(kind, kind)
    return f"{kind} {grammar.house_number(found['number'])}"
