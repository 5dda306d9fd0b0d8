"""Amounts of money, written with the sign before or behind."""

import re
from functools import cache
from typing import Final

from annie.speech.mouth.speakable.grammar import Grammar
from annie.speech.mouth.speakable.lexicon import Currency

#: What is written → key of ``Lexicon.currencies``.
_SIGNS: Final = {
    "US$": "$",
    "$US": "$",
    "USD": "$",
    "$": "$",
    "EUR": "€",
    "€": "€",
    "GBP": "£",
    "£": "£",
    "CA$": "CAD",
    "C$": "CAD",
    "$CA": "CAD",
    "CAD": "CAD",
    "MX$": "MXN",
    "MXN": "MXN",
    "¥": "¥",
    "JPY": "¥",
}
#: Names behind an amount with cents: "129.50 dollars" is not "point five zero".
_NAMES: Final = {
    "dollars": "$",
    "dollar": "$",
    "dólares": "$",
    "dólar": "$",
    "euros": "€",
    "euro": "€",
    "pesos": "MXN",
    "pounds": "£",
}


def rewrite(text: str, grammar: Grammar) -> str:
    """Prices in ``text``: $129.50, 129,50 €, $10–20, $1.5 million, $20/hour, 50¢."""
    return _patterns(grammar).rewrite(text)


@cache
def _patterns(grammar: Grammar) -> "_Patterns":
    return _Patterns(grammar)


class _Patterns:
    """Expressions of one language's way to write numbers."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        number = rf"(?:{grammar.words.number_pattern}|\d+,\d{{2}}(?!\d))"
        amount = rf"(?:\d+,\d{{2}}(?![\d,])|{number})"
        sign = "|".join(re.escape(name) for name in sorted(_SIGNS, key=len, reverse=True))
        magnitude = "|".join(sorted(grammar.words.magnitudes, key=len, reverse=True))
        large = rf"(?:\s?(?P<large>{magnitude})(?!\w))?"
        per = r"(?:\s?/\s?(?P<per>[^\W\d_]+))?"
        self._range = re.compile(
            rf"(?<!\w)(?P<sign>{sign})\s?(?P<first>{amount})\s?[-–—]\s?(?:{sign})?\s?"
            rf"(?P<amount>{amount})(?![\w/]){large}{per}"
        )
        self._before = re.compile(
            rf"(?P<minus>(?<!\w)[-–])?(?<!\w)(?P<sign>{sign})\s?(?P<amount>{amount}){large}"
            rf"(?:\s?(?:USD|CAD|MXN|EUR))?{per}"
        )
        self._behind_range = re.compile(
            rf"(?<![\w.,])(?P<first>{amount})\s?[-–—]\s?(?={amount}\s?(?:{sign})(?!\w))"
        )
        self._behind = re.compile(
            rf"(?P<minus>(?<!\w)[-–])?(?<![\w.,])(?P<amount>{amount}){large}\s?"
            rf"(?P<sign>{sign})(?!\w){per}"
        )
        names = "|".join(sorted(_NAMES, key=len, reverse=True))
        self._named = re.compile(rf"(?<![\w.,])(?P<amount>\d[\d.,]*[.,]\d\d)\s(?P<name>{names})\b")
        self._cents = re.compile(r"(?<![\w.,])(\d{1,2})\s?¢")

    def rewrite(self, text: str) -> str:
        text = self._range.sub(self._say_range, text)
        text = self._before.sub(self._say, text)
        text = self._behind_range.sub(
            lambda found: f"{self._grammar.number(found['first'])} {self._grammar.words.to} ", text
        )
        text = self._behind.sub(self._say, text)
        text = self._named.sub(
            lambda found: self._money(found["amount"], self._currency(_NAMES[found["name"]])), text
        )
        return self._cents.sub(self._say_cents, text)

    def _currency(self, key: str) -> Currency:
        return self._grammar.words.currencies[key]

    def _say(self, found: re.Match[str]) -> str:
        currency = self._currency(_SIGNS[found["sign"]])
        spoken = self._large(found, currency) or self._money(found["amount"], currency)
        if found["minus"]:
            spoken = f"{self._grammar.words.minus} {spoken}"
        return spoken + self._per(found)

    def _say_range(self, found: re.Match[str]) -> str:
        currency = self._currency(_SIGNS[found["sign"]])
        whole, _, cents = self._grammar.parse(found["first"])
        # Cents need the name of the unit on both sides.
        first = self._money(found["first"], currency) if cents else self._grammar.whole(whole)
        last = self._large(found, currency) or self._money(found["amount"], currency)
        return f"{first} {self._grammar.words.to} {last}{self._per(found)}"

    def _say_cents(self, found: re.Match[str]) -> str:
        cent = self._currency("$").cent
        count = self._grammar.cardinal(int(found[1]), counting=True)
        return f"{count} {cent.of(found[1])}"

    def _large(self, found: re.Match[str], currency: Currency) -> str:
        if not found["large"]:
            return ""
        large = self._grammar.words.magnitudes[found["large"]]
        count = self._grammar.number(found["amount"], counting=True)
        return f"{count} {self._grammar.magnitude(large, currency.unit.many)}"

    def _per(self, found: re.Match[str]) -> str:
        written = found["per"]
        if not written:
            return ""
        unit = self._grammar.words.units.get(written)
        return f" {self._grammar.words.per} {unit.one if unit else written}"

    def _money(self, amount: str, currency: Currency) -> str:
        whole, separator, cents = self._grammar.parse(amount)
        if len(cents) > 2:
            decimals = self._grammar.decimals(separator, cents)
            return f"{self._grammar.whole(whole or '0')} {decimals} {currency.unit.many}"
        return self._grammar.money(whole or "0", cents.ljust(2, "0") if cents else "", currency)
