"""The caller's name: said in a sentence, said bare, or spelled."""

import re
from typing import Final

from annie.agent.understanding.words import STOP_WORDS, fold
from annie.kit.language import Language

_LEADS: Final[dict[Language, str]] = {
    Language.ENGLISH: (
        r"(?:my|the) (?:full )?name(?: is|'s|s)|my name|name is|(?:this|it) is|it's|i am|i'm|im"
        r"|call me"
        r"|put (?:it )?under|you can call me|speaking with|here is"
    ),
    Language.SPANISH: (
        r"(?:mi|el) nombre(?: completo)? es|mi nombre|me llamo|me llaman|yo soy|soy|habla(?: con)?"
        r"|le habla|de parte de|es"
    ),
    Language.FRENCH: (
        r"(?:mon|le) nom(?: complet)?,? (?:c'est|est)|mon nom|je m'appelle|je mappelle|je suis"
        r"|moi c'est"
        r"|c'est|ici|au nom de|de la part de|appelez-moi"
    ),
}
#: Words that end a name, or are never one.
_STOPS: Final[dict[Language, str]] = {
    Language.ENGLISH: (
        "and calling from with my phone number i i'm here speaking about regarding at for "
        "because so "
        "but the a an is it's it that's that thanks thank you please yes yeah yep no nope not "
        "ok okay "
        "sure hello hi well um uh message want need would could can do does what when where "
        "how why "
        "who your are there back later again "
        "correct right first last name spelled spelling which just sorry "
        "wrong incorrect misspelled "
        "calling wondering looking trying hoping wait hold leave tell ask appointment question"
    ),
    Language.SPANISH: (
        "y llamo llamando con mi numero telefono yo soy estoy aqui sobre para porque pero el "
        "un una es "
        "eso gracias por favor si no ok vale hola bueno mensaje quiero necesito puede podria "
        "que cuando "
        "donde como cuanto quien su hay otra vez correcto nombre apellido se escribe perdon espere "
        "dejar cita pregunta claro mal incorrecto equivocado"
    ),
    Language.FRENCH: (
        "et j'appelle appelle avec mon ma numero telephone je j'ai suis ici pour parce mais un "
        "une est "
        "c'est ca merci s'il vous plait oui non ok d'accord bonjour euh message veux voudrais "
        "peux que "
        "quand ou comment combien qui votre il y encore exact nom prenom s'ecrit pardon attendez "
        "laisser rendez-vous question bien sur faux incorrect mauvais"
    ),
}
_PARTICLE_TEXT: Final = """
    de la del los las da das do dos di du des van von der den le el al bin ibn mac mc st saint
"""
_PARTICLES: Final = frozenset(_PARTICLE_TEXT.split())
_TOKEN: Final = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?", re.UNICODE)
_TITLE_TEXT: Final = """
    mr mrs ms miss dr doctor sir madam senor senora sr sra don dona monsieur madame mme mlle
"""
_TITLES: Final = frozenset(_TITLE_TEXT.split())
_AS_IN: Final = re.compile(
    r"\b([a-z])\s+(?:as in|like|for|como(?: en)?|de|comme)\s+[^\W\d_]+", re.I
)
_LONGEST: Final = 4


def parse_name(text: str, language: Language, *, bare: bool = True) -> str:
    """The name in ``text`` with capitals, empty if there is none.

    ``bare``: also when it stands alone, as in the answer to a question for the name.
    """
    cleaned = text.replace("’", "'").strip()
    lead = re.search(
        rf"(?:^|[\s,.;:!¡¿])(?:{_LEADS[language]})[\s,:]+(?=\S)", cleaned, re.IGNORECASE
    )
    if lead is None and not bare:
        return ""
    if lead is None and "?" in cleaned:
        return ""
    for part in ([cleaned[lead.end() :]] if lead else []) + ([cleaned] if bare else []):
        if name := _from_words(part, language):
            return name
    return ""


def _from_words(text: str, language: Language) -> str:
    spelled_text = _AS_IN.sub(r"\1", text)
    found: list[str] = []
    letters = ""
    for match in _TOKEN.finditer(spelled_text):
        token = match[0].rstrip(".")
        folded = fold(token)
        parts = folded.split("-")
        if len(folded) == 1 or (len(parts) > 2 and all(len(part) == 1 for part in parts)):
            letters += folded.replace("-", "")
            continue
        if letters and len(letters) > 1:
            break
        if _stops(folded, language, found):
            if found:
                break
            continue
        if folded in _TITLES and not found:
            continue
        found.append(_capitalized(token, folded))
        if len(found) > _LONGEST:
            return ""
    if len(letters) > 1:
        return _with_spelling(found, letters)
    while found and fold(found[-1]) in _PARTICLES:
        found.pop()
    return " ".join(found)


def _stops(folded: str, language: Language, found: list[str]) -> bool:
    if folded in _STOPS[language].split():
        return True
    if folded in _PARTICLES:
        # "de la Cruz" continues a name; it rarely begins one.
        return not found and language is not Language.ENGLISH and folded in STOP_WORDS[language]
    return folded in STOP_WORDS[language] and folded not in ("bueno", "may", "will", "mark")


def _capitalized(token: str, folded: str) -> str:
    if folded in _PARTICLES or (token[0].isupper() and not token.isupper()):
        return token
    return "-".join(part[:1].upper() + part[1:].lower() for part in token.split("-"))


def _with_spelling(found: list[str], letters: str) -> str:
    """Spelled letters say how the last name is written; bare ones are the name."""
    spelled = letters.capitalize()
    if not found:
        return spelled
    last = fold(found[-1])
    # "John S" is an initial, "Smith S M I T H" a spelling, "John S M I T H" a surname.
    alike = last[0] == letters[0] and abs(len(last) - len(letters)) <= 3
    return " ".join([*(found[:-1] if alike else found), spelled])
